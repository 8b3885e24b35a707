/**
 * Area under the ROC curve of one score: the chance that a positive row scores above a negative one, ties counting half
 * (the Mann-Whitney U, equal to the trapezoids of scikit-learn's roc_auc_score). Pairs are counted in whole numbers,
 * so that the order of rows changes no digit.
 *
 * @param scores no NaN among them
 * @returns undefined where one of the two kinds is absent and the area has no meaning
 */
export function rocAuc(scores: Float64Array, isPositive: (row: number) => boolean): number | undefined {
  const rows = scores.length;
  const gathered = new Float64Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row++) if (isPositive(row)) gathered[count++] = scores[row]!;
  if (count === 0 || count === rows) return undefined;
  // Among many classes few rows are of one: sorting those and looking each other row up beats sorting all.
  const positives = gathered.subarray(0, count).sort();
  let halfPairs = 0;
  for (let row = 0; row < rows; row++) {
    if (isPositive(row)) continue;
    const below = countBelow(positives, scores[row]!);
    halfPairs += 2 * (count - below) - countOf(positives, scores[row]!, below);
  }
  return halfPairs / 2 / (count * (rows - count));
}

/** How many of the sorted values are less than this one. */
function countBelow(sorted: Float64Array, value: number): number {
  let from = 0;
  // Most rows of another class score below all.
  let to = value <= sorted[0]! ? 0 : sorted.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (sorted[middle]! < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** How many of the sorted values are this one, the first of which would stand at `start`. */
function countOf(sorted: Float64Array, value: number, start: number): number {
  if (sorted[start] !== value) return 0;
  let from = start + 1;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (sorted[middle] === value) from = middle + 1;
    else to = middle;
  }
  return from - start;
}

/** One class against the rest. */
export interface ClassAuc {
  /** Undefined where no row, or every row, is of the class. */
  auc: number | undefined;
  /** Rows of the class. */
  support: number;
}

/**
 * The AUC of each class against the rest; of two classes that of the second alone, which says it all.
 *
 * @param probabilities row-major, rows × classes
 */
export function classAucs(
  truth: ArrayLike<number>,
  probabilities: Float64Array,
  classes: number,
): ClassAuc[] {
  const supports = new Float64Array(classes);
  for (let i = 0; i < truth.length; i++) supports[truth[i]!]! += 1;
  const scores = new Float64Array(truth.length);
  const aucs: ClassAuc[] = [];
  for (let k = classes === 2 ? 1 : 0; k < classes; k++) {
    for (let i = 0; i < scores.length; i++) scores[i] = probabilities[i * classes + k]!;
    aucs.push({ auc: rocAuc(scores, (row) => truth[row] === k), support: supports[k]! });
  }
  return aucs;
}

/**
 * Their average: `macro` plainly, `weighted` by the classes' rows. Classes that are absent from the truth have no AUC
 * and are left out.
 *
 * @returns undefined where no class has one
 */
export function averageAuc(aucs: readonly ClassAuc[], average: 'macro' | 'weighted'): number | undefined {
  let sum = 0;
  let weights = 0;
  for (const { auc, support } of aucs) {
    if (auc === undefined) continue;
    const weight = average === 'weighted' ? support : 1;
    sum += auc * weight;
    weights += weight;
  }
  return weights === 0 ? undefined : sum / weights;
}

/**
 * Mean of -log(probability of the true class). Probabilities are held within [ε, 1 - ε] with ε = 2⁻⁵², so that one
 * certain error costs 36 and not infinity; scikit-learn's log_loss does the same.
 */
export function logLoss(truth: ArrayLike<number>, probabilities: Float64Array, classes: number): number {
  let sum = 0;
  for (let i = 0; i < truth.length; i++) {
    const given = probabilities[i * classes + truth[i]!]!;
    sum -= Math.log(Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, given)));
  }
  return sum / truth.length;
}
