import { BadDefinitionError } from '../../errors/index.ts';
import { type RandomStream, randomStream } from '../random.ts';

/** Rows to fit on and rows to judge on, ascending; together all rows, none in both. */
export interface Fold {
  train: Int32Array;
  test: Int32Array;
}

export interface FoldOptions {
  /** From 2 up. */
  folds: number;
  /** Decides who falls where, and nothing else does. */
  seed: number;
}

/**
 * Every row in the test part of exactly one fold, at random; sizes differ by at most one.
 *
 * @throws BadDefinitionError where there are fewer than two folds, or more than rows
 * @example
 * for (const { train, test } of kFold(x.rowCount, { folds: 5, seed: 42 })) ...
 */
export function kFold(rows: number, options: FoldOptions): Fold[] {
  requireFolds(options.folds, rows, 'rows');
  const order = shuffledRows(rows, randomStream(options.seed));
  return foldsOf(deal(order, options.folds), options.folds);
}

/**
 * As `kFold`, and each class is spread over the folds so that its counts differ by at most one too. A class with fewer
 * rows than folds is absent from the test part of some.
 *
 * @param classes the class of each row, such as `Target.values`
 * @throws BadDefinitionError
 */
export function stratifiedKFold(classes: ArrayLike<number>, options: FoldOptions): Fold[] {
  requireFolds(options.folds, classes.length, 'rows');
  const order = shuffledRows(classes.length, randomStream(options.seed));
  const byClass = new Map<number, number[]>();
  for (const row of order) pushTo(byClass, classes[row]!, row);
  // Dealt like cards, on through the classes: then the folds are even in each class and as a whole.
  const dealt = [...byClass.keys()].sort((a, b) => a - b).flatMap((name) => byClass.get(name)!);
  return foldsOf(deal(dealt, options.folds), options.folds);
}

/**
 * All rows of a group in the test part of one fold: no group is learnt from and judged on. The largest groups are placed
 * first, each where the fewest rows are; equal ones at random.
 *
 * @param groups a number for each row, equal for rows that belong together
 * @throws BadDefinitionError where there are fewer groups than folds
 */
export function groupKFold(groups: ArrayLike<number>, options: FoldOptions): Fold[] {
  return placeGroups(new Int32Array(groups.length), groups, options);
}

/**
 * As `groupKFold`, with the classes' shares as even as whole groups allow: each group is placed where it keeps the
 * spread of the class counts smallest (a greedy choice, so not always the best one).
 *
 * @throws BadDefinitionError
 */
export function stratifiedGroupKFold(
  classes: ArrayLike<number>,
  groups: ArrayLike<number>,
  options: FoldOptions,
): Fold[] {
  return placeGroups(classes, groups, options);
}

/**
 * The folds of `make` again and again, each time by another seed: k × repeats folds.
 *
 * @example
 * repeated(3, 42, (seed) => stratifiedKFold(y.values, { folds: 5, seed })); // 15 folds
 */
export function repeated(repeats: number, seed: number, make: (seed: number) => Fold[]): Fold[] {
  if (!Number.isSafeInteger(repeats) || repeats < 1) {
    throw new BadDefinitionError(`repeats must be a whole number from 1 up, not ${repeats}`, {
      field: 'repeats',
    });
  }
  // The first is as without repeats; the others are drawn, since seeds next to one another are in use elsewhere.
  const stream = randomStream(seed, 1);
  return Array.from({ length: repeats }, (_, r) => make(r === 0 ? seed : stream.next())).flat();
}

function placeGroups(classes: ArrayLike<number>, groups: ArrayLike<number>, options: FoldOptions): Fold[] {
  const { folds, seed } = options;
  const members = new Map<number, number[]>();
  for (let i = 0; i < groups.length; i++) pushTo(members, groups[i]!, i);
  requireFolds(folds, members.size, 'groups');
  const names = [...members.keys()].sort((a, b) => a - b);
  const order = shuffledRows(names.length, randomStream(seed));
  // The sort is stable: equal sizes keep their random order.
  const bySize = Array.from(order, (n) => members.get(names[n]!)!).sort((a, b) => b.length - a.length);

  const classNames = [...new Set(Array.from(classes))].sort((a, b) => a - b);
  const placeOf = new Map(classNames.map((name, place) => [name, place]));
  const totals = new Float64Array(classNames.length);
  for (let i = 0; i < classes.length; i++) totals[placeOf.get(classes[i]!)!]!++;
  const held = Array.from({ length: folds }, () => new Float64Array(classNames.length));
  const sizes = new Float64Array(folds);
  const foldOf = new Int32Array(groups.length);
  for (const rows of bySize) {
    const counts = new Map<number, number>();
    for (const row of rows) {
      const place = placeOf.get(classes[row]!)!;
      counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    const best = bestFold(held, sizes, counts, totals);
    for (const [place, count] of counts) held[best]![place]! += count;
    sizes[best]! += rows.length;
    for (const row of rows) foldOf[row] = best;
  }
  return foldsOf(foldOf, folds);
}

/** Where the squares of the classes' shares grow least: as their sum is fixed, so is their spread. Of equals the emptiest. */
function bestFold(
  held: readonly Float64Array[],
  sizes: Float64Array,
  counts: ReadonlyMap<number, number>,
  totals: Float64Array,
): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (const [fold, own] of held.entries()) {
    let growth = 0;
    for (const [place, count] of counts) {
      growth += ((own[place]! + count) ** 2 - own[place]! ** 2) / totals[place]! ** 2;
    }
    const better = growth < least || (growth === least && sizes[fold]! < sizes[best]!);
    if (better) [best, least] = [fold, growth];
  }
  return best;
}

function foldsOf(foldOf: Int32Array, folds: number): Fold[] {
  const rows = foldOf.length;
  const sizes = new Int32Array(folds);
  for (let i = 0; i < rows; i++) sizes[foldOf[i]!]!++;
  return Array.from(sizes, (size, fold) => {
    const test = new Int32Array(size);
    const train = new Int32Array(rows - size);
    for (let i = 0, atTest = 0, atTrain = 0; i < rows; i++) {
      if (foldOf[i] === fold) test[atTest++] = i;
      else train[atTrain++] = i;
    }
    return { train, test };
  });
}

/** The nth row of the order goes to fold n modulo the number of folds. */
function deal(order: ArrayLike<number>, folds: number): Int32Array {
  const foldOf = new Int32Array(order.length);
  for (let n = 0; n < order.length; n++) foldOf[order[n]!] = n % folds;
  return foldOf;
}

function shuffledRows(rows: number, random: RandomStream): Int32Array {
  return random.shuffle(Int32Array.from({ length: rows }, (_, i) => i));
}

function pushTo(map: Map<number, number[]>, key: number, value: number): void {
  const held = map.get(key);
  if (held === undefined) map.set(key, [value]);
  else held.push(value);
}

function requireFolds(folds: number, available: number, of: 'rows' | 'groups'): void {
  if (Number.isSafeInteger(folds) && folds >= 2 && folds <= available) return;
  throw new BadDefinitionError(`${folds} folds of ${available} ${of} cannot be made`, {
    field: 'folds',
    remedy: `Ask for a whole number of folds from 2 to the number of ${of}.`,
  });
}
