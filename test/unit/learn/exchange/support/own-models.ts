import { type FeatureCategories, getTrainer, type Model } from '../../../../../lib/learn/index.ts';
import { randomStream } from '../../../../../lib/learn/random.ts';
import { grownModel } from './ensembles.ts';

const TOWNS = ['Graz', 'São Paulo', 'Łódź'];
const FEATURES = ['area', 'town', 'rooms', 'age', 'garden'];
const CATEGORIES: FeatureCategories = [undefined, TOWNS, undefined, undefined, ['no', 'yes']];
/** 3 numbers, 3 towns, 2 of a garden. */
const WIDTH = 8;

/** Numbers between -2 and 2 with digits that float32 does not keep, the same each time. */
function numbers(seed: number, length: number): Float64Array {
  const stream = randomStream(seed, 3);
  return Float64Array.from({ length }, () => (stream.next() >>> 0) / 2 ** 30 - 2);
}

/** A linear regression of given coefficients: no training, so that its bytes depend on no other code. */
export function linearModel(
  coefficients: Float64Array,
  intercept: number,
  categories?: FeatureCategories,
): Model {
  const features = categories === undefined ? coefficients.length : FEATURES.length;
  return getTrainer('linear-regression').fromFile(
    {
      facts: { intercept, rank: coefficients.length, dependent: [] },
      sections: { coefficients, importance: new Float64Array(features) },
    },
    {
      task: 'regression',
      features: FEATURES.slice(0, features),
      classes: [],
      ...(categories ? { categories } : {}),
    },
  );
}

/** A logistic regression of given coefficients; `seen` are the classes that have any. */
export function logisticModel(
  classes: string[],
  seen: number[],
  categories?: FeatureCategories,
  seed = 1,
): Model {
  const outputs = seen.length === 2 ? 1 : seen.length;
  const features = categories === undefined ? 3 : FEATURES.length;
  const width = categories === undefined ? 3 : WIDTH;
  return getTrainer('logistic-regression').fromFile(
    {
      facts: { seen, converged: true, iterations: 9, gradientNorm: 0 },
      sections: {
        coefficients: numbers(seed, outputs * width),
        intercepts: numbers(seed + 1, outputs),
        importance: new Float64Array(features),
      },
    },
    {
      task: 'classification',
      features: FEATURES.slice(0, features),
      classes,
      ...(categories ? { categories } : {}),
    },
  );
}

/** Models whose export onnxruntime answered for: bench/onnx/ours.ts writes them, bench/onnx/fixtures.py runs them. */
export const ownModels: Readonly<Record<string, () => Model>> = {
  'linear-regression': () => linearModel(Float64Array.of(1 / 3, -2 / 7, 1e-3), 1234.5678),
  'linear-regression-cancelling': () => linearModel(Float64Array.of(1e4 / 3, -1e4 / 3, 0.1), 0.7),
  'linear-regression-categories': () => linearModel(numbers(4, WIDTH), -1 / 9, CATEGORIES),
  'logistic-two': () => logisticModel(['bad', 'good'], [0, 1]),
  'logistic-two-categories': () => logisticModel(['bad', 'good'], [0, 1], CATEGORIES, 5),
  'logistic-three': () => logisticModel(['a', 'b', 'c'], [0, 1, 2]),
  'logistic-three-categories': () => logisticModel(['a', 'b', 'c'], [0, 1, 2], CATEGORIES, 7),
  'logistic-unseen': () => logisticModel(['a', 'b', 'never', 'z'], [0, 1, 3], CATEGORIES, 9),
  'logistic-two-of-three': () => logisticModel(['a', 'never', 'z'], [0, 2]),
  'trees-number': () => grownModel(11, 'identity', 1),
  'trees-shares': () => grownModel(12, 'none', 3),
  'trees-logistic': () => grownModel(13, 'logistic', 1),
  'trees-softmax': () => grownModel(14, 'softmax', 4),
};

/** Rows for one: numbers that float32 keeps, codes, and gaps where the model takes them. */
export function ownRows(model: Model): (number | null)[][] {
  const stream = randomStream(17, 5);
  const unit = () => (stream.next() >>> 0) / 2 ** 32;
  const gaps = model.ensemble !== undefined;
  return Array.from({ length: 24 }, () =>
    model.features.map((_, f) => {
      const count = model.categories?.[f]?.length;
      if (unit() < 0.2 && (gaps || count !== undefined)) return null;
      return count === undefined ? Math.fround(unit() * 4 - 2) : Math.floor(unit() * count);
    }),
  );
}

/** The rows as the model takes them, codes as they are. */
export function ownMatrix(model: Model, rows: readonly (readonly (number | null)[])[]) {
  return {
    rowCount: rows.length,
    names: model.features,
    columns: model.features.map((_, f) => Float64Array.from(rows, (row) => row[f] ?? Number.NaN)),
    ...(model.categories ? { categories: model.categories } : {}),
  };
}
