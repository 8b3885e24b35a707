/** From the answers of many processes to one line a contender and number of threads. */
import type { Answer } from './contenders/job.ts';
import type { Series } from './rounds.ts';
import { mean, median, type Standing, standardError, standing } from './statistics.ts';

export interface Score {
  /** What it is: accuracy, log loss, R2 or RMSE. */
  name: 'accuracy' | 'logLoss' | 'r2' | 'rmse';
  mean: number;
  standardError: number;
  /** Against the peer that the table compares with; absent for that peer itself. */
  standing?: Standing;
}

export interface Line {
  contender: string;
  threads: number;
  runs: number;
  /** Medians. */
  fitSeconds: number;
  fitCpuSeconds: number;
  /** How many times faster than the peer at as many threads, by the wall clock and by processor time. */
  timesPeer?: number;
  timesPeerCpu?: number;
  /** How many times faster than the same contender on one thread. */
  timesOneThread?: number;
  rssPeak: number;
  rssAdded: number;
  batchSeconds?: number;
  batchTimesPeer?: number;
  rowSeconds?: number;
  fileBytes?: number;
  loadSeconds?: number;
  firstLoadSeconds?: number;
  nodes?: number;
  scores: Score[];
  /** Wall time well above processor time on one thread: others were using the machine. */
  disturbed: boolean;
  stopped?: string;
}

/** Scores in which lower is better. */
const LOWER = new Set<Score['name']>(['logLoss', 'rmse']);
const SCORES = ['accuracy', 'logLoss', 'r2', 'rmse'] as const;
/** A run on one thread whose clock showed so much more than its processor time shared the machine. */
const DISTURBED = 1.15;

const figures = (answers: readonly Answer[], key: keyof Answer): number[] =>
  answers.map((answer) => answer[key]).filter((value): value is number => typeof value === 'number');
const middle = (answers: readonly Answer[], key: keyof Answer): number | undefined => {
  const values = figures(answers, key);
  return values.length === 0 ? undefined : median(values);
};

/**
 * One line a series that has any answer, against the series of `peer` with as many threads.
 *
 * @param peer name of the contender to compare with
 */
export function summarise(series: readonly Series[], peer: string): Line[] {
  return series
    .filter(({ answers }) => answers.length > 0)
    .map((own) =>
      lineOf(
        own,
        (name, threads) =>
          series.find(
            (other) => other.contender === name && other.threads === threads && other.answers.length > 0,
          ),
        peer,
      ),
    );
}

function lineOf(
  { contender, threads, answers, stopped }: Series,
  find: (contender: string, threads: number) => Series | undefined,
  peer: string,
): Line {
  const other = contender === peer ? undefined : find(peer, threads)?.answers;
  const single = threads === 1 ? undefined : find(contender, 1)?.answers;
  const fitSeconds = median(figures(answers, 'fitSeconds'));
  const fitCpuSeconds = median(figures(answers, 'fitCpuSeconds'));
  const against = (key: keyof Answer, base: readonly Answer[] | undefined): number | undefined => {
    const [mine, theirs] = [middle(answers, key), base && middle(base, key)];
    return mine === undefined || theirs === undefined ? undefined : theirs / mine;
  };
  const line: Line = {
    contender,
    threads,
    runs: answers.length,
    fitSeconds,
    fitCpuSeconds,
    timesPeer: against('fitSeconds', other),
    timesPeerCpu: against('fitCpuSeconds', other),
    timesOneThread: against('fitSeconds', single),
    rssPeak: middle(answers, 'rssPeak')!,
    rssAdded: median(answers.map(({ rssPeak, rssBefore }) => rssPeak - rssBefore)),
    batchSeconds: middle(answers, 'batchSeconds'),
    batchTimesPeer: against('batchSeconds', other),
    rowSeconds: middle(answers, 'rowSeconds'),
    fileBytes: middle(answers, 'fileBytes'),
    loadSeconds: middle(answers, 'loadSeconds'),
    firstLoadSeconds: middle(answers, 'firstLoadSeconds'),
    nodes: middle(answers, 'nodes'),
    scores: SCORES.flatMap((name) => scoreOf(name, answers, other)),
    disturbed: threads === 1 && fitSeconds > DISTURBED * fitCpuSeconds && fitSeconds > 0.2,
  };
  return stopped === undefined ? line : { ...line, stopped };
}

function scoreOf(name: Score['name'], answers: readonly Answer[], other?: readonly Answer[]): Score[] {
  const values = figures(answers, name);
  if (values.length === 0) return [];
  const theirs = other === undefined ? [] : figures(other, name);
  const sign = LOWER.has(name) ? -1 : 1;
  const signed = (all: readonly number[]): number[] => all.map((value) => sign * value);
  return [
    {
      name,
      mean: mean(values),
      standardError: standardError(values),
      ...(theirs.length > 0 ? { standing: standing(signed(values), signed(theirs)) } : {}),
    },
  ];
}
