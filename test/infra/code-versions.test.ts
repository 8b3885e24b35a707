import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleApp } from '../../lib/infra/app.ts';
import { bundleFunctions } from '../../lib/infra/bundle/index.ts';

const repo = resolve(import.meta.dirname, '../..');
const pipelines = [{ name: 'housing' }, { name: 'student-performance' }];
let root: string;
let before: Record<string, string>;

/** The functions that run a stage. */
const stages = ['plan', 'ingest', 'clean', 'train', 'evaluate', 'register', 'promote'];
const entries = Object.fromEntries(stages.map((name) => [name, `lambdas/${name}/handler.ts`]));

/** The code version of each stage's function, from the bundles of a copy of the project. */
async function versions(): Promise<Record<string, string>> {
  const catalogue = pipelines.map(({ name }) => `data/${name}/pipeline.ts`);
  const made = await bundleFunctions({ root, entries, pipelines: catalogue, assets: {} });
  return Object.fromEntries(Object.values(made).map(({ name, codeVersion }) => [name, codeVersion]));
}

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
  it.each(stages)('of %s alone changes when that stage is edited', async (stage) => {
    const edit = (text: string) => text.replace(/note: \(/, 'nota: 1, note: (');
    expect(await changedBy(`lib/pipeline/stages/${stage}.ts`, edit)).toEqual([stage]);
  });

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
    const versionsHere = here.map(({ name, codeVersion }) => [name, codeVersion]);
    expect(Object.fromEntries(versionsHere)).toMatchObject(before);
  });
});

describe('the text of a pipeline’s own functions', () => {
  it('is the same whatever other pipelines are deployed: it is part of content keys', async () => {
    const textsWith = async (...names: string[]) => {
      const catalogue = names.map((name) => `data/${name}/pipeline.ts`);
      const evaluate = { evaluate: 'lambdas/evaluate/handler.ts' };
      const made = await bundleFunctions({ root: repo, entries: evaluate, pipelines: catalogue, assets: {} });
      const path = join(made.evaluate!.directory, 'pipelines.mjs');
      const { pipelines: found } = (await import(pathToFileURL(path).href)) as {
        pipelines: { name: string; metrics?: () => unknown; source: { make?: () => unknown }[] }[];
      };
      const housing = found.find(({ name }) => name === 'housing');
      return [housing?.metrics, housing?.source.at(-1)?.make].map(String);
    };
    const alone = await textsWith('housing');
    expect(alone[0]).toContain('within_10_percent');
    expect(alone[1]).toContain('rooms');
    expect(await textsWith('housing', 'student-performance')).toEqual(alone);
  });
});

describe('the kernels that train', () => {
  /** A piece of a kernel that tells it from all else. */
  const pieceOf = async (room: string): Promise<string> => {
    const text = await readFile(join(repo, `lib/learn/${room}/kernel.generated.ts`), 'utf8');
    return /'([A-Za-z0-9+/=]{600,})'/.exec(text)![1]!.slice(200, 600);
  };

  it('are in the functions that train or plan it alone; that of prediction is wherever models answer', async () => {
    const here = Object.values(await bundleApp({ root: repo, pipelines }));
    const holding = async (room: string): Promise<string[]> => {
      const piece = await pieceOf(room);
      const texts = here.map(({ directory }) => readFile(join(directory, 'index.mjs'), 'utf8'));
      const holds = (await Promise.all(texts)).map((text) => text.includes(piece));
      return here.filter((_, i) => holds[i]).map(({ name }) => name);
    };
    for (const room of ['forest', 'boosting', 'bins']) {
      expect((await holding(room)).sort()).toEqual(['plan', 'train']);
    }
    expect(await holding('ensemble')).toEqual(expect.arrayContaining(['api', 'evaluate', 'predict']));
  });
});
