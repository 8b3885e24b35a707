import { beforeAll, describe, expect, it } from 'vitest';
import { readModelFile } from '../../../lib/learn/index.ts';
import { retryRun } from '../../../lib/pipeline/control/cancel.ts';
import {
  type Import,
  type ImportDeps,
  importRunId,
  registerImport,
} from '../../../lib/pipeline/control/register-import.ts';
import type { PipelineDeps } from '../../../lib/pipeline/deps.ts';
import type { Item, ObjectStore } from '../../../lib/store/ports.ts';
import { modelIdOf, reconcile } from '../../../lib/tracking/index.ts';
import { converted } from '../../support/imported.ts';
import { CrashError } from '../../support/memory.ts';
import { type World, WS, world } from '../tracking/helpers.ts';

let iris: Import;
let other: Import;
beforeAll(async () => {
  iris = await importOf('sklearn-forest');
  other = await importOf('lightgbm');
});

async function importOf(fixture: string): Promise<Import> {
  const { body, report, source } = await converted(fixture, { name: 'iris' });
  const loaded = readModelFile(body);
  return { model: 'iris', loaded, bytes: body, sha256: report.modelSha256, source, actor: 'token1' };
}

const KEYS = (given: Import) => [
  `${WS}/models/${given.sha256}.arbm`,
  `${WS}/runs/${importRunId(WS, given)}/importance.json`,
  `${WS}/runs/${importRunId(WS, given)}/run.json`,
  ...['MLmodel', 'input_example.json', 'model.arbm', 'serving_input_example.json'].map(
    (file) =>
      `${WS}/artifacts/0/models/${modelIdOf(WS, importRunId(WS, given), given.sha256)}/artifacts/${file}`,
  ),
];

describe('an import', () => {
  it('makes model, version, run, artifacts and snapshot, all of which name one another', async () => {
    const w = world();
    const done = await registerImport(w, WS, iris);
    const runId = importRunId(WS, iris);
    expect(done).toEqual({ model: 'iris', version: '1', runId, modelSha256: iris.sha256, created: true });
    expect(await w.registry.getModel(WS, 'iris')).toMatchObject({ latestVersion: 1, aliases: {} });
    const version = await w.registry.getVersion(WS, 'iris', '1');
    expect(version).toMatchObject({
      runId,
      modelKey: KEYS(iris)[0],
      modelSha256: iris.sha256,
      sizeBytes: iris.bytes.length,
      algorithm: 'imported-ensemble',
      task: 'classification',
      metrics: {},
      tags: { 'arboleda.kind': 'import', 'source.fileName': 'sklearn-forest.onnx' },
    });
    expect(Buffer.from(await w.objects.get(version.modelKey!))).toEqual(Buffer.from(iris.bytes));
    expect(w.objects.keys()).toEqual(KEYS(iris).sort());
  });

  it('leaves a finished run that tells of the original', async () => {
    const w = world();
    const { runId } = await registerImport(w, WS, iris);
    const run = await w.runs.get(WS, runId);
    expect(run).toMatchObject({
      status: 'FINISHED',
      name: 'import of iris',
      experimentId: '0',
      trigger: 'caller',
      attempt: 1,
      lineage: { sourceSha256: iris.source.sha256 },
      tags: {
        'arboleda.kind': 'import',
        'arboleda.actor': 'token1',
        'model.algorithm': 'imported-ensemble',
        'model.name': 'iris',
        'model.version': '1',
      },
    });
    const { ensemble } = iris.loaded.model;
    expect(run.params).toEqual({
      algorithm: 'imported-ensemble',
      'source.fileName': 'sklearn-forest.onnx',
      'source.format': 'onnx',
      'source.bytes': String(iris.source.bytes),
      'source.sha256': iris.source.sha256,
      'source.producer': iris.source.producer,
      'model.bytes': String(iris.bytes.length),
      'model.target': 'y',
      'model.features': '4',
      'model.classes': '3',
      'model.trees': String(ensemble!.roots.length - 1),
      'model.nodes': String(ensemble!.nodes.length / 2),
    });
    expect((await w.runs.list(WS)).items.map((one) => one.runId)).toEqual([runId]);
  });

  it('keeps which features matter, by the model itself, and its notes', async () => {
    const w = world();
    const { runId } = await registerImport(w, WS, iris);
    const artifacts = await w.runs.listArtifacts(WS, runId);
    expect(artifacts.map(({ path }) => path)).toEqual(['model/model.arbm', 'reports/importance.json']);
    const text = new TextDecoder().decode(await w.objects.get(artifacts[1]!.key));
    expect(Buffer.byteLength(text)).toBe(artifacts[1]!.size);
    const { features, notes } = JSON.parse(text);
    expect(features.map((one: { feature: string }) => one.feature)).toEqual(iris.loaded.model.features);
    const total = features.reduce((sum: number, { share }: { share: number }) => sum + share, 0);
    expect(total).toBeCloseTo(1, 12);
    expect(notes.join()).toContain('equally likely');
  });

  it('of a model without trees has no count of them', async () => {
    const w = world();
    const { ensemble: _, ...linear } = iris.loaded.model;
    const { runId } = await registerImport(w, WS, { ...iris, loaded: { ...iris.loaded, model: linear } });
    expect(Object.keys((await w.runs.get(WS, runId)).params)).not.toContain('model.trees');
  });

  it('takes a target of any length', async () => {
    const w = world();
    const manifest = { ...iris.loaded.manifest, target: 'y'.repeat(9_000) };
    const { runId } = await registerImport(w, WS, { ...iris, loaded: { ...iris.loaded, manifest } });
    expect((await w.runs.get(WS, runId)).params['model.target']).toBe('y'.repeat(250));
  });

  it.each(['', ' iris', 'a/b', '..', 'x'.repeat(257)])('under the name %j writes nothing', async (model) => {
    const w = world();
    await expect(registerImport(w, WS, { ...iris, model })).rejects.toMatchObject({ code: 'INVALID_NAME' });
    expect([w.items.dump(), w.objects.keys()]).toEqual([[], []]);
  });
});

