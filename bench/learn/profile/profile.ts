/** Where the time of training goes, and how far that is from what the machine can do. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelRooms } from '../../../scripts/build-kernels.ts';
import type { Case } from '../cases.ts';
import { type RunOptions, runContender } from '../contender.ts';
import type { Answer, Job } from '../contenders/job.ts';
import { readHeader } from '../data/store.ts';
import { clockRate } from '../machine.ts';
import { median } from '../statistics.ts';
import { namedKernelSource } from './named-kernel.ts';
import { type CpuProfile, phaseShares } from './phases.ts';
import type { Limits, ProfileResult } from './result.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const TIMED_RUNS = 3;

/** What the cases to profile are, and where the kernels with names go. */
export interface ProfileTools extends RunOptions {
  cache: string;
  say: (line: string) => void;
}

/** Compiles the kernels with names into `folder`, a file a room. */
async function writeNamedKernels(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const room of kernelRooms()) writeFileSync(join(folder, `${room}.mjs`), await namedKernelSource(room));
}

/** Profiles our first contender of each case on one thread, in processes of their own. */
export async function profileCases(
  chosen: readonly { from: Case; folder: string }[],
  tools: ProfileTools,
): Promise<ProfileResult[]> {
  const [kernels, profile] = [join(tools.cache, 'named-kernels'), join(tools.cache, 'fit.cpuprofile')];
  tools.say('compiling the kernels with names');
  await writeNamedKernels(kernels);
  const results: ProfileResult[] = [];
  for (const { from, folder } of chosen) {
    tools.say(`profiling ${from.name}`);
    const ours = from.contenders[0]!;
    const { algorithm, params } = ours;
    const job: Job = { data: folder, algorithm, params, seed: 0, threads: 1, measure: 'fit' };
    const timed: Answer[] = [];
    for (let run = 0; run < TIMED_RUNS; run++) timed.push(await runContender('ours', job, tools));
    const named = await runContender('profiled', job, {
      ...tools,
      nodeArguments: ['--import', here('./hooks.ts')],
      environment: { ARBOLEDA_NAMED_KERNELS: kernels, ARBOLEDA_PROFILE_FILE: profile },
    });
    const { rows, features } = readHeader(folder);
    const countable = from.kind === 'forest' ? { ...params, bootstrap: false } : params;
    const counted = await runContender('ours', { ...job, params: countable }, tools);
    const tried = triedColumns(from.kind === 'forest' ? params.maxFeatures : 'all', features.length);
    const visits = (counted.innerCover ?? 0) * tried;
    const nanosecondsPerVisit = (counted.fitCpuSeconds * 1e9) / visits;
    const rate = clockRate();
    results.push({
      case: from.name,
      seconds: median(timed.map(({ fitSeconds }) => fitSeconds)),
      namedSeconds: named.fitSeconds,
      ...phaseShares(JSON.parse(readFileSync(profile, 'utf8')) as CpuProfile),
      visits,
      nanosecondsPerVisit,
      ...(rate === undefined ? {} : { cyclesPerVisit: (nanosecondsPerVisit * rate) / 1e9 }),
      limits: limitsFor(rows.train),
    });
  }
  return results;
}

const triedColumns = (maxFeatures: unknown, columns: number): number =>
  maxFeatures === 'sqrt' ? Math.max(1, Math.floor(Math.sqrt(columns))) : columns;

/** In a process of its own: the loops are compiled anew, and this process stays small. */
function limitsFor(rows: number): Limits {
  const out = execFileSync(process.execPath, [here('./limits.ts'), String(rows)], { encoding: 'utf8' });
  return JSON.parse(out.trim().split('\n').at(-1)!) as Limits;
}
