import { BadDataError } from '../../errors/index.ts';
import { BadTargetError } from '../errors.ts';
import { exponentOf, powerOfTwo } from '../exponent.ts';
import type { Target } from '../types.ts';
import type { BoostingProblem } from './engine.ts';
import { log } from './math.ts';
import { algorithm } from './params.ts';

/** Share of a class that training has no row of. */
const NO_SHARE = 1e-15;

/** What the target asks of boosting: its loss, how many scores, and where they start. */
export function startOf(
  y: Target,
  weights: Int32Array | undefined,
): Pick<BoostingProblem, 'loss' | 'outputs' | 'target' | 'base'> {
  if (y.task === 'regression') {
    return { loss: 'squared', outputs: 1, target: y.values, base: Float64Array.of(mean(y.values, weights)) };
  }
  const { values, classes } = y;
  const sums = new Float64Array(classes.length);
  for (let i = 0; i < values.length; i++) sums[values[i]!]! += weights?.[i] ?? 1;
  const seen = sums.reduce((count, sum) => count + Number(sum > 0), 0);
  if (seen < 2) {
    throw new BadTargetError(`${algorithm} needs two classes or more, and the training rows hold ${seen}`, {
      remedy:
        'Train on rows of at least two classes; `stratify: true` keeps every class in the training split.',
    });
  }
  const total = sums.reduce((sum, weight) => sum + weight, 0);
  if (classes.length === 2) {
    return { loss: 'logistic', outputs: 1, target: values, base: Float64Array.of(log(sums[1]! / sums[0]!)) };
  }
  const base = sums.map((sum) => log(Math.max(sum / total, NO_SHARE)));
  return { loss: 'softmax', outputs: classes.length, target: values, base };
}

/** The mean by exact sums of integers, so that a row of weight 2 is the row twice to the last bit. */
function mean(values: Float64Array, weights: Int32Array | undefined): number {
  let largest = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    largest = Math.max(largest, Math.abs(values[i]!));
    total += weights?.[i] ?? 1;
  }
  if (!Number.isFinite(largest) || largest > 1e30) {
    throw new BadDataError(`${algorithm}: a target of ${largest} is too large`, {
      remedy: 'Scale the target, or drop the rows in which it is not a number.',
    });
  }
  if (largest < 1e-250) return 0;
  const scale = powerOfTwo(52 - exponentOf(largest * total));
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.round(values[i]! * scale) * (weights?.[i] ?? 1);
  return sum / total / scale;
}