describe('which version it is', () => {
  it('the same file again is the same, and not created', async () => {
    const w = world();
    const first = await registerImport(w, WS, iris);
    expect(await registerImport(w, WS, { ...iris, actor: 'token2' })).toEqual({ ...first, created: false });
    expect((await w.registry.listVersions(WS, 'iris')).items).toHaveLength(1);
    expect((await w.runs.get(WS, first.runId)).tags['arboleda.actor']).toBe('token1');
  });

  it('another file is the next; the first comes back under its own number', async () => {
    const w = world();
    expect((await registerImport(w, WS, iris)).version).toBe('1');
    expect((await registerImport(w, WS, other)).version).toBe('2');
    expect((await registerImport(w, WS, iris)).version).toBe('1');
  });

  it('the same model of another original is another, so that lineage stays true', async () => {
    const w = world();
    await registerImport(w, WS, iris);
    const again = { ...iris, source: { ...iris.source, sha256: 'e'.repeat(64), fileName: 'copy.onnx' } };
    const done = await registerImport(w, WS, again);
    expect(done.version).toBe('2');
    expect((await w.runs.get(WS, done.runId)).lineage.sourceSha256).toBe('e'.repeat(64));
  });

  it('other models and workspaces count for themselves', async () => {
    const w = world();
    const runs = new Set<string>();
    for (const [ws, model] of [
      [WS, 'iris'],
      [WS, 'flowers'],
      ['elsewhere', 'iris'],
    ] as const) {
      const done = await registerImport(w, ws, { ...iris, model });
      expect(done.version).toBe('1');
      runs.add(done.runId);
    }
    expect(runs.size).toBe(3);
    expect(w.objects.keys().filter((key) => key.startsWith('elsewhere/'))).toHaveLength(7);
  });

  it('joins the versions that a pipeline made, and moves no alias', async () => {
    const w = world();
    await w.registry.createModel(WS, { name: 'iris' });
    const trained = { identity: 'r', runId: 'b'.repeat(32), modelKey: 'k', modelSha256: 'c'.repeat(64) };
    const facts = { sizeBytes: 1, algorithm: 'random-forest', task: 'classification' as const };
    await w.registry.createVersion(WS, 'iris', { ...trained, ...facts });
    const move = { model: 'iris', alias: 'production', version: '1', actor: 'a', reason: 'r' };
    await w.registry.moveAlias(WS, { ...move, expectedVersion: null });
    expect((await registerImport(w, WS, iris)).version).toBe('2');
    expect((await w.registry.getModel(WS, 'iris')).aliases).toEqual({ production: '1' });
  });

  it('two callers at once get one', async () => {
    const w = world();
    const done = await Promise.all([iris, iris, other, iris].map((given) => registerImport(w, WS, given)));
    const [a, b, c, d] = done.map(({ version }) => version);
    expect([a, a]).toEqual([b, d]);
    expect([a, c].sort()).toEqual(['1', '2']);
    expect(done.filter(({ created }) => created)).toHaveLength(2);
    expect((await w.runs.list(WS)).items).toHaveLength(2);
  });
});

