import { parseArgs } from 'node:util';
import { cases } from './cases.ts';

/** The parts of the bench besides its cases. */
export const extras = ['growth', 'baseline', 'full-size'] as const;
export type Extra = (typeof extras)[number];

export interface Options {
  /** A few minutes: small cases, fewer rounds; the committed results stay as they are. */
  quick: boolean;
  /** Names of cases and extras to run; all where empty. */
  only: readonly string[];
  threads: readonly number[];
  /** Fresh processes a contender, where it is not as the case says. */
  runs?: number;
  profile: boolean;
  help: boolean;
}

export const usage = `npm run bench:learn -- [options]
  --quick          a few minutes: small data, 3 rounds; writes to .cache, not to results/
  --case NAME      only this (may be given more than once): ${[...extras, ...cases.map(({ name }) => name)].join(', ')}
  --threads 1,2    numbers of threads, 1,2 by default
  --runs N         fresh processes a contender, 5 by default (3 for a million rows)
  --profile        where the time of training goes, instead of the comparison
  --help           this`;

/**
 * @throws TypeError on an option that is not known; RangeError on a name or number that is none
 */
export function parseOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      case: { type: 'string', multiple: true, default: [] },
      threads: { type: 'string', default: '1,2' },
      runs: { type: 'string' },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const known = new Set<string>([...extras, ...cases.map(({ name }) => name)]);
  const unknown = values.case.find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new RangeError(`no case is named ${unknown}; there are ${[...known].join(', ')}`);
  const threads = values.threads.split(',').map(Number);
  const runs = values.runs === undefined ? undefined : Number(values.runs);
  for (const count of [...threads, ...(runs === undefined ? [] : [runs])]) {
    if (!Number.isInteger(count) || count < 1)
      throw new RangeError('--threads and --runs are whole numbers from 1');
  }
  const { quick, profile, help } = values;
  return { quick, only: values.case, threads, ...(runs === undefined ? {} : { runs }), profile, help };
}
