import type { BoostingEngine, GrownTree, RoundSample } from './engine.ts';

export interface BoostOptions {
  rounds: number;
  /** What round r may look at; undefined for all. */
  sample: (round: number) => RoundSample | undefined;
  /** Where rows were held out: their loss now, and how many rounds may pass without a lower one. */
  stopping: { loss: () => number; patience: number } | undefined;
  onProgress: ((share: number) => void) | undefined;
}

export interface Boosted {
  /** The trees of each round that is kept. */
  rounds: GrownTree[][];
  /** Rounds that were grown. */
  grown: number;
  /** Why it ended. */
  ended: 'all' | 'early' | 'nothing left';
}

/** Grows round after round, until all are grown, the loss on the rows held out falls no more, or no split is left. */
export function boost(
  engine: BoostingEngine,
  { rounds, sample, stopping, onProgress }: BoostOptions,
): Boosted {
  const grown: GrownTree[][] = [];
  let best = Number.POSITIVE_INFINITY;
  let kept = 0;
  for (let round = 0; round < rounds; round++) {
    const drawn = sample(round);
    const trees = engine.round(drawn);
    // With all rows and features at hand, the next round would see what this one saw.
    if (drawn === undefined && trees.every(({ feature }) => feature.length === 1)) {
      return { rounds: stopping ? grown.slice(0, kept) : grown, grown: round, ended: 'nothing left' };
    }
    grown.push(trees);
    onProgress?.((round + 1) / rounds);
    if (stopping === undefined) continue;
    const loss = stopping.loss();
    if (loss < best) {
      best = loss;
      kept = round + 1;
    } else if (round + 1 - kept >= stopping.patience) {
      return { rounds: grown.slice(0, kept), grown: round + 1, ended: 'early' };
    }
  }
  return { rounds: stopping ? grown.slice(0, kept) : grown, grown: rounds, ended: 'all' };
}
