/**
 * A count as people read it: `1 row`, `12,345 rows`, `0 classes`. The one way in which texts of the CLI, the console, notes and
 * reasons tell how many there are of something.
 *
 * @param more the plural, where it is not `one` and an s
 * @example counted(1_000_000, 'row'); // '1,000,000 rows'
 */
export const counted = (count: number, one: string, more = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : more}`;

/** A whole number with its thousands apart: `12,345`. */
export const grouped = (count: number): string => count.toLocaleString('en-US');
