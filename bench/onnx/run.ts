import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportOnnx, importOnnx } from '../../lib/learn/exchange/index.ts';
import {
  alignFeatures,
  type FeatureMatrix,
  getTrainer,
  type Model,
  type Target,
} from '../../lib/learn/index.ts';
import { dataSets, float32Rows, loadSplit } from './data.ts';

/**
 * Checks export and import of ONNX against onnxruntime on the test rows of three real data sets:
 *
 *     node bench/onnx/run.ts PYTHON DATA WORK
 *
 * PYTHON is an interpreter with bench/onnx/requirements.txt, DATA the folder of the data sets, WORK any folder for
 * files. Prints the largest difference of every model; ends with 1 where one is above 1e-5.
 */
const [python, folder, work] = process.argv.slice(2);
if (!python || !folder || !work) throw new Error('usage: node bench/onnx/run.ts PYTHON DATA WORK');
const ROWS = 10_000;
const LIMIT = 1e-5;

interface Checked {
  name: string;
  rows: number;
  /** Of probabilities; of numbers relative to the larger of 1 and the number. */
  difference: number;
  /** Labels other than onnxruntime's, where the two classes are not of equal probability. */
  otherLabels: number;
}

const bytesOf = (array: Float32Array | Float64Array | Int32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

mkdirSync(work, { recursive: true });
for (const set of dataSets) {
  for (const linear of [false, true]) {
    const split = await loadSplit(folder, set, ROWS, linear);
    const algorithms = linear
      ? [split.task === 'classification' ? 'logistic-regression' : 'linear-regression']
      : ['random-forest', 'gradient-boosting'];
    if (!linear) writePeersData(set.name, split.train, split.test.x);
    for (const algorithm of algorithms) {
      const trainer = getTrainer(algorithm);
      const model = trainer.fit(split.train.x, split.train.y, trainer.parseParams({}), {
        seed: 42,
        threads: 2,
      });
      writeExport(`${set.name}-${algorithm}`, model, split.test.x);
    }
  }
}
const script = new URL('./check.py', import.meta.url).pathname;
const ran = spawnSync(python, [script, work], { stdio: ['ignore', 'inherit', 'inherit'] });
if (ran.status !== 0) process.exit(1);
const exported = JSON.parse(readFileSync(join(work, 'exported.json'), 'utf8')) as Checked[];
const imported = checkImports();
for (const [what, list] of [
  ['export', exported],
  ['import', imported],
] as const) {
  console.log(
    `\n| ${what} | test rows | largest difference | other labels, ties aside |\n|---|---:|---:|---:|`,
  );
  for (const { name, rows, difference, otherLabels } of list) {
    console.log(`| ${name} | ${rows} | ${difference.toExponential(1)} | ${otherLabels} |`);
  }
}
process.exitCode = [...exported, ...imported].every(({ difference }) => difference <= LIMIT) ? 0 : 1;

/** The file, the rows and our answers. */
function writeExport(name: string, model: Model, x: FeatureMatrix): void {
  // What ONNX is given are float32 numbers, so ours answer to those.
  const aligned = alignFeatures(x, model);
  const rows = { ...aligned, columns: aligned.columns.map((column) => column.map(Math.fround)) };
  writeFileSync(join(work!, `${name}.ours.onnx`), exportOnnx(model, { name }));
  writeFileSync(join(work!, `${name}.rows`), bytesOf(float32Rows(rows)));
  const answers = model.task === 'regression' ? model.predict(rows) : model.predictProbability(rows);
  writeFileSync(join(work!, `${name}.answers`), bytesOf(answers));
  const labels =
    model.task === 'regression' ? undefined : Array.from(model.predict(rows), (k) => model.classes[k]);
  const facts = { name, width: model.features.length, outputs: Math.max(1, model.classes.length), labels };
  writeFileSync(join(work!, `${name}.ours.json`), JSON.stringify(facts));
}

/** Rows for scikit-learn, LightGBM and XGBoost: categories as their codes, which is all that those converters write. */
function writePeersData(name: string, { x, y }: { x: FeatureMatrix; y: Target }, test: FeatureMatrix): void {
  writeFileSync(join(work!, `${name}.train`), bytesOf(float32Rows(x)));
  writeFileSync(join(work!, `${name}.test`), bytesOf(float32Rows(test)));
  writeFileSync(join(work!, `${name}.target`), bytesOf(Float64Array.from(y.values)));
  const categorical = x.names.flatMap((_, f) => (x.categories?.[f] === undefined ? [] : [f]));
  const facts = { name, width: x.names.length, task: y.task, categorical };
  writeFileSync(join(work!, `${name}.peers.json`), JSON.stringify(facts));
}

/** What the Python side trained, converted and answered, read here. */
function checkImports(): Checked[] {
  const list = JSON.parse(readFileSync(join(work!, 'peers.json'), 'utf8')) as {
    name: string;
    set: string;
    width: number;
  }[];
  return list.map(({ name, set, width }) => {
    const { model } = importOnnx(new Uint8Array(readFileSync(join(work!, `${name}.onnx`))));
    const rows = new Float32Array(new Uint8Array(readFileSync(join(work!, `${set}.test`))).buffer);
    const answers = new Float64Array(new Uint8Array(readFileSync(join(work!, `${name}.answers`))).buffer);
    const x = matrixOf(model, rows, width);
    const found = model.task === 'regression' ? model.predict(x) : model.predictProbability(x);
    let difference = 0;
    for (let i = 0; i < found.length; i++) {
      difference = Math.max(
        difference,
        Math.abs(found[i]! - answers[i]!) / Math.max(1, Math.abs(answers[i]!)),
      );
    }
    const labels = JSON.parse(readFileSync(join(work!, `${name}.labels`), 'utf8')) as (string | number)[];
    const own = model.predict(x);
    const count = model.classes.length;
    // Where two classes have the same share, either runtime's last bit decides.
    const otherLabels = labels.filter((label, i) => {
      const theirs = model.classes.indexOf(String(label));
      const share = (k: number) => found[i * count + k]!;
      return theirs < 0 || share(own[i]!) - share(theirs) > 1e-6;
    }).length;
    return { name, rows: x.rowCount, difference, otherLabels };
  });
}

/** Rows as a model from elsewhere takes them: codes that some question names become its own codes. */
function matrixOf(model: Model, rows: Float32Array, width: number): FeatureMatrix {
  const rowCount = rows.length / width;
  const columns = model.features.map((_, f) => {
    const codes =
      model.categories?.[f] && new Map(model.categories[f].map((name, code) => [Number(name), code]));
    return Float64Array.from({ length: rowCount }, (__, i) => {
      const value = rows[i * width + f]!;
      return codes === undefined ? value : (codes.get(value) ?? Number.NaN);
    });
  });
  return {
    rowCount,
    names: model.features,
    columns,
    ...(model.categories ? { categories: model.categories } : {}),
  };
}
