import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localApiUrls } from '../../../bin/local/api-url.ts';
import { runChild } from '../../../bin/local/child.ts';
import { emulatorEnv, readOutputs } from '../../../bin/local/deploy.ts';
import { runningEmulator, startEmulator } from '../../../bin/local/emulator.ts';
import { readLocalFile, removeLocalFile, writeLocalFile } from '../../../bin/local/local-file.ts';
import { freePort, portOwner, portTaken } from '../../../bin/local/port.ts';
import { progressLines } from '../../../bin/local/progress.ts';
import { findPython } from '../../../bin/local/python.ts';
import { sourceHash } from '../../../bin/local/source-hash.ts';
import { pause, stay } from '../../../bin/local/stay.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'arboleda-unit-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('findPython', () => {
  const enoent = () => {
    throw Object.assign(new Error('spawn'), { code: 'ENOENT' });
  };

  it('takes the first candidate that is new enough', () => {
    const probe = (name: string) =>
      name === 'python3'
        ? '3.9 /usr/bin/python3'
        : name === 'python3.12'
          ? '3.12 /opt/python3.12\n'
          : enoent();
    expect(findPython(undefined, probe)).toBe('/opt/python3.12');
  });

  it('names every candidate and its fault where none will do', () => {
    const probe = (name: string) => {
      if (name === 'python3') return '3.8 /usr/bin/python3';
      if (name === 'python3.11') throw Object.assign(new Error(), { stderr: "No module named 'ensurepip'" });
      return enoent();
    };
    expect(() => findPython(undefined, probe)).toThrow(
      expect.objectContaining({
        code: 'PYTHON_MISSING',
        message: expect.stringMatching(
          /python3 \(is 3\.8\).*python3\.13 \(not found\).*python3\.11 \(has no ensurepip module\)/,
        ),
        remedy: expect.stringContaining('ARBOLEDA_PYTHON'),
      }),
    );
  });

  it('tries nothing but the one that was named', () => {
    const seen: string[] = [];
    const probe = (name: string) => {
      seen.push(name);
      return 'nonsense';
    };
    expect(() => findPython('/my/python', probe)).toThrow('does not answer as Python does');
    expect(seen).toEqual(['/my/python']);
  });

  it('does not take Python 2, or 30.10', () => {
    expect(() => findPython('p', () => '2.10 /p')).toThrow('is 2.10');
    expect(() => findPython('p', () => '30.10 /p')).toThrow('is 30.10');
  });
});

