/** Starts one contender in a fresh process and reads its answer. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Bundles } from './bundle.ts';
import type { Answer, Job } from './contenders/job.ts';

const file = (name: string): string => fileURLToPath(new URL(`./contenders/${name}`, import.meta.url));

export type Runtime = 'ours' | 'profiled' | 'ml-random-forest' | 'python';

export interface RunOptions {
  python: string;
  bundles: Bundles;
  /** Ends it, and counts it as not finished, after so many seconds. */
  limitSeconds?: number | undefined;
  /** More arguments of node, such as a profiler's. */
  nodeArguments?: readonly string[] | undefined;
  environment?: Readonly<Record<string, string>> | undefined;
}

const scriptOf = (runtime: 'ours' | 'profiled' | 'ml-random-forest', { bundles }: RunOptions): string =>
  runtime === 'profiled' ? file('profiled.ts') : bundles[runtime];

/** Thrown where a contender was ended because it took too long. */
export class TooSlowError extends Error {}

/**
 * One run. The libraries' own thread pools are held to the job's threads by their environment variables.
 *
 * @throws TooSlowError at the limit; Error with the process's own words where it fails
 */
export function runContender(runtime: Runtime, job: Job, options: RunOptions): Promise<Answer> {
  const [command, script] =
    runtime === 'python'
      ? [options.python, [file('peers.py')]]
      : [process.execPath, [...(options.nodeArguments ?? []), scriptOf(runtime, options)]];
  const threads = String(job.threads);
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...script, JSON.stringify(job)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        OMP_NUM_THREADS: threads,
        OPENBLAS_NUM_THREADS: threads,
        MKL_NUM_THREADS: threads,
        LOKY_MAX_CPU_COUNT: threads,
        ...options.environment,
      },
    });
    let [out, err, late] = ['', '', false];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const timer =
      options.limitSeconds === undefined
        ? undefined
        : setTimeout(() => {
            late = true;
            child.kill('SIGKILL');
          }, options.limitSeconds * 1000);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (late) return reject(new TooSlowError(`${job.algorithm} took over ${options.limitSeconds} s`));
      const last = out.trim().split('\n').at(-1) ?? '';
      if (code === 0 && last.startsWith('{')) return resolve(JSON.parse(last) as Answer);
      const [name, why] = [job.algorithm, err.trim().split('\n').slice(-8).join('\n')];
      reject(new Error(`${name} on ${job.data} ended with ${signal ?? code}:\n${why}`));
    });
  });
}
