import { BadDefinitionError } from '../errors/index.ts';
import { listNames } from './matrix.ts';
import type { Target } from './types.ts';

/** The same weight in all for every class that has rows; or a weight by the name of a class, 1 where none is given. */
export type ClassWeight = 'balanced' | Readonly<Record<string, number>>;

/** Totals below this lose digits, or vanish, where they are put on a grid of powers of two. */
const LEAST_TOTAL = 1e-250;

/**
 * Each row's own weight times that of its class: the one place where weights are checked.
 *
 * Balanced is total / (classes × the class's sum), over the rows' own weights and the classes that have rows: the formula
 * of scikit-learn's `compute_class_weight` with its `sample_weight`.
 *
 * @param given one a row; all 1 where absent
 * @returns undefined where neither rows nor classes are weighted
 * @throws BadDefinitionError where a row's weight is not positive or their number is wrong; where `classWeight` names no
 *   class of the target, or the target is a number
 * @example
 * const weights = trueWeights('random-forest', y, options.weights, { yes: 5 });
 */
export function trueWeights(
  algorithm: string,
  y: Target,
  given: Float64Array | undefined,
  classWeight: ClassWeight | undefined,
): Float64Array | undefined {
  requireWeights(algorithm, given, y.values.length);
  if (classWeight === undefined) return given;
  if (y.task === 'regression') {
    throw new BadDefinitionError(`${algorithm}: classWeight is for classes, and the target is a number`, {
      field: 'classWeight',
      remedy: 'Leave classWeight out, or give rows weights.',
    });
  }
  const factors = classFactors(algorithm, y, given, classWeight);
  const weights = Float64Array.from(y.values, (label, i) => factors[label]! * (given?.[i] ?? 1));
  requireWeights(algorithm, weights, weights.length);
  return weights;
}

/** @throws BadDefinitionError where a weight is not a positive number, or there is not one a row. */
export function requireWeights(algorithm: string, weights: Float64Array | undefined, rows: number): void {
  if (weights === undefined) return;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (weights.length !== rows || !weights.every((weight) => weight > 0 && Number.isFinite(weight))) {
    throw new BadDefinitionError(`${algorithm}: the row weights are not ${rows} positive numbers`, {
      field: 'weights',
      remedy: 'Give each row a weight above 0, and leave out the rows that are not to count.',
    });
  }
  if (total >= LEAST_TOTAL && Number.isFinite(total)) return;
  throw new BadDefinitionError(`${algorithm}: the weights of the rows add up to ${total}`, {
    field: 'weights',
    remedy: 'Give weights of about 1.',
  });
}

/** What each class's rows are multiplied by. */
function classFactors(
  algorithm: string,
  { classes, values }: Target & { task: 'classification' },
  given: Float64Array | undefined,
  classWeight: ClassWeight,
): Float64Array {
  if (classWeight === 'balanced') {
    const sums = new Float64Array(classes.length);
    for (let i = 0; i < values.length; i++) sums[values[i]!]! += given?.[i] ?? 1;
    const seen = sums.reduce((count, sum) => count + Number(sum > 0), 0);
    const total = sums.reduce((sum, weight) => sum + weight, 0);
    return sums.map((sum) => total / (seen * sum));
  }
  const places = new Map(classes.map((name, place) => [name, place]));
  const factors = new Float64Array(classes.length).fill(1);
  for (const [name, factor] of Object.entries(classWeight)) {
    const place = places.get(name);
    if (place === undefined) {
      throw new BadDefinitionError(
        `${algorithm}: classWeight names ${JSON.stringify(name)}, which is no class`,
        {
          field: 'classWeight',
          remedy: `The classes are: ${listNames(classes)}.`,
        },
      );
    }
    factors[place] = factor;
  }
  return factors;
}
