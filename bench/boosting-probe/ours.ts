/** One fit of ours: ours.ts FOLDER ROUNDS THREADS [PARAMS as JSON]. Prints JSON. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gradientBoosting } from '../../lib/learn/boosting/gradient-boosting.ts';
import type { FeatureMatrix, Target } from '../../lib/learn/index.ts';

interface Meta {
  task: 'regression' | 'binary' | 'multiclass';
  rows: [train: number, test: number];
  columns: number;
  classes: number;
  categories: number[];
}

const [folder, rounds, threads, extra] = process.argv.slice(2);
const meta = JSON.parse(readFileSync(join(folder!, 'meta.json'), 'utf8')) as Meta;
const doubles = (name: string): Float64Array => {
  const bytes = readFileSync(join(folder!, name));
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
};
const padded = (i: number): string => String(i).padStart(4, '0');

function part(name: 'train' | 'test'): { x: FeatureMatrix; y: Target } {
  const rows = meta.rows[name === 'train' ? 0 : 1];
  const all = doubles(`${name}.x`);
  const columns = Array.from({ length: meta.columns }, (_, j) => all.subarray(j * rows, (j + 1) * rows));
  const categories = meta.categories.map((count) =>
    count === 0 ? undefined : Array.from({ length: count }, (_, i) => padded(i)),
  );
  const names = columns.map((_, j) => `x${padded(j)}`);
  const values = doubles(`${name}.y`);
  const classes = Array.from({ length: meta.classes }, (_, i) => padded(i));
  return {
    x: { rowCount: rows, names, columns, ...(categories.some((list) => list) && { categories }) },
    y:
      meta.task === 'regression'
        ? { task: 'regression', values }
        : { task: 'classification', classes, values: Int32Array.from(values) },
  };
}

const train = part('train');
const test = part('test');
const params = gradientBoosting.parseParams({ rounds: Number(rounds), ...JSON.parse(extra ?? '{}') });
const cpuBefore = process.cpuUsage();
const wallBefore = performance.now();
const model = gradientBoosting.fit(train.x, train.y, params, { seed: 1, threads: Number(threads) });
const wall = (performance.now() - wallBefore) / 1e3;
const { user, system } = process.cpuUsage(cpuBefore);
let loss = 0;
let score = 0;
if (test.y.task === 'regression') {
  const p = model.predict(test.x);
  const mean = test.y.values.reduce((sum, value) => sum + value, 0) / p.length;
  let variance = 0;
  for (let i = 0; i < p.length; i++) {
    loss += (p[i]! - test.y.values[i]!) ** 2 / p.length;
    variance += (mean - test.y.values[i]!) ** 2 / p.length;
  }
  score = 1 - loss / variance;
} else {
  const p = model.predictProbability(test.x);
  const best = model.predict(test.x);
  for (let i = 0; i < best.length; i++) {
    loss -= Math.log(Math.max(p[i * meta.classes + test.y.values[i]!]!, 1e-15)) / best.length;
    score += Number(best[i] === test.y.values[i]!) / best.length;
  }
}
console.log(JSON.stringify({ cpu: (user + system) / 1e6, wall, loss, score }));
