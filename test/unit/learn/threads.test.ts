import { describe, expect, it } from 'vitest';
import { gradientBoosting } from '../../../lib/learn/boosting/gradient-boosting.ts';
import { randomForest } from '../../../lib/learn/forest/random-forest.ts';
import { threadsToStart } from '../../../lib/learn/threads.ts';
import type { FitOptions, Target } from '../../../lib/learn/types.ts';
import { thrownBy, uniform } from './support.ts';

const rows = 60;
const random = uniform(4);
const column = Float64Array.from({ length: rows }, random);
const x = { rowCount: rows, names: ['a'], columns: [column] };
const y: Target = { task: 'regression', values: column.map((value) => 3 * value) };

function threadsOfFit(trainer: typeof randomForest | typeof gradientBoosting, options: FitOptions): number {
  let told = 0;
  const params = trainer.parseParams({}) as never;
  trainer.fit(x, y, params, { ...options, onThreads: (pieces) => (told = pieces.length) });
  return told;
}

describe('threadsToStart', () => {
  it.each([
    [1, 100, 1],
    [4, 0, 1],
    [4, 0.2, 1],
    [4, 0.3, 2],
    [4, 0.6, 3],
    [4, 60, 4],
  ])('of %d threads, for %d seconds of work, starts %d', (threads, seconds, started) => {
    expect(threadsToStart({ threads }, seconds)).toBe(started);
    expect(threadsToStart({ threads, allThreads: true }, seconds)).toBe(threads);
  });

  it('starts one where none is asked for', () => {
    expect(threadsToStart({}, 1e6)).toBe(1);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d threads', (threads) => {
    expect(thrownBy(() => threadsToStart({ threads }, 1))).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('threads'),
    });
  });
});

describe.each([
  ['random-forest', randomForest],
  ['gradient-boosting', gradientBoosting],
])('%s of few rows', (_, trainer) => {
  it('works on one thread, however many it may have', () => {
    expect(threadsOfFit(trainer, { seed: 1, threads: 8 })).toBe(1);
  });

  it('works on all where it is told to', () => {
    expect(threadsOfFit(trainer, { seed: 1, threads: 3, allThreads: true })).toBe(3);
  });

  it('refuses a number of threads that is none', () => {
    expect(thrownBy(() => threadsOfFit(trainer, { seed: 1, threads: 0 })).code).toBe('INVALID_INPUT');
  });
});

describe('gradient-boosting, whose threads meet at every split', () => {
  const fitted = (count: number, rounds: number): number => {
    const columns = Array.from({ length: 10 }, () => Float64Array.from({ length: count }, random));
    const matrix = { rowCount: count, names: columns.map((_, f) => `f${f}`), columns };
    const target: Target = {
      task: 'regression',
      values: columns[0]!.map((value, i) => value + columns[1]![i]!),
    };
    let told = 0;
    const params = gradientBoosting.parseParams({ rounds });
    gradientBoosting.fit(matrix, target, params, {
      ...{ seed: 1, threads: 2 },
      onThreads: (pieces) => (told = pieces.length),
    });
    return told;
  };

  it('works on one where a split takes a quarter of a millisecond, however many there are', () => {
    expect(fitted(60_000, 60)).toBe(1);
  });

  it('works on two where it takes several times that', () => {
    expect(fitted(400_000, 10)).toBe(2);
  });
});
