/** The order of the parts of a date that ISO 8601 does not write. */
export type DateOrder = 'day-first' | 'month-first' | 'year-first' | 'month-name' | 'year-month' | 'compact';

export const DATE_ORDERS: readonly DateOrder[] = [
  'year-first',
  'month-first',
  'day-first',
  'month-name',
  'year-month',
  'compact',
];

const TIME = String.raw`(?:[T,\s]\s*(\d{1,2})(?::(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*([ap])?\.?(?:m\.?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?`;
const WEEKDAY = String.raw`(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?`;
const MONTH = String.raw`([a-z]{3,9})\.?`;
const pattern = (date: string): RegExp => new RegExp(`^${WEEKDAY}${date}${TIME}$`, 'i');

/** Each pattern with the places of year, month and day among its groups. */
const PATTERNS: Record<DateOrder, readonly { regex: RegExp; year: number; month: number; day: number }[]> = {
  'year-first': [
    { regex: pattern(String.raw`(\d{4})([./-])(\d{1,2})\2(\d{1,2})`), year: 1, month: 3, day: 4 },
  ],
  'month-first': [
    { regex: pattern(String.raw`(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})`), month: 1, day: 3, year: 4 },
  ],
  'day-first': [
    { regex: pattern(String.raw`(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})`), day: 1, month: 3, year: 4 },
  ],
  'month-name': [
    {
      regex: pattern(String.raw`(\d{1,2})([\s-]|\.\s*)${MONTH}[\s,-]\s*(\d{4}|\d{2})`),
      day: 1,
      month: 3,
      year: 4,
    },
    {
      regex: pattern(String.raw`${MONTH}\s+(\d{1,2})(?:st|nd|rd|th)?(,?)\s+(\d{4})`),
      month: 1,
      day: 2,
      year: 4,
    },
    { regex: pattern(String.raw`${MONTH}(\s|-)()(\d{4}|\d{2})`), month: 1, day: 3, year: 4 },
  ],
  'year-month': [{ regex: pattern(String.raw`(\d{4})([./-])(\d{1,2})()`), year: 1, month: 3, day: 4 }],
  compact: [{ regex: pattern(String.raw`((?:19|20)\d{2})()(\d{2})(\d{2})`), year: 1, month: 3, day: 4 }],
};
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const NAMES = 'january february march april may june july august september october november december'.split(
  ' ',
);
/** Years of two digits up to this are of this century, as POSIX has it. */
const LAST_SHORT_YEAR = 68;

/** The moment in epoch milliseconds, UTC where no zone is named; NaN where the text is no date of that order. */
export function dateIn(text: string, order: DateOrder): number {
  for (const { regex, year, month, day } of PATTERNS[order]) {
    const found = regex.exec(text);
    if (found === null) continue;
    const [hour, minute, second, half, zone] = found.slice(5);
    return moment({
      year: yearOf(found[year]!),
      month: monthOf(found[month]!),
      day: found[day] === '' ? 1 : Number(found[day]),
      hour: hourOf(hour, half),
      minute: Number(minute ?? 0),
      second: Number(second ?? 0),
      zone,
    });
  }
  return Number.NaN;
}

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  zone: string | undefined;
}

function moment({ year, month, day, hour, minute, second, zone }: Parts): number {
  const date = new Date(Date.UTC(2000, 0, 1));
  date.setUTCFullYear(year, month - 1, day);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!exists || !(hour < 24) || minute > 59 || second > 60) return Number.NaN;
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 - zoneMillis(zone);
}

function yearOf(text: string): number {
  if (text.length > 2) return Number(text);
  return Number(text) + (Number(text) <= LAST_SHORT_YEAR ? 2000 : 1900);
}

function monthOf(text: string): number {
  if (/^\d/.test(text)) return Number(text);
  const name = text.toLowerCase();
  const at = MONTHS.indexOf(name.slice(0, 3));
  return at >= 0 && (NAMES[at]!.startsWith(name) || name === 'sept') ? at + 1 : Number.NaN;
}

function hourOf(hour: string | undefined, half: string | undefined): number {
  const value = Number(hour ?? 0);
  if (half === undefined) return value;
  return value >= 1 && value <= 12 ? (value % 12) + (half.toLowerCase() === 'p' ? 12 : 0) : Number.NaN;
}

function zoneMillis(zone: string | undefined): number {
  if (zone === undefined || !/^[+-]/.test(zone)) return 0;
  const digits = zone.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000;
}
