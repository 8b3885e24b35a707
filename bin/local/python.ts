import { execFileSync } from 'node:child_process';
import { MissingPythonError } from './errors.ts';

/** Newest first after the default: the first that is 3.10+ and can make a venv is taken. */
export const PYTHON_CANDIDATES = [
  'python3',
  'python3.13',
  'python3.12',
  'python3.11',
  'python3.10',
  'python',
] as const;

const PROBE = 'import sys, venv, ensurepip; print("%d.%d %s" % (*sys.version_info[:2], sys.executable))';

/** What a candidate answers to the probe, or why it does not. */
export type PythonProbe = (candidate: string) => string;

const run: PythonProbe = (candidate) =>
  execFileSync(candidate, ['-c', PROBE], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
  });

/**
 * The path of a Python 3.10+ that has `venv` and `ensurepip`.
 * @param chosen - `ARBOLEDA_PYTHON`; then no other is tried.
 * @throws MissingPythonError with every candidate tried and what was wrong with it.
 */
export function findPython(chosen = process.env.ARBOLEDA_PYTHON, probe: PythonProbe = run): string {
  const tried: string[] = [];
  for (const candidate of chosen ? [chosen] : PYTHON_CANDIDATES) {
    let answer: string;
    try {
      answer = probe(candidate).trim();
    } catch (error) {
      tried.push(`${candidate} (${reason(error)})`);
      continue;
    }
    const [, major, minor, path] = /^(\d+)\.(\d+) (.+)$/s.exec(answer) ?? [];
    if (path && Number(major) === 3 && Number(minor) >= 10) return path;
    tried.push(`${candidate} (${major ? `is ${major}.${minor}` : 'does not answer as Python does'})`);
  }
  throw new MissingPythonError(`no Python 3.10 or newer was found; tried ${tried.join(', ')}`, {
    details: { tried },
  });
}

function reason(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'not found';
  const text = String((error as { stderr?: unknown }).stderr ?? '');
  const module = /No module named '?(\w+)'?/.exec(text)?.[1];
  return module ? `has no ${module} module` : 'does not run';
}
