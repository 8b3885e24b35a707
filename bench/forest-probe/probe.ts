/**
 * Trains one forest and prints its seconds: `node bench/forest-probe/probe.ts DATA [TREES] [THREADS] [PARAMS as JSON]`.
 * For tuning; the bench that counts is `npm run bench:learn`. peer.py does the same with scikit-learn.
 */
import { randomForest } from '../../lib/learn/forest/random-forest.ts';
import type { FeatureMatrix, Target } from '../../lib/learn/types.ts';
import { load } from './data.ts';

const [name = 'california-numeric', trees = '100', threads = '1', params = '{}'] = process.argv.slice(2);
const { x, y } = load(name);
const test = (i: number): boolean => i % 5 === 0;
const train = part(x, y, (i) => !test(i));
const held = part(x, y, test);
const parsed = randomForest.parseParams({ trees: Number(trees), ...JSON.parse(params) });
const cpu = process.cpuUsage();
const start = performance.now();
const model = randomForest.fit(train.x, train.y, parsed, { seed: 42, threads: Number(threads) });
const wall = (performance.now() - start) / 1000;
const used = process.cpuUsage(cpu);
console.log(
  JSON.stringify({
    name,
    rows: train.x.rowCount,
    columns: x.names.length,
    trees: Number(trees),
    threads: Number(threads),
    wall: Number(wall.toFixed(3)),
    cpu: Number(((used.user + used.system) / 1e6).toFixed(3)),
    score: Number(score(held.y, model.predict(held.x)).toFixed(4)),
    nodes: model.ensemble!.cover.length,
    maxRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);

function part(from: FeatureMatrix, target: Target, keep: (i: number) => boolean) {
  const rows = Array.from({ length: from.rowCount }, (_, i) => i).filter(keep);
  const columns = from.columns.map((column) => Float64Array.from(rows, (i) => column[i]!));
  const pick = (kept: number[]) =>
    target.task === 'regression'
      ? Float64Array.from(kept, (i) => target.values[i]!)
      : Int32Array.from(kept, (i) => target.values[i]!);
  return {
    x: { ...from, rowCount: rows.length, columns },
    y: { ...target, values: pick(rows) } as Target,
  };
}

/** Accuracy or R2. */
function score(target: Target, predicted: Float64Array): number {
  const { values } = target;
  if (target.task === 'classification')
    return values.filter((value: number, i: number) => value === predicted[i]).length / values.length;
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let [residual, total] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    residual += (values[i]! - predicted[i]!) ** 2;
    total += (values[i]! - mean) ** 2;
  }
  return 1 - residual / total;
}
