/** What is compared: the data sets, the contenders and their settings, equal on all sides. */
import type { Runtime } from './contender.ts';
import type { Form } from './data/prepare.ts';

export interface Contender {
  /** As it stands in the tables. */
  name: string;
  runtime: Runtime;
  /** A trainer of ours, or a name that peers.py knows. */
  algorithm: string;
  params: Record<string, unknown>;
  /** Which form of the data it reads. */
  form: Form;
}

export interface Case {
  name: string;
  kind: 'forest' | 'boosting';
  /** Name of a data set (data/prepare.ts). */
  data: string;
  contenders: readonly Contender[];
  /** Fresh processes a contender and number of threads; run r has the seed r. */
  runs: number;
  /** Rounds of the Python peers on two threads, where they take minutes. */
  peerRoundsBeyondOneThread?: number | undefined;
  /** Whether scikit-learn's bar is the one for numeric data (10 times) or for any (5 times). */
  numeric: boolean;
  /** What is set, in words. */
  settings: string;
  /** Minutes of all runs on two quiet cores at 2.4 GHz, for the estimate at the start. */
  minutes: number;
  quick: boolean;
}

/** maxFeatures: by scikit-learn's rule on the columns that the contender sees, unless a count is given. */
interface ForestCase {
  data: string;
  trees: number;
  maxFeatures: 'sqrt' | 'all';
  runs?: number;
  numeric?: boolean;
  categories?: boolean;
  /** Runs ml-random-forest too, with so many columns tried: where that finishes. */
  baseline?: number;
  minutes: number;
  quick?: boolean;
}

function forestCase(spec: ForestCase): Case {
  const { data, trees, maxFeatures } = spec;
  const ours = (name: string, form: Form): Contender => ({
    name,
    runtime: 'ours',
    algorithm: 'random-forest',
    params: { trees, maxFeatures },
    form,
  });
  const peer: Contender = {
    name: 'scikit-learn',
    runtime: 'python',
    algorithm: 'sklearn-forest',
    params: { trees, maxFeatures },
    form: spec.categories ? 'onehot' : 'native',
  };
  const baseline: Contender = {
    name: 'ml-random-forest',
    runtime: 'ml-random-forest',
    algorithm: 'ml-random-forest',
    params: { trees, maxFeatures: spec.baseline },
    form: 'native',
  };
  return {
    name: data,
    kind: 'forest',
    data,
    contenders: [
      ours(spec.categories ? 'ours, native categories' : 'ours', 'native'),
      peer,
      ...(spec.categories ? [ours('ours, one-hot', 'onehot')] : []),
      ...(spec.baseline === undefined ? [] : [baseline]),
    ],
    runs: spec.runs ?? 5,
    peerRoundsBeyondOneThread: spec.runs === undefined ? undefined : 1,
    numeric: spec.numeric ?? false,
    settings: `${trees} trees, maxFeatures ${maxFeatures}, full depth, bootstrap`,
    minutes: spec.minutes,
    quick: spec.quick ?? false,
  };
}

const BOOSTING = { rounds: 100, learningRate: 0.1, maxLeaves: 31, minSamplesLeaf: 20, l2: 0 };

function boostingCase(data: string, minutes: number, quick = false): Case {
  const contender = (name: string, runtime: Runtime, algorithm: string): Contender => ({
    name,
    runtime,
    algorithm,
    params: BOOSTING,
    form: 'native',
  });
  return {
    name: `boosting-${data}`,
    kind: 'boosting',
    data,
    contenders: [
      contender('ours', 'ours', 'gradient-boosting'),
      contender('LightGBM', 'python', 'lightgbm'),
      contender('scikit-learn histogram', 'python', 'sklearn-histogram'),
    ],
    runs: 5,
    numeric: false,
    settings:
      '100 rounds, learning rate 0.1, 31 leaves, 20 rows a leaf, no L2, native categories on all sides; run r leaves out the r-th tenth of the training rows',
    minutes,
    quick,
  };
}

/** In the order in which they run. */
export const cases: readonly Case[] = [
  forestCase({ data: 'ames', trees: 100, maxFeatures: 'all', numeric: true, minutes: 0.6, quick: true }),
  forestCase({ data: 'devops', trees: 100, maxFeatures: 'all', numeric: true, baseline: 5, minutes: 1.3 }),
  forestCase({
    data: 'california',
    trees: 100,
    maxFeatures: 'all',
    categories: true,
    minutes: 2.2,
    quick: true,
  }),
  forestCase({ data: 'forest-cover', trees: 100, maxFeatures: 'sqrt', categories: true, minutes: 3.3 }),
  forestCase({ data: 'diabetes', trees: 40, maxFeatures: 'sqrt', categories: true, minutes: 2.5 }),
  forestCase({
    data: 'generated-classification7-10000x10',
    trees: 100,
    maxFeatures: 'sqrt',
    numeric: true,
    minutes: 0.9,
    quick: true,
  }),
  forestCase({
    data: 'generated-regression-10000x10',
    trees: 100,
    maxFeatures: 'all',
    numeric: true,
    minutes: 1.5,
  }),
  forestCase({
    data: 'generated-classification7-100000x10',
    trees: 10,
    maxFeatures: 'sqrt',
    numeric: true,
    minutes: 1.1,
  }),
  forestCase({
    data: 'generated-regression-100000x10',
    trees: 10,
    maxFeatures: 'all',
    numeric: true,
    minutes: 2,
  }),
  forestCase({
    data: 'generated-classification7-1000000x10',
    trees: 10,
    maxFeatures: 'sqrt',
    runs: 3,
    numeric: true,
    minutes: 5.2,
  }),
  forestCase({
    data: 'generated-regression-1000000x10',
    trees: 10,
    maxFeatures: 'all',
    runs: 3,
    numeric: true,
    minutes: 5,
  }),
  boostingCase('california', 1, true),
  boostingCase('forest-cover', 2.4),
  boostingCase('generated-classification2-100000x10', 1),
  boostingCase('generated-regression-100000x10', 1),
];
