import { softmaxInPlace } from '../probability.ts';

/**
 * How raw scores become the answer:
 * - `identity`: the score is the predicted number.
 * - `none`: the K scores are shares of the classes already (a forest's mean distribution).
 * - `logistic`: one score, the log odds of the second of two classes.
 * - `softmax`: K scores, their exponentials in proportion.
 */
export const links = ['identity', 'none', 'logistic', 'softmax'] as const;
export type Link = (typeof links)[number];

/** Row-major rows × classes, each row summing to 1, from raw scores, which it may overwrite. */
export function probabilities(scores: Float64Array, classes: number, link: Link): Float64Array {
  if (link === 'logistic') return logistic(scores);
  for (let from = 0; from < scores.length; from += classes) {
    if (link === 'softmax') softmaxInPlace(scores, from, from + classes);
    else shares(scores, from, from + classes);
  }
  return scores;
}

function logistic(scores: Float64Array): Float64Array {
  const out = new Float64Array(2 * scores.length);
  for (let i = 0; i < scores.length; i++) {
    // Of a negative number alone, so that the exponential cannot overflow.
    const small = Math.exp(-Math.abs(scores[i]!));
    const larger = 1 / (1 + small);
    const smaller = small / (1 + small);
    out[2 * i] = scores[i]! > 0 ? smaller : larger;
    out[2 * i + 1] = scores[i]! > 0 ? larger : smaller;
  }
  return out;
}

/** The leaves are float32, so their mean is a little off 1. */
function shares(scores: Float64Array, from: number, to: number): void {
  let total = 0;
  for (let k = from; k < to; k++) total += scores[k]!;
  for (let k = from; k < to; k++) scores[k]! /= total;
}
