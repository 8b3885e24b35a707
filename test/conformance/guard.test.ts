import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, inject, it } from 'vitest';
import { pause } from '../../bin/local/stay.ts';
import { GUARD } from './support/mlflow-server.ts';

/** A command with a worker, as `mlflow server` is one: prints both ids and stays. */
const COMMAND =
  'import os,subprocess,sys,time; worker=subprocess.Popen(["sleep","600"]); print(os.getpid(),worker.pid,flush=True); time.sleep(600)';

/** A process that guards the command and stays, as a test run does. */
const HOLDER = `
const { spawn } = require('node:child_process');
const [guard, python, command] = process.argv.slice(1);
spawn(python, [guard, python, '-c', command], { stdio: ['pipe', 'inherit', 'inherit'], detached: true });
setInterval(() => {}, 1000);`;

/** Not one that ended and waits to be reaped: where this runs in a container, nobody may do that. */
function isAlive(id: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(id)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}

it.each(['SIGKILL', 'SIGTERM'] as const)(
  'what a test run starts ends with it, workers too: %s',
  async (signal) => {
    const { python } = inject('conformance');
    const holder = spawn(process.execPath, ['-e', HOLDER, GUARD, python, COMMAND], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: holder.stdout }), 'line')) as [string];
    const ids = line.split(' ').map(Number);
    expect(ids.map(isAlive)).toEqual([true, true]);
    holder.kill(signal);
    while (ids.some(isAlive)) await pause(50);
  },
);
