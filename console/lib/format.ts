/** How values are shown. Pure, so that tests need no page. */

/** Four digits that count, thousands apart; no exponent where a person can do without. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e12)) return value.toExponential(3);
  // What four digits round up to a thousand is shown as one.
  const short = Number(value.toPrecision(4));
  if (Math.abs(short) >= 1000) return value.toLocaleString('en', { maximumFractionDigits: 0 });
  return String(short);
}

export const percent = (share: number): string => {
  const text = (share * 100).toFixed(share > 0 && share < 0.0005 ? 2 : 1);
  return `${text}\u00a0%`;
};

/** `1 h 4 min`, `12 s`, `340 ms`. */
export function duration(milliseconds: number): string {
  if (!(milliseconds >= 0)) return '';
  if (Math.round(milliseconds) < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  const units = ['kB', 'MB', 'GB', 'TB', 'PB'];
  let value = size / 1000;
  let unit = 0;
  // Three digits are shown: what they round up to a thousand is one of the next unit.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(3))} ${units[unit]}`;
}

/** How long ago, for a reader; the exact time stands in the element's title. */
export function ago(iso: string, now: number): string {
  const seconds = Math.round((now - Date.parse(iso)) / 1000);
  if (Number.isNaN(seconds)) return iso;
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return iso.slice(0, 10);
}

export interface Facts {
  status: string;
  startTime: string;
  endTime?: string | undefined;
  tags: Record<string, string>;
}

export const isOpen = ({ status }: Pick<Facts, 'status'>): boolean =>
  status === 'RUNNING' || status === 'SCHEDULED';

/** How long a run took, or has taken so far. */
export const ran = ({ startTime, endTime }: Facts, now: number): string =>
  duration((endTime === undefined ? now : Date.parse(endTime)) - Date.parse(startTime));
