import type { GrowTask } from '../grown.ts';
import type { Codes } from './codes.ts';
import type { Measure, Sums } from './measure.ts';
import type { Split } from './types.ts';

/** A bin that rows of the node are in. */
interface Bin {
  code: number;
  sums: Sums;
  rows: number;
}

/**
 * The best split of a node: of equal ones the first, by the turn of the features, then missing right before left, then
 * ascending. Tries `tried` features, and goes on from there until one varies (as scikit-learn does: constants count).
 */
export function bestSplit(
  task: GrowTask,
  measure: Measure,
  codes: Codes,
  rows: readonly number[],
  features: () => Iterable<number>,
): Split | undefined {
  const all = measure.sums(rows);
  const numbers = task.target.kind === 'numbers';
  let [best, turn, varied]: [Split | undefined, number, boolean] = [undefined, 0, false];
  for (const feature of taking(features(), () => turn < task.settings.tried || !varied)) {
    turn++;
    const bins = binsOf(codes, measure, rows, feature);
    if (bins.length < 2) continue;
    varied = true;
    for (const order of orders(task, codes, measure, all, bins, feature)) {
      best = scan(task, codes, measure, order, { feature, all, rows: rows.length, best });
    }
    // Nothing beats children that are both pure; two rows with numbers part in one way only.
    if (best?.gain === measure.perfect(all) || (numbers && rows.length === 2)) break;
  }
  return best;
}

/** Asks for the next only while `wanted`: a draw that is not wanted is not made. */
function* taking(features: Iterable<number>, wanted: () => boolean): Generator<number> {
  const iterator = features[Symbol.iterator]();
  while (wanted()) {
    const { value, done } = iterator.next();
    if (done) return;
    yield value;
  }
}

/** The bins that rows of the node are in, ascending. */
function binsOf(codes: Codes, measure: Measure, rows: readonly number[], feature: number): Bin[] {
  const members = new Map<number, number[]>();
  for (const row of rows) {
    const code = codes.of(feature, row);
    const own = members.get(code);
    if (own === undefined) members.set(code, [row]);
    else own.push(row);
  }
  return Array.from(members.entries())
    .sort(([a], [b]) => a - b)
    .map(([code, own]) => ({ code, sums: measure.sums(own), rows: own.length }));
}

/** An order to scan: what lies before a place goes left. */
interface Order {
  bins: readonly Bin[];
  kind: 'ascending' | 'missing right' | 'missing left' | 'set';
}

function orders(
  { bins: all }: GrowTask,
  codes: Codes,
  measure: Measure,
  sums: Sums,
  bins: Bin[],
  feature: number,
): Order[] {
  if (all.categorical[feature] === 1) {
    return measure.ratios(sums).map((ratio) => ({
      kind: 'set',
      bins: [...bins].sort((a, b) => ratio(a.sums) - ratio(b.sums) || a.code - b.code),
    }));
  }
  const last = bins.at(-1)!;
  if (last.code < codes.valueCount(feature)) return [{ kind: 'ascending', bins }];
  return [
    { kind: 'missing right', bins },
    { kind: 'missing left', bins: [last, ...bins.slice(0, -1)] },
  ];
}

interface SoFar {
  feature: number;
  all: Sums;
  rows: number;
  best: Split | undefined;
}

function scan(
  task: GrowTask,
  codes: Codes,
  measure: Measure,
  order: Order,
  { feature, all, rows, best }: SoFar,
): Split | undefined {
  const { minLeaf } = task.settings;
  const left = new Float64Array(all.length);
  let rowsLeft = 0;
  let found = best;
  for (let at = 0; at < order.bins.length - 1; at++) {
    const bin = order.bins[at]!;
    for (let i = 0; i < left.length; i++) left[i]! += bin.sums[i]!;
    rowsLeft += bin.rows;
    if (rowsLeft < minLeaf || rows - rowsLeft < minLeaf) continue;
    const gain = measure.gain(
      left,
      all.map((sum, i) => sum - left[i]!),
    );
    if (found === undefined || gain > found.gain)
      found = { ...parting(codes, order, at, feature), feature, gain };
  }
  return found;
}

/** The split behind a place of an order. */
function parting(codes: Codes, { bins: order, kind }: Order, at: number, feature: number) {
  const goesLeft: boolean[] = new Array(257).fill(false);
  for (const bin of order.slice(0, at + 1)) goesLeft[bin.code] = true;
  if (kind === 'set') return { goesLeft, threshold: 0, missingLeft: undefined };
  const missingLeft = kind === 'ascending' ? undefined : kind === 'missing left';
  return { goesLeft, threshold: codes.threshold(feature, order[at]!.code, order[at + 1]!.code), missingLeft };
}
