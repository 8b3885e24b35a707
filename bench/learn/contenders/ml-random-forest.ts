/** One run of the npm package ml-random-forest, as its users call it: `node ml-random-forest.ts JOB`. */
import { RandomForestClassifier, RandomForestRegression } from 'ml-random-forest';
import { readPart } from '../data/store.ts';
import { answer, peakRss, readJob, scoreOf, timedFit } from './job.ts';

/** Test rows that are judged: the package predicts slowly. */
const JUDGED_ROWS = 2_000;

const job = readJob();
const { x, y } = readPart(job.data, 'train', job);
const rowArrays = (columns: readonly Float64Array[], rows: number): number[][] =>
  Array.from({ length: rows }, (_, i) => columns.map((column) => column[i]!));
const [rows, labels] = [rowArrays(x.columns, x.rowCount), Array.from(y.values)];
const { trees, maxFeatures } = job.params as { trees: number; maxFeatures: number };
const Forest = y.task === 'classification' ? RandomForestClassifier : RandomForestRegression;
const forest = new Forest({
  nEstimators: trees,
  maxFeatures,
  seed: job.seed,
  replacement: false,
  useSampleBagging: true,
  noOOB: true,
  // Full depth, as the others. The threshold of a regression's gain is an error there: below 0 it refuses nothing.
  treeOptions: { minNumSamples: 1, gainThreshold: y.task === 'classification' ? 0 : -1 },
} as never);
const { value: _, ...fit } = timedFit(() => forest.train(rows, labels));
const result = { ...fit, rssPeak: peakRss() };
if (job.measure === 'fit') answer(result);
else {
  const test = readPart(job.data, 'test', { rows: JUDGED_ROWS });
  answer({ ...result, ...scoreOf(test.y, forest.predict(rowArrays(test.x.columns, test.x.rowCount))) });
}
