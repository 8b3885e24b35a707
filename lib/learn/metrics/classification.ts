/** One class's figures, named as scikit-learn's classification_report names them. */
export interface ClassScores {
  name: string;
  precision: number;
  recall: number;
  f1: number;
  /** Rows that are of this class. */
  support: number;
  /** Rows that were predicted to be of this class. */
  predicted: number;
}

/** `confusion[t][p]`: rows of class t that were predicted as class p. */
export type Confusion = number[][];

/** Counts the pairs of true and predicted class index. */
export function confusionMatrix(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
): Confusion {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < truth.length; i++) counts[truth[i]!]![predicted[i]!]! += 1;
  return counts;
}

/** Precision, recall and F1 of each class; 0 where the denominator is 0, as scikit-learn's `zero_division=0`. */
export function classScores(confusion: Confusion, names: readonly string[]): ClassScores[] {
  return names.map((name, k) => {
    const hits = confusion[k]![k]!;
    const support = confusion[k]!.reduce((sum, count) => sum + count, 0);
    const predicted = confusion.reduce((sum, row) => sum + row[k]!, 0);
    return {
      name,
      precision: ratio(hits, predicted),
      recall: ratio(hits, support),
      f1: ratio(2 * hits, support + predicted),
      support,
      predicted,
    };
  });
}

/** Share of rows on the diagonal. */
export function accuracy(confusion: Confusion): number {
  let hits = 0;
  let rows = 0;
  for (const [k, row] of confusion.entries()) {
    hits += row[k]!;
    for (const count of row) rows += count;
  }
  return ratio(hits, rows);
}

/** The classes that scikit-learn averages over when it is given no labels: those among the true or the predicted. */
export function presentClasses(scores: readonly ClassScores[]): ClassScores[] {
  return scores.filter(({ support, predicted }) => support + predicted > 0);
}

/** Unweighted mean over the present classes. */
export function macroAverage(scores: readonly ClassScores[], of: 'precision' | 'recall' | 'f1'): number {
  const present = presentClasses(scores);
  return ratio(
    present.reduce((sum, score) => sum + score[of], 0),
    present.length,
  );
}

/** Mean weighted by each class's rows. */
export function weightedAverage(scores: readonly ClassScores[], of: 'precision' | 'recall' | 'f1'): number {
  return ratio(
    scores.reduce((sum, score) => sum + score[of] * score.support, 0),
    scores.reduce((sum, score) => sum + score.support, 0),
  );
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
