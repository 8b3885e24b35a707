import { describe, expect, it } from 'vitest';
import { ArboledaError } from '../../../../lib/errors/index.ts';
import { forestCost } from '../../../../lib/learn/forest/cost.ts';
import { forestParamsSchema } from '../../../../lib/learn/forest/params.ts';
import {
  DEFAULT_LIMITS,
  MAX_TRAIN_ITEMS,
  type TrainingLimits,
} from '../../../../lib/pipeline/training/limits.ts';
import { type Size, sizeOf, sizeText, type Work } from '../../../../lib/pipeline/training/sizing.ts';

const GB = 1024 ** 3;
const large = { ...DEFAULT_LIMITS, largeMemory: 10_240 };

const work = (overrides: Partial<Work> & { seconds?: number; bytes?: number }): Work => {
  const { seconds = 0, bytes = 0, ...rest } = overrides;
  return { algorithm: 'some', rows: 1_000, columns: 10, cost: { seconds, bytes }, ...rest };
};

/** The refusal as a caller sees it. */
function refusal(attempt: () => unknown): ArboledaError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof ArboledaError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('a table of sizes', () => {
  it.each<[string, Work, TrainingLimits, Partial<Size>]>([
    [
      'next to nothing',
      work({}),
      DEFAULT_LIMITS,
      { function: 'train', shards: 1, threads: 2, memory: 3_008 },
    ],
    ['no cost told', { ...work({}), cost: undefined }, DEFAULT_LIMITS, { function: 'train', shards: 1 }],
    ['ten minutes of two threads', work({ seconds: 900, pieces: 100 }), DEFAULT_LIMITS, { shards: 1 }],
    ['an hour of one thread', work({ seconds: 3_600, pieces: 100 }), DEFAULT_LIMITS, { shards: 4 }],
    ['a day of one thread', work({ seconds: 86_400, pieces: 500 }), DEFAULT_LIMITS, { shards: 100 }],
    [
      'an hour that cannot be split',
      work({ seconds: 3_600 }),
      { ...large, seconds: 850 },
      { function: 'train-large', shards: 1, threads: 6 },
    ],
    [
      'more memory than train has',
      work({ bytes: 4 * GB }),
      large,
      { function: 'train-large', memory: 10_240 },
    ],
    [
      'a small function',
      work({ seconds: 500, pieces: 50 }),
      { ...DEFAULT_LIMITS, memory: 1_024 },
      { threads: 1, shards: 2 },
    ],
    [
      'few seconds allowed',
      work({ seconds: 100, pieces: 50 }),
      { ...DEFAULT_LIMITS, seconds: 20 },
      { shards: 5 },
    ],
    [
      'more shards wanted than trees',
      work({ seconds: 60, pieces: 3 }),
      { ...DEFAULT_LIMITS, seconds: 18.5 },
      { shards: 3 },
    ],
  ])('%s', (_, given, limits, expected) => {
    const size = sizeOf(given, limits);
    expect(size).toMatchObject(expected);
    expect(size.seconds).toBeLessThanOrEqual(limits.seconds);
    expect(size.bytes).toBeLessThanOrEqual(size.memory * 1024 ** 2);
  });

  it('estimates what it chose: reading, then a share of the work on the vCPUs there are', () => {
    // 3,008 MB are 1.70 vCPUs: 1 + 0.70 x 0.85 = 1.595 times one. 5 s to begin with, 0.004 s to read 10,000 cells.
    const { seconds } = sizeOf(work({ seconds: 319, pieces: 100 }), DEFAULT_LIMITS);
    expect(seconds).toBeCloseTo(5 + 319 / 1.595, 0);
    const split = sizeOf(work({ seconds: 3_190, pieces: 7 }), DEFAULT_LIMITS);
    // Two trees are all that end in time, so four shards, of which the longest have two.
    expect(split.shards).toBe(4);
    expect(split.seconds).toBeCloseTo(5 + (2_000 * 2) / 7, 0);
  });

  it('counts the table itself as memory', () => {
    const wide = { rows: 2_000_000, columns: 100 };
    expect(refusal(() => sizeOf(work(wide), DEFAULT_LIMITS)).message).toContain('4.8 GB of memory');
    expect(sizeOf(work(wide), large).function).toBe('train-large');
  });

  it('never takes more shards than pieces, and every shard ends in time, whatever the work', () => {
    for (const pieces of [1, 2, 3, 10, 99, 1_000]) {
      for (const seconds of [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]) {
        let size: Size;
        try {
          size = sizeOf(work({ seconds, pieces }), DEFAULT_LIMITS);
        } catch (error) {
          expect(error).toMatchObject({ code: 'TRAINING_TOO_LARGE' });
          continue;
        }
        expect(size.shards).toBeLessThanOrEqual(Math.min(pieces, MAX_TRAIN_ITEMS));
        expect(size.seconds).toBeLessThanOrEqual(DEFAULT_LIMITS.seconds);
        // One fewer would not have done, so that nothing is split needlessly.
        const trees = Math.ceil(pieces / (size.shards - 1));
        if (size.shards > 1) expect(5 + (seconds / 1.595 / pieces) * trees).toBeGreaterThan(599);
      }
    }
  });
});

