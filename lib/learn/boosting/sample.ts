import { KernelRandom, kernelSeed } from '../kernel/random.ts';
import type { RoundSample } from './engine.ts';

/** Stream numbers: round r draws its rows from stream 2r, its features from stream 2r + 1. */
export interface SampleRules {
  seed: number;
  rows: number;
  features: number;
  /** Shares, above 0 and at most 1. */
  subsample: number;
  colsample: number;
}

/**
 * The rows and features of a round, without replacement; undefined where all are taken. Depends on the seed and the
 * round's number alone.
 */
export function roundSample(rules: SampleRules, round: number): RoundSample | undefined {
  const { seed, rows, features, subsample, colsample } = rules;
  if (subsample === 1 && colsample === 1) return undefined;
  const count = Math.max(1, Math.round(rows * subsample));
  const asked = Math.max(1, Math.round(features * colsample));
  const random = (stream: number) => new KernelRandom(kernelSeed(seed), 2 * round + stream);
  const chosen = choose(rows, count, random(0));
  const order = new Int32Array(rows);
  let inside = 0;
  let outside = count;
  for (let i = 0; i < rows; i++) order[chosen[i] === 1 ? inside++ : outside++] = i;
  return { rows: order, count, features: choose(features, asked, random(1)) };
}

/** 1 for `count` of `total`, every choice as likely (Knuth, algorithm S). */
function choose(total: number, count: number, random: KernelRandom): Uint8Array {
  const chosen = new Uint8Array(total);
  if (count >= total) return chosen.fill(1);
  let wanted = count;
  for (let i = 0; wanted > 0; i++) {
    if (random.below(total - i) >= wanted) continue;
    chosen[i] = 1;
    wanted--;
  }
  return chosen;
}
