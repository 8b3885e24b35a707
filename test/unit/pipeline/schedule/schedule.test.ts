import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadDefinitionError } from '../../../../lib/errors/index.ts';
import { nextFiring, parseSchedule } from '../../../../lib/pipeline/schedule/index.ts';

const next = (expression: string, after: string, last?: string) =>
  nextFiring(
    parseSchedule(expression),
    new Date(after),
    last === undefined ? undefined : new Date(last),
  )?.toISOString();

describe('the next firing of cron(...)', () => {
  it('is what pyawscron says, for expressions of every kind', () => {
    const samples = JSON.parse(readFileSync(new URL('next-firings.json', import.meta.url), 'utf8')) as [
      string,
      string,
      string | null,
    ][];
    expect(samples.length).toBeGreaterThan(90);
    for (const [expression, after, expected] of samples) {
      const want = expected === null ? undefined : new Date(expected).toISOString();
      expect([expression, after, next(`cron(${expression})`, after)]).toEqual([expression, after, want]);
    }
  });

  it.each([
    // What pyawscron has no answer for, by the calendar.
    ['cron(15 22 29 2 ? *)', '2026-05-16T00:00:00Z', '2028-02-29T22:15:00.000Z'],
    ['cron(59 23 31 * ? *)', '2026-04-02T00:00:00Z', '2026-05-31T23:59:00.000Z'],
    ['cron(0 0 ? * L *)', '2026-11-22T04:00:00Z', '2026-11-28T00:00:00.000Z'],
    ['cron(12 4 1,15,L * ? *)', '2026-02-15T04:12:00Z', '2026-02-28T04:12:00.000Z'],
    // The month begins on a Saturday: its first weekday is Monday the 3rd, never a day of the month before.
    ['cron(0 0 1W * ? *)', '2026-07-15T00:00:00Z', '2026-08-03T00:00:00.000Z'],
    // The month ends on a Sunday: Friday before it.
    ['cron(0 0 31W * ? *)', '2026-05-02T00:00:00Z', '2026-05-29T00:00:00.000Z'],
    ['cron(0 3 * * ? *)', '2026-12-31T03:00:00Z', '2027-01-01T03:00:00.000Z'],
  ])('%s after %s is %s', (expression, after, expected) => {
    expect(next(expression, after)).toBe(expected);
  });

  it('is none where the years are over, or the day never comes', () => {
    expect(next('cron(0 0 1 1 ? 2020)', '2026-01-01T00:00:00Z')).toBeUndefined();
    expect(next('cron(0 0 30 2 ? *)', '2026-01-01T00:00:00Z')).toBeUndefined();
  });

  it('is the first minute after now that matches, whatever the numbers', () => {
    const minute = fc.integer({ min: 0, max: 59 });
    const hour = fc.integer({ min: 0, max: 23 });
    const weekday = fc.integer({ min: 1, max: 7 });
    const at = fc.date({
      min: new Date('2026-01-01T00:00:00Z'),
      max: new Date('2031-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(minute, hour, weekday, at, (m, h, d, after) => {
        const found = nextFiring(parseSchedule(`cron(${m} ${h} ? * ${d} *)`), after)!;
        let time = Math.floor(after.getTime() / 60_000) * 60_000 + 60_000;
        const matches = (ms: number) => {
          const date = new Date(ms);
          return date.getUTCMinutes() === m && date.getUTCHours() === h && date.getUTCDay() + 1 === d;
        };
        while (!matches(time)) time += 60_000;
        expect(found.getTime()).toBe(time);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the next firing of rate(...)', () => {
  it('counts from the last one', () => {
    expect(next('rate(5 minutes)', '2026-01-01T00:12:00Z', '2026-01-01T00:01:00Z')).toBe(
      '2026-01-01T00:16:00.000Z',
    );
    expect(next('rate(1 day)', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')).toBe(
      '2026-01-02T00:00:00.000Z',
    );
    expect(next('rate(2 hours)', '2026-01-01T00:00:00Z', '2026-01-01T00:30:00Z')).toBe(
      '2026-01-01T02:30:00.000Z',
    );
  });

  it('is not known before the first', () => {
    expect(next('rate(1 hour)', '2026-01-01T00:00:00Z')).toBeUndefined();
  });
});

describe('an expression that EventBridge refuses', () => {
  it.each([
    ['every day', 'neither cron(...) nor rate(...)'],
    ['cron(0 3 * * ?)', 'has 5 fields, not 6'],
    ['cron(0 3 * * ? * *)', 'has 7 fields, not 6'],
    ['cron(0 3 * * * *)', 'exactly one of day-of-month and day-of-week is "?"'],
    ['cron(0 3 ? * ? *)', 'exactly one of day-of-month and day-of-week is "?"'],
    ['cron(60 3 * * ? *)', 'minutes: "60" is not from 0 to 59'],
    ['cron(0 3 * 13 ? *)', 'month: "13" is not from 1 to 12'],
    ['cron(0 3 ? * 0 *)', 'day-of-week: "0" is not from 1 to 7'],
    ['cron(0 3 ? * MON#6 *)', 'is not such as 3#2'],
    ['cron(0 17-8 * * ? *)', 'the range "17-8" goes down'],
    ['cron(0/0 3 * * ? *)', 'has no step of 1 and more'],
    ['cron(0 3 * * ? 1969)', 'year: "1969" is not from 1970 to 2199'],
    ['rate(1 days)', 'is not such as rate(1 day) or rate(5 minutes)'],
    ['rate(5 minute)', 'is not such as rate(1 day) or rate(5 minutes)'],
    ['rate(0 minutes)', 'is not such as rate(1 day) or rate(5 minutes)'],
    ['rate(1 week)', 'is not such as rate(1 day) or rate(5 minutes)'],
  ])('%s is told why', (expression, reason) => {
    expect(() => parseSchedule(expression)).toThrow(BadDefinitionError);
    expect(() => parseSchedule(expression)).toThrow(reason);
  });
});
