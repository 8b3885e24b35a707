/** How training time grows: measured over rows, columns and trees, fitted as powers; and how far ml-random-forest gets. */
import type { Contender } from './cases.ts';
import type { RoundOptions } from './rounds.ts';
import { runRounds, type Series, type Turn } from './rounds.ts';
import { median, type PowerLaw, powerLaw } from './statistics.ts';

/** One size, on one thread. */
export interface GrowthPoint {
  size: number;
  /** Median seconds of each contender. */
  seconds: Record<string, number>;
}

export interface GrowthLine {
  over: 'rows' | 'columns' | 'trees';
  /** What stayed the same. */
  at: string;
  points: GrowthPoint[];
  /** Of each contender with at least four points. */
  laws: Record<string, PowerLaw>;
}

/** What the sweeps need of the runner. */
export interface SweepTools extends RoundOptions {
  /** Makes a data set and gives its folder. */
  folderOf: (name: string) => Promise<string>;
}

type Swept = 'ours' | 'python' | 'ml-random-forest';

const entrants: Record<Swept, Pick<Contender, 'name' | 'algorithm'>> = {
  ours: { name: 'ours', algorithm: 'random-forest' },
  python: { name: 'scikit-learn', algorithm: 'sklearn-forest' },
  'ml-random-forest': { name: 'ml-random-forest', algorithm: 'ml-random-forest' },
};

const forest = (runtime: Swept, params: Record<string, unknown>): Contender => ({
  ...entrants[runtime],
  runtime,
  params,
  form: 'native',
});

const turn = (contender: Contender, data: string, label: string, rows?: number): Turn => ({
  contender,
  label,
  threads: 1,
  job: {
    data,
    algorithm: contender.algorithm,
    params: contender.params,
    seed: 0,
    threads: 1,
    rows,
    measure: 'fit',
  },
});

interface Step {
  size: number;
  data: string;
  rows?: number;
  trees: number;
  maxFeatures: 'sqrt' | 'all';
}

/** The sweeps; `quick` stays small. */
export function sweeps(quick: boolean): { over: GrowthLine['over']; at: string; steps: Step[] }[] {
  const most = quick ? 64_000 : 256_000;
  const rows = [most / 16, most / 8, most / 4, most / 2, most];
  const data = `generated-classification7-${most}x10`;
  return [
    {
      over: 'rows',
      at: '10 columns, 7 classes, 10 trees, maxFeatures sqrt',
      steps: rows.map((size) => ({ size, data, rows: size, trees: 10, maxFeatures: 'sqrt' })),
    },
    {
      over: 'columns',
      at: '16,000 rows, regression, 10 trees, maxFeatures all',
      steps: [5, 10, 20, 40].map((size) => ({
        size,
        data: `generated-regression-16000x${size}`,
        trees: 10,
        maxFeatures: 'all',
      })),
    },
    {
      over: 'trees',
      at: '16,000 rows, 10 columns, 7 classes, maxFeatures sqrt',
      steps: [10, 20, 40, 80].map((size) => ({ size, data, rows: 16_000, trees: size, maxFeatures: 'sqrt' })),
    },
  ];
}

/** Runs the sweeps, all sizes of a sweep in turn in every round. */
export async function measureGrowth(quick: boolean, tools: SweepTools): Promise<GrowthLine[]> {
  const lines: GrowthLine[] = [];
  for (const { over, at, steps } of sweeps(quick)) {
    tools.say(`growth in ${over}: ${steps.map(({ size }) => size).join(', ')}`);
    const turns: Turn[] = [];
    for (const { size, data, rows, trees, maxFeatures } of steps) {
      const folder = await tools.folderOf(data);
      turns.push(turn(forest('ours', { trees, maxFeatures }), folder, `${size} ${over}`, rows));
      turns.push(turn(forest('python', { trees, maxFeatures }), folder, `${size} ${over}`, rows));
    }
    const series = await runRounds(turns, tools);
    const points = steps.map(({ size }, i) => ({ size, seconds: secondsOf(series.slice(2 * i, 2 * i + 2)) }));
    lines.push({ over, at, points, laws: lawsOf(points) });
  }
  return lines;
}

function secondsOf(series: readonly Series[]): Record<string, number> {
  const finished = series.filter(({ answers }) => answers.length > 0);
  return Object.fromEntries(
    finished.map(({ contender, answers }) => [
      contender,
      median(answers.map(({ fitSeconds }) => fitSeconds)),
    ]),
  );
}

/** The power law of each contender that has at least four points. */
export function lawsOf(points: readonly GrowthPoint[]): Record<string, PowerLaw> {
  const names = new Set(points.flatMap(({ seconds }) => Object.keys(seconds)));
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const own = points.filter(({ seconds }) => seconds[name] !== undefined);
      if (own.length < 4) return [];
      return [
        [
          name,
          powerLaw(
            own.map(({ size }) => size),
            own.map(({ seconds }) => seconds[name]!),
          ),
        ],
      ];
    }),
  );
}

/** The power that n log n looks like between the sizes given. */
export const linearithmic = (sizes: readonly number[]): number =>
  powerLaw(
    sizes,
    sizes.map((size) => size * Math.log(size)),
  ).exponent;

const BASELINE_TREES = 10;
const BASELINE_COLUMNS_TRIED = 3;

/**
 * The same forest by ours, scikit-learn and ml-random-forest on 500 rows, 1,000 and so on, until the latter takes more
 * than `limitSeconds`: growing with the square of the rows, four times that would come next.
 */
export async function measureBaseline(limitSeconds: number, tools: SweepTools): Promise<GrowthLine> {
  const data = await tools.folderOf('generated-classification7-64000x10');
  const points: GrowthPoint[] = [];
  const params = { trees: BASELINE_TREES, maxFeatures: BASELINE_COLUMNS_TRIED };
  for (let rows = 500, last = 0; rows <= 64_000; rows *= 2) {
    // The last size is the expensive one: once is enough where a minute is compared with milliseconds.
    const rounds = last > limitSeconds / 16 ? 1 : tools.rounds;
    const turns = (['ours', 'python', 'ml-random-forest'] as const).map((name) =>
      turn(forest(name, params), data, `${rows} rows`, rows),
    );
    tools.say(`ml-random-forest at ${rows} rows`);
    const series = await runRounds(turns, { ...tools, rounds, limitSeconds: 4 * limitSeconds });
    points.push({ size: rows, seconds: secondsOf(series) });
    last = points.at(-1)!.seconds['ml-random-forest'] ?? Number.POSITIVE_INFINITY;
    if (last > limitSeconds) break;
  }
  const at = `10 columns, 7 classes, ${BASELINE_TREES} trees, ${BASELINE_COLUMNS_TRIED} columns tried`;
  return { over: 'rows', at, points, laws: lawsOf(points) };
}
