import type { Table } from '../../lib/table/index.ts';

/** Nines and minus ones, as people write where a number is missing. */
const USUAL = new Set([
  -1, -9, -99, -999, -9999, -99999, 99, 999, 9999, 99999, 999999, 9999999, 99999999, 999999999,
]);
/** Rarer ones may be chance. */
const LEAST_SHARE = 0.005;
const LEAST_ROWS = 5;
/** It stands so far from the nearest other value, in widths of all others. */
const FAR = 1;

/** A number that probably says that there is none. */
export interface Sentinel {
  column: string;
  value: number;
  rows: number;
}

/**
 * Numbers such as 999 and -1 that stand in several rows, at the end of a column's values and apart from all others: an age
 * of 999 is none. A column that holds -1, 0, 1 has its -1 near the others.
 */
export function findSentinels(table: Table, target: string): Sentinel[] {
  const found: Sentinel[] = [];
  for (const column of table.columns) {
    if (column.name === target || (column.kind !== 'integer' && column.kind !== 'number')) continue;
    const counts = new Map<number, number>();
    let present = 0;
    for (const value of column.values) {
      if (Number.isNaN(value)) continue;
      present++;
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const values = Float64Array.from(counts.keys()).sort();
    for (const value of [values[0], values.at(-1)]) {
      const rows = counts.get(value!) ?? 0;
      if (!USUAL.has(value!) || rows < Math.max(LEAST_ROWS, LEAST_SHARE * present) || values.length < 4)
        continue;
      const others = value === values[0] ? values.subarray(1) : values.subarray(0, -1);
      const [low, high] = [others[0]!, others.at(-1)!];
      const gap = value! < low ? low - value! : value! - high;
      if (gap > FAR * (high - low)) found.push({ column: column.name, value: value!, rows });
    }
  }
  return found;
}
