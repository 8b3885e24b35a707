import { buildEnsemble, type PlainTree } from '../../../../../lib/learn/ensemble/build.ts';
import type { Link } from '../../../../../lib/learn/ensemble/links.ts';
import { ensembleModel } from '../../../../../lib/learn/ensemble/model.ts';
import type { FeatureMatrix, Model } from '../../../../../lib/learn/index.ts';
import { randomStream } from '../../../../../lib/learn/random.ts';

export const kinds: readonly [Link, number][] = [
  ['identity', 1],
  ['none', 2],
  ['none', 3],
  ['logistic', 1],
  ['softmax', 4],
];

/** Categories of the four features of a grown model. */
const COUNTS = [0, 5, 60, 0];

/** A model of random trees over two numbers and two categories, in which missing values go either way. */
export function grownModel(seed: number, link: Link, outputs: number, categorical = true): Model {
  const next = randomStream(seed, 0);
  const counts = categorical ? COUNTS : [0, 0, 0, 0];
  const trees = Array.from({ length: 4 }, (_, t) => grownTree(next, counts, link, outputs, t % outputs));
  const classes = link === 'logistic' ? ['no', 'yes'] : Array.from({ length: outputs }, (_, k) => `c${k}`);
  const features = ['a', 'b', 'c', 'd'];
  return ensembleModel({
    algorithm: 'random-forest',
    task: link === 'identity' ? 'regression' : 'classification',
    features,
    categories: categorical ? counts.map((count) => (count ? namesOf(count) : undefined)) : undefined,
    classes: link === 'identity' ? [] : classes,
    ensemble: buildEnsemble({
      featureCount: 4,
      outputs,
      categoryCounts: counts,
      aggregate: link === 'none' ? 'mean' : 'sum',
      ...(link === 'none'
        ? {}
        : { base: Array.from({ length: outputs }, () => Math.fround(next.next() / 2 ** 32)) }),
      trees,
    }),
    importance: new Float64Array(4),
    link,
  });
}

const namesOf = (count: number): string[] => Array.from({ length: count }, (_, code) => `n${code}`);

/** Rows for it: numbers, codes that are known and unknown, and gaps. */
export function rowsFor(seed: number, model: Model, rowCount: number): FeatureMatrix {
  const stream = randomStream(seed, 1);
  const unit = () => (stream.next() >>> 0) / 2 ** 32;
  const columns = model.features.map((_, f) => {
    const count = model.categories?.[f]?.length;
    return Float64Array.from({ length: rowCount }, () => {
      if (unit() < 0.2) return Number.NaN;
      return count === undefined ? Math.fround(unit() * 2 - 1) : Math.floor(unit() * count);
    });
  });
  const { features, categories } = model;
  return { rowCount, names: features, columns, ...(categories ? { categories } : {}) };
}

function grownTree(
  stream: ReturnType<typeof randomStream>,
  counts: readonly number[],
  link: Link,
  outputs: number,
  output: number,
): PlainTree {
  const unit = () => (stream.next() >>> 0) / 2 ** 32;
  const [feature, threshold, left, right, cover]: number[][] = [[], [], [], [], []];
  const missingLeft: boolean[] = [];
  const categories: (number[] | undefined)[] = [];
  const value: number[] = [];
  const grow = (depth: number): number => {
    const at = feature!.length;
    const leaf = depth === 0 || unit() < 0.1;
    const asked = leaf ? -1 : Math.floor(unit() * counts.length);
    feature!.push(asked);
    threshold!.push(Math.fround(unit() * 2 - 1));
    left!.push(0);
    right!.push(0);
    cover!.push(1);
    missingLeft.push(unit() < 0.5);
    const count = counts[asked] ?? 0;
    const codes = Array.from({ length: count }, (_, code) => code).filter(() => unit() < 0.3);
    categories.push(count > 0 ? codes : undefined);
    value.push(...leafValues(unit, link, outputs));
    if (!leaf) {
      left![at] = grow(depth - 1);
      right![at] = grow(depth - 1);
      cover![at] = cover![left![at]!]! + cover![right![at]!]!;
    }
    return at;
  };
  grow(4);
  return {
    feature: feature!,
    threshold: threshold!,
    left: left!,
    right: right!,
    missingLeft,
    categories,
    value,
    cover: cover!,
    output: link === 'none' ? 0 : output,
  };
}

/** One number; or shares, of one class alone in every other leaf. */
function leafValues(unit: () => number, link: Link, outputs: number): number[] {
  if (link !== 'none') return [Math.fround(unit() * 2 - 1)];
  const raw = Array.from({ length: outputs }, unit);
  const sum = raw.reduce((total, share) => total + share, 0);
  const pure = unit() < 0.5;
  return raw.map((share, k) => (pure ? Number(k === Math.floor(raw[0]! * outputs)) : share / sum));
}
