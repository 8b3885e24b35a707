import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runChild } from '../../bin/local/child.ts';
import { sha256 } from '../../bin/local/paths.ts';
import { findPython } from '../../bin/local/python.ts';

/**
 * The python of a venv with pinned packages, made once a machine (about a minute) and kept outside of the repository:
 * `XDG_CACHE_HOME`, else `~/.cache`. Other pins or another Python are another venv.
 *
 * @param name of the folder, before the hash of its pins
 * @param requirements path of the file with the pins
 * @throws Error naming pip's log where it cannot be made: the lane fails rather than being passed over
 */
export async function pinnedPython(
  name: string,
  requirements: string,
  say: (text: string) => void,
): Promise<string> {
  const python = findPython();
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'arboleda');
  const venv = join(cache, `${name}-${sha256(readFileSync(requirements, 'utf8') + python).slice(0, 16)}`);
  const interpreter = (folder: string): string => join(folder, 'bin', 'python');
  if (existsSync(interpreter(venv))) return interpreter(venv);
  say(`making a venv for ${name} in ${venv} ...`);
  mkdirSync(cache, { recursive: true });
  const half = `${venv}.${process.pid}`;
  const logFile = `${venv}.log`;
  const step = async (command: string, ...args: string[]): Promise<void> => {
    const code = await runChild(command, args, { cwd: cache, env: process.env, logFile });
    if (code !== 0) throw new Error(`${args.slice(0, 3).join(' ')} ended ${code}; see ${logFile}`);
  };
  try {
    await step(python, '-m', 'venv', half);
    await step(
      interpreter(half),
      '-m',
      'pip',
      'install',
      '--quiet',
      '--only-binary=:all:',
      '-r',
      requirements,
    );
    // Under its name only when it is whole; who comes second leaves the first one's as it is.
    if (!existsSync(venv)) renameSync(half, venv);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
  return interpreter(venv);
}
