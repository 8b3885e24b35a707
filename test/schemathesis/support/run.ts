import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pinnedPython } from '../../support/venv.ts';
import { configOf } from './config.ts';
import { EXCUSES } from './excuses.ts';
import type { Seeds } from './seeds.ts';

const file = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** The API that is asked, wherever it runs. */
export interface Target {
  url: string;
  /** An admin's token. */
  token: string;
  seeds: Seeds;
}

export interface Options {
  /** Cases an operation at most, in the fuzzing and stateful phases. */
  cases: number;
  phases: readonly ('examples' | 'coverage' | 'fuzzing' | 'stateful')[];
  seed: number;
  /** Sound input may be refused in the words of excuses.ts alone. */
  strict?: boolean;
  /** Only operations whose path matches. */
  paths?: string;
}

/** schemathesis' own account of a run, as far as it is judged. */
export interface Report {
  complete: boolean;
  stop_reason: string;
  running_time: number;
  operations: { total: number; selected: number; tested: number; errored: number };
  test_cases: { generated: number; with_failures: number; unique_failures: number };
  failures: { title: string; count: number; operations: string[] }[];
  errors: { title: string; count: number }[];
}

/** Requests of one kind: `phase` is `check` for those that a check sends on its own behalf. */
export interface Sent {
  /** As `GET /runs/{id}`. */
  operation: string;
  phase: Options['phases'][number] | 'check';
  /** Whether what was sent is sound by the document. */
  mode: 'positive' | 'negative' | '';
  status: number;
  count: number;
}

/**
 * Runs schemathesis with every check over `/openapi.json` of the target.
 *
 * @returns its report, what it printed (each failure with the curl command that repeats it), and the requests it sent
 * @throws Error where it wrote no report
 */
export async function runSchemathesis(
  target: Target,
  options: Options,
): Promise<{ report: Report; output: string; sent: Sent[] }> {
  const python = await pinnedPython('schemathesis', file('requirements.txt'), (text) =>
    process.stderr.write(`${text}\n`),
  );
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'arboleda-schemathesis-'));
  try {
    const config = join(folder, 'schemathesis.toml');
    await writeFile(
      config,
      configOf(target.seeds, {
        token: target.token,
        cases: options.cases,
        hooks: file('hooks.py'),
        ...(options.strict && { strict: true }),
      }),
    );
    const sentTo = join(folder, 'sent.json');
    const output = await printed(
      python,
      folder,
      { SCHEMATHESIS_SENT: sentTo, SCHEMATHESIS_EXCUSES: JSON.stringify(EXCUSES) },
      [
        // A venv's own commands name the folder that it was made in, which was another.
        '-m',
        'schemathesis.cli',
        '--config-file',
        config,
        'run',
        `${target.url}/openapi.json`,
        // It reads the document's own `.` as the root of the host, which behind a stage prefix is another place.
        `--url=${target.url}`,
        '--checks=all',
        `--phases=${options.phases.join(',')}`,
        `--seed=${options.seed}`,
        '--report=json',
        `--report-dir=${join(folder, 'report')}`,
        ...(options.paths === undefined ? [] : [`--include-path-regex=${options.paths}`]),
      ],
    );
    const [name] = await readdir(join(folder, 'report')).catch(() => []);
    if (name === undefined) throw new Error(`schemathesis wrote no report:\n${output.slice(-4_000)}`);
    const report = JSON.parse(await readFile(join(folder, 'report', name), 'utf8')) as Report;
    const rows = JSON.parse(await readFile(sentTo, 'utf8')) as [
      string,
      Sent['phase'],
      Sent['mode'],
      number,
      number,
    ][];
    const sent = rows.map(([operation, phase, mode, status, count]) => ({
      operation,
      phase,
      mode,
      status,
      count,
    }));
    return { report, output, sent };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** All that a command prints; how it ended is in its report. */
function printed(
  command: string,
  cwd: string,
  env: Record<string, string>,
  args: readonly string[],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const parts: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => parts.push(part));
    child.on('error', reject);
    child.on('close', () => resolve(Buffer.concat(parts).toString('utf8')));
  });
}