/** Times differ between a registration with and without a crash. All else must not. */
const comparable = (items: Item[]): string[] =>
  items
    .map(({ rev: _, ...item }) =>
      JSON.stringify(item)
        .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
        // A logged model: the time in its rows' keys, and in milliseconds.
        .replaceAll(/\b\d{20}#m-/g, 'TIME#m-')
        // The search index's name of a run, which begins with its start time.
        .replaceAll(/(\\u0001|")z[\w-]{29}"/g, '$1RUN"')
        // Where a model's versions live: made at random.
        .replaceAll(/:[0-9a-f]{16}\b/g, ':HOME')
        .replaceAll(/("(?:(?:created|updated)At|e)":)\d+/g, '$1TIME'),
    )
    .sort();

/** An object store whose n-th write ends the process: before it is made, or after. */
function crashingAt(w: World, at: number, mode: 'before' | 'after'): { deps: ImportDeps; crash(): boolean } {
  let writes = 0;
  let armed = true;
  const write = async <T>(make: () => Promise<T>): Promise<T> => {
    const due = armed && ++writes === at;
    if (due) armed = false;
    if (due && mode === 'before') throw new CrashError('before');
    const made = await make();
    if (due) throw new CrashError('after');
    return made;
  };
  const objects: Pick<ObjectStore, 'head' | 'put' | 'putIfAbsent'> = {
    head: (key) => w.objects.head(key),
    put: (...args) => write(() => w.objects.put(...args)),
    putIfAbsent: (...args) => write(() => w.objects.putIfAbsent(...args)),
  };
  return { deps: { ...w, objects }, crash: () => !armed };
}

describe('a crash', () => {
  it('between any two writes to the table is mended by doing it again', async () => {
    const calm = world();
    const wanted = await registerImport(calm, WS, iris);
    const { writes } = calm.items;
    expect(writes).toBeGreaterThanOrEqual(7);
    for (const mode of ['before', 'after'] as const) {
      for (let at = 1; at <= writes; at += 1) {
        const w = world();
        w.items.failWrite({ at, mode });
        await expect(registerImport(w, WS, iris), `${mode} ${at}`).rejects.toThrow(CrashError);
        const done = await registerImport(w, WS, iris);
        expect({ ...done, created: true }, `${mode} ${at}`).toEqual(wanted);
        expect(comparable(w.items.dump()), `${mode} ${at}`).toEqual(comparable(calm.items.dump()));
        expect(w.objects.keys()).toEqual(calm.objects.keys());
      }
    }
  });

  it('between any two writes to the bucket is mended by doing it again', async () => {
    const calm = world();
    const wanted = await registerImport(calm, WS, iris);
    for (const mode of ['before', 'after'] as const) {
      for (let at = 1; at <= KEYS(iris).length; at += 1) {
        const w = world();
        const { deps, crash } = crashingAt(w, at, mode);
        await expect(registerImport(deps, WS, iris), `${mode} ${at}`).rejects.toThrow(CrashError);
        expect(crash()).toBe(true);
        const done = await registerImport(deps, WS, iris);
        expect({ ...done, created: true }).toEqual(wanted);
        expect(comparable(w.items.dump())).toEqual(comparable(calm.items.dump()));
      }
    }
  });

  it('never leaves a version whose file is not there', async () => {
    const calm = world();
    await registerImport(calm, WS, iris);
    for (let at = 1; at <= calm.items.writes; at += 1) {
      const w = world();
      w.items.failWrite({ at, mode: 'after' });
      await expect(registerImport(w, WS, iris)).rejects.toThrow(CrashError);
      const known = (await w.registry.listModels(WS)).items.length > 0;
      const versions = known ? await w.registry.listVersions(WS, 'iris') : { items: [] };
      for (const { modelKey, runId } of versions.items) {
        expect(await w.objects.head(modelKey!)).toBeDefined();
        expect(await w.runs.find(WS, runId!)).toBeDefined();
      }
    }
  });

  it('does not send the file again where it is there already', async () => {
    const w = world();
    await registerImport(w, WS, iris);
    const sent: string[] = [];
    const objects: ImportDeps['objects'] = {
      head: (key) => w.objects.head(key),
      put: (key, ...rest) => w.objects.put(key, ...rest),
      putIfAbsent: async (key) => {
        sent.push(key);
        return 'exists';
      },
    };
    await registerImport({ ...w, objects }, WS, iris);
    expect(sent).toEqual([]);
  });
});

describe('a run that was ended before its version was made', () => {
  it.each(['FAILED', 'KILLED'] as const)('%s is opened again, as another attempt', async (status) => {
    const w = world();
    w.items.failWrite({ at: 3, mode: 'before' });
    await expect(registerImport(w, WS, iris)).rejects.toThrow(CrashError);
    const runId = importRunId(WS, iris);
    await w.runs.finish(WS, runId, { status });
    expect(await registerImport(w, WS, iris)).toMatchObject({ version: '1', runId, created: false });
    const run = await w.runs.get(WS, runId);
    expect([run.status, run.attempt, run.error]).toEqual(['FINISHED', 2, undefined]);
  });

  it('as reconcile ends one that nothing works on', async () => {
    const w = world();
    w.items.failWrite({ at: 2, mode: 'before' });
    await expect(registerImport(w, WS, iris)).rejects.toThrow(CrashError);
    w.clock.advance(600_000);
    const found = await reconcile(WS, w.stores, { fix: true });
    expect(found.map(({ kind }) => kind)).toContain('run-without-execution');
    expect((await w.runs.get(WS, importRunId(WS, iris))).error?.code).toBe('RUN_LOST');
    expect(await registerImport(w, WS, iris)).toMatchObject({ version: '1' });
    w.clock.advance(600_000);
    expect(await reconcile(WS, w.stores, { fix: true })).toEqual([]);
  });

  it('is not retried like a pipeline: the caller is told to import again', async () => {
    const w = world();
    const { runId } = await registerImport(w, WS, iris);
    const deps = { ...w, catalog: { get: () => expect.fail('asked for a pipeline') } };
    await expect(retryRun(deps as unknown as PipelineDeps, WS, runId)).rejects.toMatchObject({
      code: 'CONFLICT',
      remedy: expect.stringContaining('model import FILE --register'),
    });
  });
});

it('comes back from its snapshot where the table was lost: run, version, identity and alias', async () => {
  const w = world();
  const { runId, version } = await registerImport(w, WS, iris);
  const before = [await w.runs.get(WS, runId), await w.registry.getVersion(WS, 'iris', version)];
  for (const { pk, sk } of w.items.dump()) await w.items.remove({ pk, sk });
  w.clock.advance(600_000);
  const kinds = (await reconcile(WS, w.stores, { fix: true })).map(({ kind }) => kind);
  expect(kinds).toEqual(expect.arrayContaining(['run-missing', 'version-missing']));
  expect([await w.runs.get(WS, runId), await w.registry.getVersion(WS, 'iris', version)]).toEqual(before);
  // The identity came back too: the same file is still the same version.
  expect(await registerImport(w, WS, iris)).toMatchObject({ version: '1', created: false });
});
