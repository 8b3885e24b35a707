/** One run of ours in a process of its own: `node ours.ts JOB`, JOB being a {@link Job} as JSON. */
import { readModelFile, writeModelFile } from '../../../lib/learn/file/model-file.ts';
import { getTrainer } from '../../../lib/learn/trainers.ts';
import type { FeatureMatrix, Model } from '../../../lib/learn/types.ts';
import { readPart } from '../data/store.ts';
import { answer, peakRss, readJob, scoreOf, timedFit, warmMedian } from './job.ts';

const PREDICTED_ROWS = 10_000;

/** Exactly `count` rows, from the front again where there are fewer. */
function rowsOf(x: FeatureMatrix, count: number, from = 0): FeatureMatrix {
  const columns = x.columns.map((column) =>
    Float64Array.from({ length: count }, (_, i) => column[(from + i) % x.rowCount]!),
  );
  return { ...x, rowCount: count, columns };
}

/** The file of a model without preparation, as the train stage would write it. */
function fileOf(model: Model, params: unknown, seed: number): Uint8Array {
  const columns = model.features.map((name, j) => ({
    name,
    kind: (model.categories?.[j] ? 'category' : 'number') as 'category' | 'number',
    nullable: true,
  }));
  const target = { name: 'target', kind: 'number' as const, nullable: false };
  const schema = { columns: [...columns, target] };
  return writeModelFile({
    name: 'bench',
    model,
    preprocessing: {
      format: 'arboleda-preprocessing',
      version: 1,
      target: 'target',
      schema,
      input: columns.map(({ name }) => name),
      steps: [],
      output: columns.map(({ name, kind }) => ({ name, kind })),
      rows: 1,
    },
    rowSchema: schema,
    target: 'target',
    params: params as Record<string, unknown>,
    seed,
  });
}

/** What came by the nodes that ask something: a leaf is its own left child (see ensemble.ts). */
function innerCover({ ensemble }: Model): number | undefined {
  if (ensemble === undefined) return undefined;
  const { roots, nodes, cover, slotBits } = ensemble;
  let sum = 0;
  for (let t = 0; t + 1 < roots.length; t++) {
    for (let i = roots[t]!; i < roots[t + 1]!; i++) {
      if (nodes[2 * i + 1]! >>> slotBits !== i - roots[t]!) sum += cover[i]!;
    }
  }
  return sum;
}

const job = readJob();
const { data, algorithm, params, seed, threads } = job;
const { x, y } = readPart(data, 'train', job);
const trainer = getTrainer(algorithm);
const parsed = trainer.parseParams(params);
let pieces: readonly number[] = [];
const { value: model, ...fit } = timedFit(() =>
  trainer.fit(x, y, parsed, { seed, threads, onThreads: (told) => (pieces = told) }),
);
const result = { ...fit, rssPeak: peakRss(), pieces, notes: model.notes, innerCover: innerCover(model) };
if (job.measure === 'fit') answer(result);
else {
  const test = readPart(data, 'test');
  const probabilities = model.task === 'classification' ? model.predictProbability(test.x) : undefined;
  const score = scoreOf(test.y, model.predict(test.x), probabilities);
  const batch = rowsOf(test.x, PREDICTED_ROWS);
  const single = Array.from({ length: 512 }, (_, i) => rowsOf(test.x, 1, i));
  let next = 0;
  answer({
    ...result,
    ...score,
    batchSeconds: warmMedian(() => model.predict(batch), 0.5),
    rowSeconds: warmMedian(() => model.predict(single[next++ & 511]!), 0.4),
    ...(job.measure === 'file' ? fileFigures(model, parsed, seed) : {}),
  });
}

function fileFigures(fitted: Model, used: unknown, fitSeed: number) {
  const file = fileOf(fitted, used, fitSeed);
  const started = performance.now();
  readModelFile(file);
  const firstLoadSeconds = (performance.now() - started) / 1000;
  const { ensemble } = fitted;
  return {
    fileBytes: file.length,
    firstLoadSeconds,
    loadSeconds: warmMedian(() => readModelFile(file), 0.5),
    ...(ensemble ? { trees: ensemble.roots.length - 1, nodes: ensemble.nodes.length / 2 } : {}),
  };
}
