import type { Target } from '../types.ts';
import type { ForestTarget } from './targets.ts';

/** How well trees judge rows that they did not draw. */
export interface OutOfBag {
  metric: 'accuracy' | 'r2';
  /** Null where no row, or for R2 fewer than two different targets, could be judged. */
  score: number | null;
  /** Rows that at least one tree did not draw. */
  rows: number;
}

/** Accuracy of the class with most votes (the first of equal ones), or R2 of the means: see `Grown.votes`. */
export function outOfBagScore(y: Target, target: ForestTarget, votes: Int32Array | Float64Array): OutOfBag {
  return target.kind === 'classes'
    ? accuracy(y.values, votes, target.classes)
    : determination(y.values, votes, target);
}

function accuracy(labels: ArrayLike<number>, votes: ArrayLike<number>, classes: number): OutOfBag {
  let [rows, right] = [0, 0];
  for (let row = 0; row < labels.length; row++) {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if (votes[row * classes + c]! > votes[row * classes + best]!) best = c;
    }
    if (votes[row * classes + best] === 0) continue;
    rows++;
    if (best === labels[row]) right++;
  }
  return { metric: 'accuracy', score: rows > 0 ? right / rows : null, rows };
}

function determination(
  values: ArrayLike<number>,
  votes: ArrayLike<number>,
  { middle, judgeStep }: ForestTarget & { kind: 'numbers' },
): OutOfBag {
  let [rows, sum] = [0, 0];
  for (let row = 0; row < values.length; row++) {
    if (votes[2 * row] === 0) continue;
    rows++;
    sum += values[row]!;
  }
  let [residual, total] = [0, 0];
  for (let row = 0; row < values.length; row++) {
    const count = votes[2 * row]!;
    if (count === 0) continue;
    const predicted = middle + (votes[2 * row + 1]! / count) * judgeStep;
    residual += (values[row]! - predicted) ** 2;
    total += (values[row]! - sum / rows) ** 2;
  }
  return { metric: 'r2', score: total > 0 ? 1 - residual / total : null, rows };
}
