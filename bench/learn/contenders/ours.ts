/** One run of ours in a process of its own: `node ours.ts JOB`, JOB being a {@link Job} as JSON. */
import { getTrainer, readModelFile, writeModelFile } from '../../../lib/learn/index.ts';
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

const job = readJob();
const { data, algorithm, params, seed, threads } = job;
const { x, y } = readPart(data, 'train', job.rows);
const trainer = getTrainer(algorithm);
const parsed = trainer.parseParams(params);
let pieces: readonly number[] = [];
const { value: model, ...fit } = timedFit(() =>
  trainer.fit(x, y, parsed, { seed, threads, onThreads: (told) => (pieces = told) }),
);
const result = { ...fit, rssPeak: peakRss(), pieces, notes: model.notes };
if (job.fitOnly) answer(result);
else {
  const test = readPart(data, 'test');
  const probabilities = model.task === 'classification' ? model.predictProbability(test.x) : undefined;
  const score = scoreOf(test.y, model.predict(test.x), probabilities);
  const batch = rowsOf(test.x, PREDICTED_ROWS);
  const single = Array.from({ length: 512 }, (_, i) => rowsOf(test.x, 1, i));
  let next = 0;
  const batchSeconds = warmMedian(() => model.predict(batch), 1.5);
  const rowSeconds = warmMedian(() => model.predict(single[next++ & 511]!), 1);
  const file = fileOf(model, parsed, seed);
  const started = performance.now();
  readModelFile(file);
  const firstLoadSeconds = (performance.now() - started) / 1000;
  answer({
    ...result,
    ...score,
    batchSeconds,
    rowSeconds,
    fileBytes: file.length,
    firstLoadSeconds,
    loadSeconds: warmMedian(() => readModelFile(file), 1),
    trees: model.ensemble === undefined ? undefined : model.ensemble.roots.length - 1,
    nodes: model.ensemble === undefined ? undefined : model.ensemble.nodes.length / 2,
  });
}
