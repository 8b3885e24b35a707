import { BadDefinitionError } from '../../errors/index.ts';

/** One field of a cron expression: which numbers it may hold, and the words that stand for them. */
export interface FieldSpec {
  name: string;
  min: number;
  max: number;
  /** `words[0]` stands for `min`. */
  words?: readonly string[];
}

export const FIELDS = {
  minute: { name: 'minutes', min: 0, max: 59 },
  hour: { name: 'hours', min: 0, max: 23 },
  day: { name: 'day-of-month', min: 1, max: 31 },
  month: {
    name: 'month',
    min: 1,
    max: 12,
    words: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  },
  weekday: {
    name: 'day-of-week',
    min: 1,
    max: 7,
    words: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
  },
  year: { name: 'year', min: 1970, max: 2199 },
} as const satisfies Record<string, FieldSpec>;

export const badSchedule = (message: string): BadDefinitionError =>
  new BadDefinitionError(message, {
    field: 'schedule',
    remedy:
      'Write cron(minutes hours day-of-month month day-of-week year) in UTC, with ? in one of the two days, such as cron(0 3 * * ? *); or rate(1 day).',
  });

/** A number, or the word for one. @throws BadDefinitionError */
export function numberOf(spec: FieldSpec, text: string): number {
  const word = spec.words?.indexOf(text.toUpperCase()) ?? -1;
  const value = word >= 0 ? spec.min + word : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= spec.min && value <= spec.max) return value;
  throw badSchedule(`${spec.name}: "${text}" is not from ${spec.min} to ${spec.max}`);
}

/** `*`, `5`, `1-5`, `0/15`, `10-40/10`, `*\/2`, several with commas: every number of the field, ascending. @throws BadDefinitionError */
export function numbersOf(spec: FieldSpec, text: string): number[] {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', step, ...more] = part.split('/');
    const every = step === undefined ? 1 : /^\d{1,4}$/.test(step) ? Number(step) : 0;
    if (more.length > 0 || every < 1) throw badSchedule(`${spec.name}: "${part}" has no step of 1 and more`);
    const [from, to] = boundsOf(spec, range, step !== undefined);
    for (let value = from; value <= to; value += every) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

function boundsOf(spec: FieldSpec, range: string, stepped: boolean): [number, number] {
  if (range === '*') return [spec.min, spec.max];
  const [first = '', last, ...more] = range.split('-');
  if (more.length > 0) throw badSchedule(`${spec.name}: "${range}" is no range`);
  const from = numberOf(spec, first);
  if (last === undefined) return [from, stepped ? spec.max : from];
  const to = numberOf(spec, last);
  if (to < from) throw badSchedule(`${spec.name}: the range "${range}" goes down`);
  return [from, to];
}