describe('random forests', () => {
  const forest = (rows: number, columns: number, trees: number, limits: TrainingLimits = DEFAULT_LIMITS) => {
    const params = forestParamsSchema.parse({ trees });
    const cost = forestCost(rows, columns, params, 'classification', 7);
    return sizeOf({ algorithm: 'random-forest', rows, columns, cost, pieces: trees }, limits);
  };

  it('of the sizes that examples have train in one function', () => {
    expect(forest(1_000, 30, 100)).toMatchObject({ function: 'train', shards: 1 });
    expect(forest(20_000, 54, 100)).toMatchObject({ function: 'train', shards: 1 });
    expect(forest(100_000, 50, 100)).toMatchObject({ function: 'train', shards: 1 });
  });

  it('take more shards, or a larger function, the more they have to do', () => {
    expect(
      forest(100_000, 200, 1_000, { ...DEFAULT_LIMITS, memory: 10_240, seconds: 25 }).shards,
    ).toBeGreaterThan(1);
    const full = forest(581_012, 54, 100, large);
    expect(full.function).toBe('train-large');
    expect(full.threads).toBe(6);
  });

  it('beyond 10 GB are refused with what to do', () => {
    const error = refusal(() => forest(20_000_000, 54, 100, large));
    expect(error).toMatchObject({ code: 'TRAINING_TOO_LARGE', field: 'candidates' });
    expect(error.message).toContain('random-forest on 20,000,000 rows x 54 columns x 100 trees needs about');
    expect(error.remedy).toMatch(/Lambda gives 10 GB at most: train on at most [1-9][\d,]*,000 rows/);
  });
});

describe('what does not fit', () => {
  it('is refused by name, with the estimate, the limit and what to lower', () => {
    const error = refusal(() => sizeOf(work({ algorithm: 'gradient-boosting', seconds: 9_000 }), large));
    expect(error).toMatchObject({
      code: 'TRAINING_TOO_LARGE',
      name: 'TrainingTooLargeError',
      details: { rows: 1_000, columns: 10, limitSeconds: 600, shards: 1 },
    });
    expect(error.message).toMatch(
      /gradient-boosting on 1,000 rows x 10 columns would take about \d+\.\d minutes/,
    );
    expect(error.message).toContain('10240 MB');
    expect(error.remedy).toMatch(/at most [\d,]+ rows? .*rounds, depth or columns/);
  });

  it('in memory: names the setting that would help, and only where it would', () => {
    const fits = refusal(() => sizeOf(work({ bytes: 6 * GB }), DEFAULT_LIMITS));
    expect(fits.remedy).toContain('-c memory.trainLarge=10240');
    const never = refusal(() => sizeOf(work({ bytes: 11 * GB }), large));
    expect(never.remedy).not.toContain('memory.trainLarge');
    expect(never.remedy).toContain('10 GB at most');
    expect(never.details).toMatchObject({ limitBytes: 10_240 * 1024 ** 2 });
  });

  it('in time: says that a larger function would be faster, where none is deployed', () => {
    const error = refusal(() => sizeOf(work({ seconds: 3_000 }), DEFAULT_LIMITS));
    expect(error.remedy).toContain('memory.trainLarge=10240, which has 6 threads');
    const deployed = refusal(() => sizeOf(work({ seconds: 9_000 }), large));
    expect(deployed.remedy).not.toContain('memory.trainLarge');
  });

  it('even over the most shards: says how many trees would do', () => {
    const error = refusal(() => sizeOf(work({ seconds: 10_000_000, pieces: 5_000 }), DEFAULT_LIMITS));
    expect(error.message).toContain(`each of ${MAX_TRAIN_ITEMS} functions`);
    expect(error.remedy).toMatch(/at most [\d,]+ trees?, or on at most [\d,]+ rows?/);
  });

  it('where reading alone takes too long is refused too', () => {
    const limits = { ...large, seconds: 20 };
    expect(refusal(() => sizeOf(work({ rows: 1_000_000, columns: 50, pieces: 100 }), limits)).code).toBe(
      'TRAINING_TOO_LARGE',
    );
  });
});

describe('sizeText', () => {
  it('says it in a line', () => {
    const size: Size = {
      function: 'train',
      memory: 3_008,
      threads: 2,
      shards: 1,
      seconds: 5.2,
      bytes: 0.3 * GB,
    };
    expect(sizeText(size)).toBe('one function, 2 threads, 3008 MB (train), about 6 s and 0.3 GB');
    expect(sizeText({ ...size, shards: 8, threads: 1 })).toBe(
      '8 shards, 1 thread, 3008 MB (train), about 6 s and 0.3 GB each',
    );
  });
});
