/** Full-size work: the whole of forest-cover in rows and columns, 100 trees; and what six cores would make of it. */
import type { Contender } from './cases.ts';
import type { Form } from './data/prepare.ts';
import { type RoundOptions, runRounds } from './rounds.ts';
import { onCores } from './statistics.ts';
import { type Line, summarise } from './summary.ts';

/** What a function may take. */
const MOST_BYTES = 10e9;
const FUNCTION_CORES = 6;

export interface FullSize {
  lines: Line[];
  /** On six cores as fast as these, by Amdahl's law, one entry a form of the data. */
  extrapolated: { contender: string; serial: number; seconds: number }[];
  withinMemory: boolean;
}

const contenders: readonly Contender[] = (['onehot', 'native'] as const).map((form) => ({
  name: form === 'onehot' ? 'ours, one-hot 54 columns' : 'ours, 12 native columns',
  runtime: 'ours',
  algorithm: 'random-forest',
  params: { trees: 100, maxFeatures: 'sqrt' },
  form,
}));

/** One run each on one and on two threads. */
export async function measureFullSize(
  folderOf: (form: Form) => string,
  options: RoundOptions,
): Promise<FullSize> {
  const turns = contenders.flatMap((contender) =>
    [1, 2].map((threads) => ({
      contender,
      threads,
      job: {
        data: folderOf(contender.form),
        algorithm: contender.algorithm,
        params: contender.params,
        seed: 0,
        threads,
        measure: 'file' as const,
      },
    })),
  );
  const lines = summarise(await runRounds(turns, { ...options, rounds: 1 }), 'nobody');
  const extrapolated = contenders.flatMap(({ name }) => {
    const [one, two] = [1, 2].map((threads) =>
      lines.find((line) => line.contender === name && line.threads === threads),
    );
    if (one === undefined || two === undefined) return [];
    return [{ contender: name, ...onCores(one.fitSeconds, two.fitSeconds, FUNCTION_CORES) }];
  });
  return { lines, extrapolated, withinMemory: lines.every(({ rssPeak }) => rssPeak < MOST_BYTES) };
}
