/**
 * Area under the ROC curve of one score: the chance that a positive row scores above a negative one, ties counting half
 * (Mann-Whitney U over average ranks, equal to the trapezoids of scikit-learn's roc_auc_score).
 *
 * @returns undefined where one of the two kinds is absent and the area has no meaning
 */
export function rocAuc(scores: Float64Array, isPositive: (row: number) => boolean): number | undefined {
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[a]! - scores[b]! || a - b);
  let positives = 0;
  let rankSum = 0;
  for (let from = 0; from < order.length; ) {
    let to = from;
    let tied = 0;
    while (to < order.length && scores[order[to]!] === scores[order[from]!]) {
      if (isPositive(order[to]!)) tied++;
      to++;
    }
    // Ranks from + 1 to `to`, of which each tied row gets the middle one.
    rankSum += (tied * (from + 1 + to)) / 2;
    positives += tied;
    from = to;
  }
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return undefined;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/**
 * One-against-the-rest AUC of each class, averaged: `macro` plainly, `weighted` by the classes' rows. Two classes give
 * the AUC of the second. Classes that are absent from the truth have no AUC and are left out.
 *
 * @param probabilities row-major, rows × classes
 */
export function averageRocAuc(
  truth: ArrayLike<number>,
  probabilities: Float64Array,
  classes: number,
  average: 'macro' | 'weighted',
): number | undefined {
  if (classes === 2) return classAuc(truth, probabilities, classes, 1).auc;
  let sum = 0;
  let weights = 0;
  for (let k = 0; k < classes; k++) {
    const { auc, support } = classAuc(truth, probabilities, classes, k);
    if (auc === undefined) continue;
    const weight = average === 'weighted' ? support : 1;
    sum += auc * weight;
    weights += weight;
  }
  return weights === 0 ? undefined : sum / weights;
}

function classAuc(truth: ArrayLike<number>, probabilities: Float64Array, classes: number, k: number) {
  const scores = new Float64Array(truth.length);
  let support = 0;
  for (let i = 0; i < truth.length; i++) {
    scores[i] = probabilities[i * classes + k]!;
    if (truth[i] === k) support++;
  }
  return { auc: rocAuc(scores, (row) => truth[row] === k), support };
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
