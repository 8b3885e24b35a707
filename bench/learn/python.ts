/** The peers' Python: a venv of our own, made once from pinned and hashed requirements. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPython } from '../../bin/local/python.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const requirements = join(folder, 'requirements.txt');
const venv = join(folder, '.venv');
const stamp = join(venv, 'made-of');

/**
 * Path of the venv's Python; makes the venv where it is missing or of other requirements (a minute, and the network).
 *
 * @throws MissingPythonError without Python 3.10+; Error with pip's own words where it fails
 */
export function peersPython(say: (line: string) => void): string {
  const python = join(venv, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(python)) return python;
  say('making the venv of the peers (scikit-learn, LightGBM), once');
  rmSync(venv, { recursive: true, force: true });
  execFileSync(findPython(), ['-m', 'venv', venv]);
  const options = ['--quiet', '--disable-pip-version-check', '--only-binary', ':all:', '--require-hashes'];
  const { status, stderr } = spawnSync(python, ['-m', 'pip', 'install', ...options, '-r', requirements], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`pip could not install the peers (Python 3.11+ is needed):\n${stderr}`);
  writeFileSync(stamp, wanted);
  return python;
}