describe('ports', () => {
  it('tells a taken port and its owner', async () => {
    const server = createServer();
    const port = await freePort();
    expect(await portTaken(port)).toBe(false);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    expect(await portTaken(port)).toBe(true);
    expect(portOwner(port) ?? `(pid ${process.pid})`).toContain(`(pid ${process.pid})`);
    await new Promise((resolve) => server.close(resolve));
    expect(portOwner(port)).toBeUndefined();
  });

  it('refuses to start the emulator on it, saying which', async () => {
    const server = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const start = startEmulator({ stateDir: dir, port, persist: false, say: () => undefined });
    await expect(start).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining(`port ${port} of 127.0.0.1 is taken by`),
      remedy: expect.stringContaining('--port'),
    });
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('the local file', () => {
  const content = {
    endpoint: 'http://127.0.0.1:4566',
    apiUrl: 'http://127.0.0.1:4566/restapis/x/v1/_user_request_',
    adminToken: 'secret',
    region: 'us-east-1',
    stackName: 'arboleda-dev',
    outputs: { ApiUrl: 'x' },
  };

  it('comes back as written, readable by its owner alone', () => {
    writeLocalFile(content, dir);
    expect(readLocalFile(dir)).toEqual(content);
    expect(statSync(join(dir, 'local.json')).mode & 0o777).toBe(0o600);
    removeLocalFile(dir);
    expect(readLocalFile(dir)).toBeUndefined();
  });

  it('is as good as absent where it is damaged', () => {
    writeFileSync(join(dir, 'local.json'), '{"endpoint":');
    expect(readLocalFile(dir)).toBeUndefined();
    writeFileSync(join(dir, 'local.json'), '{"endpoint":"http://x","apiUrl":"http://x"}');
    expect(readLocalFile(dir)).toBeUndefined();
  });
});

describe('sourceHash', () => {
  it('changes with a byte, a name or the context, and with nothing else', () => {
    mkdirSync(join(dir, 'lib', 'node_modules'), { recursive: true });
    writeFileSync(join(dir, 'lib', 'a.ts'), 'one');
    const hash = (context = {}) => sourceHash(dir, context, ['lib', 'absent']);
    const first = hash();
    writeFileSync(join(dir, 'lib', 'node_modules', 'x.js'), 'ignored');
    writeFileSync(join(dir, 'lib', '.swp'), 'ignored');
    writeFileSync(join(dir, 'lib', 'README.md'), 'ignored');
    expect(hash()).toBe(first);
    expect(hash({ traceCalls: '1' })).not.toBe(first);
    writeFileSync(join(dir, 'lib', 'a.ts'), 'two');
    const second = hash();
    expect(second).not.toBe(first);
    writeFileSync(join(dir, 'lib', 'a.ts'), 'one');
    expect(hash()).toBe(first);
    writeFileSync(join(dir, 'lib', 'b.ts'), '');
    expect(hash()).not.toBe(first);
  });

  it('does not depend on the order of the context', () => {
    expect(sourceHash(dir, { a: '1', b: '2' }, [])).toBe(sourceHash(dir, { b: '2', a: '1' }, []));
  });
});

describe('deploy', () => {
  it("gives a child no AWS setting and no hook of the user's", () => {
    const env = emulatorEnv('http://127.0.0.1:1', {
      PATH: '/bin',
      AWS_PROFILE: 'prod',
      AWS_SESSION_TOKEN: 'real',
      NODE_OPTIONS: '--import x',
    });
    expect(env).toMatchObject({
      PATH: '/bin',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_ACCESS_KEY_ID: 'test',
    });
    expect(Object.keys(env)).not.toEqual(expect.arrayContaining(['AWS_PROFILE']));
    expect(env.AWS_SESSION_TOKEN).toBeUndefined();
    expect(env.NODE_OPTIONS).toBeUndefined();
  });

  it('reads the outputs of the stack that has an API, or of the named one', () => {
    const file = join(dir, 'outputs.json');
    writeFileSync(file, JSON.stringify({ other: { X: '1' }, 'arboleda-dev': { ApiUrl: 'https://a/' } }));
    expect(readOutputs(file)).toEqual({ stackName: 'arboleda-dev', outputs: { ApiUrl: 'https://a/' } });
    expect(readOutputs(file, 'other').outputs).toEqual({ X: '1' });
    expect(() => readOutputs(file, 'absent')).toThrow('no outputs of absent');
    expect(() => readOutputs(join(dir, 'no.json'))).toThrow('no.json is not there');
  });

  it("maps the gateway's name to where the emulators serve it", () => {
    expect(
      localApiUrls('http://127.0.0.1:4566', 'https://ab12.execute-api.us-east-1.amazonaws.com/v1/'),
    ).toEqual([
      'http://127.0.0.1:4566/restapis/ab12/v1/_user_request_',
      'http://127.0.0.1:4566/_aws/execute-api/ab12/v1',
    ]);
    expect(localApiUrls('http://127.0.0.1:4566', 'http://127.0.0.1:4566/api/')).toEqual([
      'http://127.0.0.1:4566/api',
    ]);
  });
});

describe('children', () => {
  it('hands back the exit code, and writes both outputs to the log', async () => {
    const logFile = join(dir, 'log');
    const code = await runChild('bash', ['-c', 'echo out; echo err >&2; exit 3'], {
      cwd: dir,
      env: process.env,
      logFile,
    });
    expect(code).toBe(3);
    expect(readFileSync(logFile, 'utf8').split('\n').sort()).toEqual(['', 'err', 'out']);
  });

  it('ends a child and its children when aborted', async () => {
    const controller = new AbortController();
    const child = runChild('bash', ['-c', 'sleep 60 & echo $! >pid; wait'], {
      cwd: dir,
      env: process.env,
      signal: controller.signal,
    });
    const pid = await waitFor(() => Number(readFileSync(join(dir, 'pid'), 'utf8')));
    controller.abort(new Error('enough'));
    await expect(child).rejects.toThrow('enough');
    await waitFor(() => {
      const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1];
      if (state && !state.startsWith('Z')) throw new Error('still runs');
      return 1;
    }, true);
  });

  it('rejects where the program does not exist', async () => {
    await expect(runChild('no-such-program', [], { cwd: dir, env: process.env })).rejects.toThrow('ENOENT');
  });
});

describe('staying', () => {
  it('returns when it is interrupted', async () => {
    const controller = new AbortController();
    const staying = stay(
      { endpoint: 'http://127.0.0.1:1', pid: process.pid, logFile: 'x' },
      controller.signal,
      5,
    );
    controller.abort();
    await expect(staying).resolves.toBeUndefined();
  });

  it('says that the emulator is gone, and what to do', async () => {
    const gone = { endpoint: 'http://127.0.0.1:1', pid: 2 ** 30, logFile: '/log' };
    await expect(stay(gone, new AbortController().signal, 5)).rejects.toMatchObject({
      code: 'EMULATOR_GONE',
      remedy: expect.stringContaining('reconcile --fix'),
    });
  });

  it('pauses no longer than it must', async () => {
    const controller = new AbortController();
    const pausing = pause(3_600_000, controller.signal);
    controller.abort();
    await pausing;
    await pause(3_600_000, controller.signal);
    expect(controller.signal.aborted).toBe(true);
  });

  it('finds no emulator where none was started, or its process has ended', () => {
    expect(runningEmulator(dir)).toBeUndefined();
    mkdirSync(join(dir, 'ministack'));
    writeFileSync(join(dir, 'ministack', 'emulator.pid'), `${2 ** 30}\nSat Nov 21\n`);
    writeFileSync(join(dir, 'ministack', 'port'), '4566\n');
    expect(runningEmulator(dir)).toBeUndefined();
    writeFileSync(join(dir, 'ministack', 'emulator.pid'), `${process.pid}\nSat Nov 21\n`);
    expect(runningEmulator(dir)).toMatchObject({
      pid: process.pid,
      port: 4566,
      endpoint: 'http://127.0.0.1:4566',
    });
  });
});

it('shows the seconds since the start before every line', () => {
  let clock = 0;
  const lines: string[] = [];
  const say = progressLines(
    (text) => lines.push(text),
    () => clock,
  );
  clock = 1_250;
  say('one\ntwo');
  clock = 100_000;
  say('three');
  expect(lines).toEqual(['[  1.3 s] one\n', '[  1.3 s] two\n', '[100.0 s] three\n']);
});

/** Tries until it does not throw; with `absent`, a missing file is a success too. */
async function waitFor<T>(work: () => T, absent = false): Promise<T> {
  for (let i = 0; ; i++) {
    try {
      return work();
    } catch (error) {
      if (absent && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined as T;
      if (i > 500) throw error;
      await pause(10);
    }
  }
}
