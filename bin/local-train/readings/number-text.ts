/** How the numbers of a column are written: `$1,234.50`, `12 %`, `1.234,5`, `3.5k`, `120 km`, `13:45`. */
export interface NumberStyle {
  kind: 'number';
  /** What stands before the fraction; the other one of comma and point parts thousands. */
  decimal: '.' | ',';
  /** A currency before or after every number that has one. */
  currency?: string | undefined;
  /** What is counted, after every number that has it: `%`, `km`, `th`. */
  unit?: string | undefined;
  /** Letters behind a number multiply it: k, M, B. */
  multiples?: boolean | undefined;
}

/** `13:45` as hours. */
export interface ClockStyle {
  kind: 'number';
  clock: true;
}

const CURRENCY =
  /^(?:[$€£¥₹₽₩₺]|[A-Z]{1,2}\$|kr\.?|zł|Rs\.?|USD|EUR|GBP|CHF|JPY|CNY|INR|SEK|NOK|DKK|PLN|CAD|AUD)$/i;
/** Sign, what stands before the digits, digits with their points and blanks, what stands behind. */
const PARTS =
  /^(-|\+|−)?\s*([^\d\s.,+\-−]{0,4})\s*(-|−)?\s*(\d(?:[\d.,'’\u00a0\u202f ]*\d)?)\s*([^\d\s][^\d]{0,11})?$/u;
const POINT = /^(?:\d+|[1-9]\d{0,2}(?:([,'’ ])\d{3})(?:\1\d{3})*)(?:\.\d+)?$/;
const COMMA = /^(?:\d+|[1-9]\d{0,2}(?:([.'’ ])\d{3})(?:\1\d{3})*)(?:,\d+)?$/;
const UNIT = /^(?:[%°º′″"'+]|[\p{L}°µ%][\p{L}\d°²³µ./%·+]*)$/u;
const MULTIPLES = new Map([
  ['k', 1e3],
  ['K', 1e3],
  ['m', 1e6],
  ['M', 1e6],
  ['b', 1e9],
  ['B', 1e9],
  ['bn', 1e9],
]);

interface Parts {
  negative: boolean;
  digits: string;
  currency: string | undefined;
  unit: string | undefined;
}

/** Undefined where the text is no number with something around it. */
function partsOf(text: string): Parts | undefined {
  const bracketed = /^\((.+)\)$/.exec(text);
  const found = PARTS.exec(bracketed?.[1] ?? text);
  if (found === null) return undefined;
  const [, sign, before = '', inner, digits, behind = ''] = found;
  const trailing = behind.trim();
  const currency = before !== '' ? before : CURRENCY.test(trailing) ? trailing : undefined;
  if (before !== '' && !CURRENCY.test(before)) return undefined;
  const unit = trailing === '' || trailing === currency ? undefined : trailing;
  if (unit !== undefined && !UNIT.test(unit)) return undefined;
  const minus = [sign, inner].filter((one) => one === '-' || one === '−').length;
  if (minus > 1 || (bracketed && minus > 0)) return undefined;
  return {
    negative: minus === 1 || bracketed !== null,
    digits: digits!.replace(/[\u00a0\u202f]/g, ' '),
    currency,
    unit,
  };
}

/** The number that the text writes in this style; NaN where it writes none. */
export function numberIn(text: string, style: NumberStyle | ClockStyle): number {
  if ('clock' in style) return hoursIn(text);
  const parts = partsOf(text);
  if (parts === undefined) return Number.NaN;
  const { digits, currency, unit, negative } = parts;
  if (currency !== undefined && currency !== style.currency) return Number.NaN;
  const factor =
    unit === undefined || unit === style.unit ? 1 : style.multiples ? MULTIPLES.get(unit) : undefined;
  if (factor === undefined || !(style.decimal === '.' ? POINT : COMMA).test(digits)) return Number.NaN;
  const plain =
    style.decimal === '.' ? digits.replace(/[,'’ ]/g, '') : digits.replace(/[.'’ ]/g, '').replace(',', '.');
  const value = Number(plain) * factor;
  return negative ? -value : value;
}

/** `7:05`, `19:05:30`, `7:05 PM` as hours of the day. */
function hoursIn(text: string): number {
  const found = /^(\d{1,3}):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?\s*(?:([ap])\.?m\.?)?$/i.exec(text);
  if (found === null) return Number.NaN;
  const [, hour, minute, second = '0', half] = found;
  const hours =
    half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  return hours + Number(minute) / 60 + Number(second) / 3600;
}

/**
 * Styles in which the texts may be numbers: at most one currency and one unit in a column, since amounts in several
 * are no numbers that compare.
 */
export function numberStyles(texts: readonly string[]): (NumberStyle | ClockStyle)[] {
  const currencies = new Set<string>();
  const units = new Set<string>();
  for (const text of texts) {
    const parts = partsOf(text);
    if (parts?.currency !== undefined) currencies.add(parts.currency);
    if (parts?.unit !== undefined) units.add(parts.unit);
  }
  const multiples = units.size > 0 && [...units].every((unit) => MULTIPLES.has(unit));
  if (currencies.size > 1 || (units.size > 1 && !multiples)) return [{ kind: 'number', clock: true }];
  const [currency] = currencies;
  const [unit] = multiples ? [] : units;
  const around = { ...(currency && { currency }), ...(unit && { unit }), ...(multiples && { multiples }) };
  return [
    { kind: 'number', decimal: '.', ...around },
    { kind: 'number', decimal: ',', ...around },
    { kind: 'number', clock: true },
  ];
}
