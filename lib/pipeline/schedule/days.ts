import { badSchedule, FIELDS, numberOf, numbersOf } from './field.ts';

/** Which days of one month a schedule fires on. `month` counts from 1. */
export type Days = (year: number, month: number) => number[];

export const lengthOf = (year: number, month: number): number =>
  new Date(Date.UTC(year, month, 0)).getUTCDate();

/** 1 is Sunday, as EventBridge counts; JavaScript begins at 0. */
const weekdayOf = (year: number, month: number, day: number): number =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;

/** The two fields of days: exactly one of them is `?`. @throws BadDefinitionError */
export function daysOf(monthdays: string, weekdays: string): Days {
  if ((monthdays === '?') === (weekdays === '?')) {
    throw badSchedule('exactly one of day-of-month and day-of-week is "?"');
  }
  const parts = (weekdays === '?' ? monthdays : weekdays).split(',');
  const each = parts.map(weekdays === '?' ? monthdayOf : weekdayPart);
  return (year, month) => [...new Set(each.flatMap((days) => days(year, month)))].sort((a, b) => a - b);
}

/** `L`: the month's last day. `15W`: the weekday (Monday to Friday) nearest to the 15th, in the same month. */
function monthdayOf(part: string): Days {
  if (part === 'L') return (year, month) => [lengthOf(year, month)];
  if (part.endsWith('W')) {
    const day = numberOf(FIELDS.day, part.slice(0, -1));
    return (year, month) => nearestWorkday(year, month, day);
  }
  const days = numbersOf(FIELDS.day, part);
  return (year, month) => days.filter((day) => day <= lengthOf(year, month));
}

function nearestWorkday(year: number, month: number, day: number): number[] {
  const last = lengthOf(year, month);
  if (day > last) return [];
  const weekday = weekdayOf(year, month, day);
  if (weekday === 7) return [day === 1 ? 3 : day - 1];
  if (weekday === 1) return [day === last ? day - 2 : day + 1];
  return [day];
}

/** `L`: Saturday, the week's last day. `5L`: the month's last Thursday. `3#2`: its second Tuesday. */
function weekdayPart(part: string): Days {
  if (part === 'L') return onWeekdays([7]);
  if (part.endsWith('L')) {
    const weekday = numberOf(FIELDS.weekday, part.slice(0, -1));
    return (year, month) => onWeekdays([weekday])(year, month).slice(-1);
  }
  const [name = '', nth, ...more] = part.split('#');
  if (nth === undefined) return onWeekdays(numbersOf(FIELDS.weekday, part));
  if (more.length > 0 || !/^[1-5]$/.test(nth)) {
    throw badSchedule(`day-of-week: "${part}" is not such as 3#2, the second Tuesday`);
  }
  const weekday = numberOf(FIELDS.weekday, name);
  return (year, month) => onWeekdays([weekday])(year, month).slice(Number(nth) - 1, Number(nth));
}

const onWeekdays =
  (weekdays: readonly number[]): Days =>
  (year, month) =>
    Array.from({ length: lengthOf(year, month) }, (_, i) => i + 1).filter((day) =>
      weekdays.includes(weekdayOf(year, month, day)),
    );
