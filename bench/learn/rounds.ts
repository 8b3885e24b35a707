/** Runs contenders in turn, A B C A B C, so that a machine that gets slower or faster does so for all. */
import type { Case, Contender } from './cases.ts';
import { type RunOptions, runContender, TooSlowError } from './contender.ts';
import type { Answer, Job } from './contenders/job.ts';
import type { Form } from './data/prepare.ts';
import { readHeader } from './data/store.ts';
import { digits } from './text.ts';

/** Answers of one contender at one number of threads, one a round. */
export interface Series {
  contender: string;
  threads: number;
  answers: Answer[];
  /** Why there are fewer answers than rounds. */
  stopped?: string;
}

/** One thing to run in every round. */
export interface Turn {
  contender: Contender;
  threads: number;
  job: Job;
  /** What to say beside the contender's name. */
  label?: string | undefined;
  /** Leave out the r-th tenth of so many training rows in round r, as the algorithm has nothing random. */
  tenthsOf?: number | undefined;
  /** Fewer rounds than the others, for what takes very long. */
  mostRounds?: number | undefined;
}

export interface RoundOptions extends RunOptions {
  rounds: number;
  say: (line: string) => void;
}

/**
 * Every turn once a round; round r has the seed r. A turn that was too slow is left out from then on.
 *
 * @throws Error where a contender fails
 */
export async function runRounds(turns: readonly Turn[], options: RoundOptions): Promise<Series[]> {
  const series: Series[] = turns.map(({ contender, threads }) => ({
    contender: contender.name,
    threads,
    answers: [],
  }));
  for (let round = 0; round < options.rounds; round++) {
    for (const [i, { contender, threads, job, label, tenthsOf, mostRounds }] of turns.entries()) {
      const own = series[i]!;
      if (own.stopped !== undefined || round >= (mostRounds ?? options.rounds)) continue;
      try {
        const omit = tenthsOf === undefined ? undefined : tenth(round, tenthsOf);
        // A file is the same size in every round, and a peer's may take seconds to write.
        const measure = job.measure === 'file' && round > 0 ? 'predict' : job.measure;
        const got = await runContender(contender.runtime, { ...job, omit, seed: round, measure }, options);
        own.answers.push(got);
        const who = `${contender.name}, ${label ?? `${threads} thread${threads === 1 ? '' : 's'}`}`;
        options.say(
          `round ${round + 1}/${options.rounds}: ${who}: ${digits(got.fitSeconds)} s (cpu ${digits(got.fitCpuSeconds)} s)`,
        );
      } catch (error) {
        if (!(error instanceof TooSlowError)) throw error;
        own.stopped = error.message;
        options.say(`round ${round + 1}/${options.rounds}: ${error.message}: left out`);
      }
    }
  }
  return series;
}

const tenth = (round: number, rows: number): readonly [number, number] => [
  Math.floor((round % 10) * rows * 0.1),
  Math.floor(((round % 10) + 1) * rows * 0.1),
];

/**
 * The turns of a case: every contender at every number of threads. ml-random-forest knows one thread only. Score,
 * prediction and file are measured at the first number of threads: at another one the models are the same.
 */
export function turnsOf(
  { contenders, kind, peerRoundsBeyondOneThread }: Case,
  threads: readonly number[],
  folderOf: (form: Form) => string,
): Turn[] {
  const vary = kind === 'boosting';
  return threads.flatMap((count) =>
    contenders
      .filter(({ runtime }) => runtime !== 'ml-random-forest' || count === 1)
      .map((contender) => ({
        contender,
        threads: count,
        job: {
          data: folderOf(contender.form),
          algorithm: contender.algorithm,
          params: contender.params,
          seed: 0,
          threads: count,
          measure: count === threads[0] ? ('file' as const) : ('fit' as const),
        },
        mostRounds: contender.runtime === 'python' && count > 1 ? peerRoundsBeyondOneThread : undefined,
        tenthsOf: vary ? readHeader(folderOf(contender.form)).rows.train : undefined,
      })),
  );
}
