import { type Days, daysOf } from './days.ts';
import { badSchedule, FIELDS, numbersOf } from './field.ts';

/**
 * The dialect of EventBridge rules, of which no library that is kept up reads all (`L`, `15W`, `3#2`, years, 1 for Sunday):
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html. Rules know UTC alone.
 */
export type Schedule =
  | { kind: 'rate'; milliseconds: number }
  | { kind: 'cron'; minutes: number[]; hours: number[]; months: number[]; years: number[]; days: Days };

const UNITS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Reads `cron(0 3 * * ? *)` or `rate(5 minutes)`. @throws BadDefinitionError naming the field that is wrong */
export function parseSchedule(expression: string): Schedule {
  const [, kind, body = ''] = /^(cron|rate)\((.+)\)$/.exec(expression.trim()) ?? [];
  if (kind === 'rate') return rateOf(body);
  if (kind !== 'cron') throw badSchedule(`"${expression}" is neither cron(...) nor rate(...)`);
  const fields = body.trim().split(/\s+/);
  const [minutes, hours, monthdays, months, weekdays, years, ...more] = fields;
  if (years === undefined || more.length > 0) {
    throw badSchedule(`"${expression}" has ${fields.length} fields, not 6`);
  }
  return {
    kind: 'cron',
    minutes: numbersOf(FIELDS.minute, minutes!),
    hours: numbersOf(FIELDS.hour, hours!),
    days: daysOf(monthdays!, weekdays!),
    months: numbersOf(FIELDS.month, months!),
    years: numbersOf(FIELDS.year, years),
  };
}

function rateOf(body: string): Schedule {
  const [, count = '', unit = '', plural] = /^(\d{1,6}) (minute|hour|day)(s?)$/.exec(body.trim()) ?? [];
  const value = Number(count);
  // EventBridge refuses `1 days` and `2 day`, too.
  if (!(value >= 1) || (value === 1) === (plural === 's')) {
    throw badSchedule(`rate(${body}) is not such as rate(1 day) or rate(5 minutes)`);
  }
  return { kind: 'rate', milliseconds: value * UNITS[unit]! };
}

/**
 * When the schedule fires next, strictly after `after`; undefined where it never does again. A rate counts from when its
 * rule was made, which only EventBridge knows: from `lastFired` on it can be told, and without one it is not.
 */
export function nextFiring(schedule: Schedule, after: Date, lastFired?: Date): Date | undefined {
  if (schedule.kind === 'cron') return nextOfCron(schedule, after);
  if (lastFired === undefined) return undefined;
  const { milliseconds } = schedule;
  const passed = Math.max(0, after.getTime() - lastFired.getTime());
  return new Date(lastFired.getTime() + (Math.floor(passed / milliseconds) + 1) * milliseconds);
}

function nextOfCron(cron: Extract<Schedule, { kind: 'cron' }>, after: Date): Date | undefined {
  for (const year of cron.years) {
    if (year < after.getUTCFullYear()) continue;
    for (const month of cron.months) {
      if (Date.UTC(year, month) <= after.getTime()) continue;
      for (const day of cron.days(year, month)) {
        if (Date.UTC(year, month - 1, day + 1) <= after.getTime()) continue;
        for (const hour of cron.hours) {
          for (const minute of cron.minutes) {
            const time = Date.UTC(year, month - 1, day, hour, minute);
            if (time > after.getTime()) return new Date(time);
          }
        }
      }
    }
  }
  return undefined;
}
