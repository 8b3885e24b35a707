/**
 * What the 44 duplicate rows of student-performance do to its figures: the same forest on splits with them and without,
 * over five seeds, 80 % to train and 20 % to test, stratified.
 *   node bench/pipelines/student-duplicates.ts [DIR]
 * Prints a table; with DIR writes the splits there, one folder each, for sklearn_peer.py.
 */
import { join } from 'node:path';
import { randomForest } from '../../lib/pipeline/index.ts';
import { allPipelines, exportSplits, outputsOf, type Ran, runInMemory } from './open.ts';

const [out] = process.argv.slice(2);
const definition = (await allPipelines()).find(({ name }) => name === 'student-performance')!;
const split = { ...definition.split, train: 0.8, validation: 0, test: 0.2 };
const forest = { ...definition, split, candidates: [randomForest({ trees: 100 })] };
const select = { metric: 'f1_weighted', on: 'test' as const };
const keeping = { ...forest, select, clean: forest.clean.filter(({ step }) => step !== 'drop-duplicates') };
const dropping = { ...forest, select };

const seeds = [0, 1, 2, 3, 4];
for (const [name, variant] of Object.entries({ without: dropping, with: keeping })) {
  const runs: Ran[] = [];
  for (const seed of seeds) {
    const ran = await runInMemory(variant, { seed, to: 'evaluate' });
    if (out !== undefined) await exportSplits(ran, join(out, `${name}-${seed}`));
    runs.push(ran);
  }
  const figures = await Promise.all(
    runs.map(async ({ world, run }) => {
      const { metrics } = (await outputsOf(world, run, 'evaluate')) as { metrics: Record<string, number> };
      return metrics;
    }),
  );
  const shares = runs.map(({ dataset }) => dataset.duplicatesAcrossSplits / dataset.splits.test.rows);
  const line = {
    rows: runs[0]!.dataset.rowsOut,
    testRows: runs[0]!.dataset.splits.test.rows,
    testRowsAlsoInTraining: spread(shares),
    accuracy: spread(figures.map((one) => one.accuracy!)),
    f1_weighted: spread(figures.map((one) => one.f1_weighted!)),
  };
  console.log(`${name} duplicates: ${JSON.stringify(line)}`);
}

/** Mean and standard error. */
function spread(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const error = Math.sqrt(squares / (values.length - 1) / values.length);
  return `${mean.toFixed(3)} ± ${error.toFixed(3)}`;
}
