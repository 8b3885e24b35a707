/** Numbers and tables as text, for the terminal and for the results' Markdown. */

/** Three significant digits, without exponents: 0.00123, 4.57, 312, 15400. */
export function digits(value: number | undefined, significant = 3): string {
  if (value === undefined || !Number.isFinite(value)) return '-';
  if (value === 0) return '0';
  const decimals = Math.max(0, significant - 1 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 8));
}

/** `4.6x`: how many times. */
export const times = (value: number | undefined): string => {
  if (value === undefined || !Number.isFinite(value)) return '-';
  return `${value.toFixed(value < 20 ? 1 : 0)}x`;
};

/** `1.2 MB`, in powers of 1000. */
export function bytesText(bytes: number | undefined): string {
  if (bytes === undefined) return '-';
  const units = ['B', 'kB', 'MB', 'GB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${digits(bytes / 1000 ** power)} ${units[power]}`;
}

/** `2:05`, minutes and seconds. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/**
 * A Markdown table, padded so that it reads in a terminal too. Columns of figures stand to the right.
 *
 * @throws RangeError where a row has another number of cells than the head
 */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const odd = rows.find((row) => row.length !== head.length);
  if (odd !== undefined) throw new RangeError(`a row has ${odd.length} cells, not ${head.length}`);
  const safe = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const right = head.map((_, j) => safe.length > 0 && safe.every((row) => /^[-+~≤<]?\d|^-$/.test(row[j]!)));
  const widths = head.map((title, j) => Math.max(3, title.length, ...safe.map((row) => row[j]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, j) => (right[j] ? cell.padStart(widths[j]!) : cell.padEnd(widths[j]!))).join(' | ')} |`;
  const rule = widths.map((width, j) => (right[j] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(head), `| ${rule.join(' | ')} |`, ...safe.map(line)].join('\n');
}
