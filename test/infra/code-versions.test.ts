import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleApp } from '../../lib/infra/app.ts';

const repo = resolve(import.meta.dirname, '../..');
const pipelines = [{ name: 'housing' }, { name: 'student-performance' }];
let root: string;
let before: Record<string, string>;

/** The code version of each function, from the bundles of a copy of the project. */
const versions = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    Object.values(await bundleApp({ root, pipelines })).map(({ name, codeVersion }) => [name, codeVersion]),
  );

/** Which functions' versions changed after an edit that is undone again. */
async function changedBy(path: string, edit: (text: string) => string): Promise<string[]> {
  const file = join(root, path);
  const text = await readFile(file, 'utf8');
  const edited = edit(text);
  expect(edited).not.toBe(text);
  await writeFile(file, edited);
  try {
    const after = await versions();
    return Object.keys(before).filter((name) => before[name] !== after[name]);
  } finally {
    await writeFile(file, text);
  }
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'arboleda-versions-'));
  for (const name of ['lib', 'lambdas', 'data', 'package.json', 'package-lock.json', 'tsconfig.json']) {
    await cp(join(repo, name), join(root, name), { recursive: true });
  }
  await symlink(join(repo, 'node_modules'), join(root, 'node_modules'));
  before = await versions();
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('the code version of a stage', () => {
  it.each(['ingest', 'clean', 'train', 'evaluate', 'register', 'promote'])(
    'of %s alone changes when that stage is edited',
    async (stage) => {
      const changed = await changedBy(`lib/pipeline/stages/${stage}.ts`, (text) =>
        text.replace(/note: \(/, 'nota: 1, note: ('),
      );
      expect(changed).toContain(stage);
      const others = ['plan', 'ingest', 'clean', 'train', 'evaluate', 'register', 'promote'].filter(
        (name) => name !== stage,
      );
      expect(changed.filter((name) => others.includes(name))).toEqual([]);
    },
  );

  it('of no function changes when a pipeline is edited', async () => {
    const edit = (text: string) => text.replace('trees: ', 'trees: 1');
    expect(await changedBy('data/housing/pipeline.ts', edit)).toEqual([]);
  });

  it('of no function changes when a comment is edited', async () => {
    const edit = (text: string) => `// a remark\n${text}`;
    expect(await changedBy('lib/pipeline/run-stage.ts', edit)).toEqual([]);
  });

  it('is the same in another folder', async () => {
    const here = Object.values(await bundleApp({ root: repo, pipelines }));
    expect(Object.fromEntries(here.map(({ name, codeVersion }) => [name, codeVersion]))).toEqual(before);
  });
});
