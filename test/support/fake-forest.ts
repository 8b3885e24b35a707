import { vi } from 'vitest';
import type { FeatureMatrix, Model, ModelParts, Target, Trainer } from '../../lib/learn/types.ts';

/** What a test asks of the fake. */
export interface FakeParams {
  trees: number;
  /** What `cost` answers for one tree. */
  secondsPerTree: number;
  bytes: number;
}

/** How often each part of the fake was called, for tests that ask what was done again. */
export const calls = { fit: 0, parts: [] as string[], merge: 0 };
export const resetCalls = (): void => {
  Object.assign(calls, { fit: 0, parts: [], merge: 0 });
};

/**
 * A "forest" whose tree t is one number, drawn from the seed, t and the target; its prediction is their mean plus the
 * first feature. Splits over machines as a real one does, in no time.
 */
export const fakeForest: Trainer<FakeParams> = {
  algorithm: 'fake-forest',
  tasks: ['regression'],
  parseParams: (input) => ({ trees: 10, secondsPerTree: 0, bytes: 0, ...(input as Partial<FakeParams>) }),
  checkSize() {
    throw new Error('plan sizes what tells its cost');
  },
  cost: (_rows, _columns, { trees, secondsPerTree, bytes }) => ({ seconds: trees * secondsPerTree, bytes }),
  shards: {
    count: ({ trees }) => trees,
    fitPart: (x, y, _params, { from, to, seed, onThreads }) => {
      calls.parts.push(`${from}-${to}`);
      onThreads?.([to - from]);
      return { facts: { from, to }, sections: { values: grow(x, y, seed, from, to) } };
    },
    merge: (x, _y, { trees }, _options, parts) => {
      calls.merge++;
      const values = Float64Array.from(
        parts.flatMap(({ sections }) => Array.from(sections.values as Float64Array)),
      );
      if (values.length !== trees) throw new Error(`${values.length} of ${trees} trees to merge`);
      return modelOf(x.names, values);
    },
  },
  fit: (x, y, { trees }, { seed, onThreads }) => {
    calls.fit++;
    onThreads?.([trees]);
    return modelOf(x.names, grow(x, y, seed, 0, trees));
  },
  fromFile: ({ sections }: ModelParts, { features }) => modelOf(features, sections.values as Float64Array),
};

function grow(x: FeatureMatrix, y: Target, seed: number, from: number, to: number): Float64Array {
  const rows = x.rowCount;
  return Float64Array.from({ length: to - from }, (_, k) => y.values[(seed + 7919 * (from + k)) % rows]!);
}

function modelOf(features: readonly string[], values: Float64Array): Model {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    algorithm: 'fake-forest',
    task: 'regression',
    features,
    classes: [],
    notes: [],
    predict: (x) => x.columns[0]!.map((value) => value + mean),
    predictProbability: () => {
      throw new Error('a regression');
    },
    importance: () => new Float64Array(features.length),
    toFile: () => ({ facts: { trees: values.length }, sections: { values } }),
  };
}

/**
 * The modules of algorithms and of trainers with the fake among them. In a test file:
 *
 *     vi.mock('../../../lib/learn/trainers.ts', async () => (await import(FAKE)).trainersWithFake());
 *     vi.mock('../../../lib/learn/algorithms.ts', async () => (await import(FAKE)).algorithmsWithFake());
 */
export async function trainersWithFake(): Promise<typeof import('../../lib/learn/trainers.ts')> {
  const real = await vi.importActual<typeof import('../../lib/learn/trainers.ts')>(
    '../../lib/learn/trainers.ts',
  );
  return {
    ...real,
    trainerNames: [...real.trainerNames, 'fake-forest'],
    getTrainer: (name) => (name === 'fake-forest' ? (fakeForest as Trainer) : real.getTrainer(name)),
  };
}

export async function algorithmsWithFake(): Promise<typeof import('../../lib/learn/algorithms.ts')> {
  const real = await vi.importActual<typeof import('../../lib/learn/algorithms.ts')>(
    '../../lib/learn/algorithms.ts',
  );
  return {
    getAlgorithm: (name) => (name === 'fake-forest' ? (fakeForest as Trainer) : real.getAlgorithm(name)),
  };
}
