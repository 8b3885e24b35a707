import type { Bins } from '../../bins/index.ts';
import { type GrowTask, MOST_FLOAT } from '../grown.ts';

/** What the splits of a node can tell apart. */
export interface Codes {
  /** The row's code; equal codes are never parted. */
  of(feature: number, row: number): number;
  /** Codes below are values in ascending order, or categories; this one is for what is missing. */
  valueCount(feature: number): number;
  /** The threshold of a split behind `code`, where `next` is the least code that goes right. */
  threshold(feature: number, code: number, next: number): number;
}

/** The bins themselves. */
export function binCodes(bins: Bins): Codes {
  return {
    of: (feature, row) => bins.codes[feature * bins.rows + row]!,
    valueCount: (feature) => bins.valueBins[feature]!,
    threshold: (feature, code, next) =>
      next >= bins.valueBins[feature]!
        ? MOST_FLOAT
        : bins.edges[feature]![middleBin(bins, feature, code, next)]!,
  };
}

/**
 * The last bin below the middle between two bins that no row of the node lies between: as in scikit-learn a threshold
 * is half way between the values it parts, here as far as the edges allow.
 */
function middleBin(bins: Bins, feature: number, code: number, next: number): number {
  const edges = bins.edges[feature]!;
  const middle = (edges[code]! + edges[next - 1]!) / 2;
  let bin = code;
  while (bin + 1 < next && edges[bin + 1]! <= middle) bin++;
  return bin;
}

/** For a subtree of few rows: where a bin holds several values, the values' ranks among the rows take its place. */
export function exactCodes({ bins }: GrowTask, rows: readonly number[]): Codes {
  const plain = binCodes(bins);
  const ranked = new Map<number, { values: number[]; ranks: Map<number, number> }>();
  for (let feature = 0; feature < bins.featureCount; feature++) {
    if (bins.coarse[feature] !== 1) continue;
    const own = bins.values[feature]!;
    const found = new Set(rows.map((row) => own[row]! + 0).filter((value) => !Number.isNaN(value)));
    const values = [...found].sort((a, b) => a - b);
    ranked.set(feature, { values, ranks: new Map(values.map((value, rank) => [value, rank])) });
  }
  return {
    of(feature, row) {
      const exact = ranked.get(feature);
      // What is missing has no rank.
      return exact === undefined
        ? plain.of(feature, row)
        : (exact.ranks.get(bins.values[feature]![row]! + 0) ?? exact.values.length);
    },
    valueCount: (feature) => ranked.get(feature)?.values.length ?? plain.valueCount(feature),
    threshold(feature, code, next) {
      const exact = ranked.get(feature);
      if (exact === undefined) return plain.threshold(feature, code, next);
      if (next >= exact.values.length) return MOST_FLOAT;
      const [a, b] = [exact.values[code]!, exact.values[next]!];
      const middle = Math.fround((a + b) / 2);
      return middle < b ? middle : a;
    },
  };
}
