import { beforeAll, describe, expect, it } from 'vitest';
import { readManifest } from '../../../../lib/learn/index.ts';
import { logModel, type OwnModel } from '../../../../lib/pipeline/logged-model/log-model.ts';
import { columnsOf, signatureOf } from '../../../../lib/pipeline/logged-model/signature.ts';
import { converted } from '../../../support/imported.ts';
import { CrashError } from '../../../support/memory.ts';
import { RUN, WS, world } from '../../tracking/helpers.ts';

let own: OwnModel;
beforeAll(async () => {
  const { body, report } = await converted('sklearn-forest', { name: 'iris' });
  own = {
    experimentId: '4',
    runId: RUN,
    name: 'iris',
    bytes: body,
    sha256: report.modelSha256,
    manifest: readManifest(body, { sha256: report.modelSha256 }),
    params: { trees: '10' },
    metrics: { accuracy: 0.9, roc_auc: Number.NaN },
    dataset: { name: 'iris', digest: 'd1' },
  };
});

const text = async (w: ReturnType<typeof world>, key: string) =>
  Buffer.from(await w.objects.get(key)).toString();

describe('logModel', () => {
  it('leaves a READY logged model of the run, with the files that its MLmodel names', async () => {
    const w = world();
    const model = await logModel(w, WS, own);
    expect(model).toMatchObject({
      experimentId: '4',
      name: 'iris',
      status: 'READY',
      modelType: 'classification',
      sourceRunId: RUN,
      params: { trees: '10' },
      tags: { 'arboleda.algorithm': 'imported-ensemble' },
      artifactLocation: `mlflow-artifacts:/4/models/${model.modelId}/artifacts`,
      metrics: [
        { key: 'accuracy', value: 0.9, step: 0, runId: RUN, datasetName: 'iris', datasetDigest: 'd1' },
      ],
    });
    const at = `${WS}/artifacts/4/models/${model.modelId}/artifacts/`;
    expect(w.objects.keys()).toEqual(
      ['MLmodel', 'input_example.json', 'model.arbm', 'serving_input_example.json'].map((file) => at + file),
    );
    expect(Buffer.from(await w.objects.get(`${at}model.arbm`))).toEqual(Buffer.from(own.bytes));
    const mlmodel = await text(w, `${at}MLmodel`);
    expect(mlmodel).toContain(`model_id: "${model.modelId}"\n`);
    expect(mlmodel).toContain(`run_id: "${RUN}"\n`);
    expect(mlmodel).toContain(`    sha256: "${own.sha256}"\n`);
    expect(mlmodel).not.toContain('python_function');
    expect(mlmodel).toMatch(/utc_time_created: "2026-03-01 12:00:00\.\d{3}000"\n/);
    const { columns, data } = JSON.parse(await text(w, `${at}input_example.json`));
    expect(columns).toEqual(columnsOf(own.manifest).map(({ name }) => name));
    expect(data).toHaveLength(1);
    expect(JSON.parse(await text(w, `${at}serving_input_example.json`))).toEqual({
      dataframe_split: { columns, data },
    });
  });

  it('once more is the same model, and nothing else changes', async () => {
    const w = world();
    const first = await logModel(w, WS, own);
    const items = w.items.dump();
    expect(await logModel(w, WS, own)).toEqual(first);
    expect(w.items.dump()).toEqual(items);
  });

  it('of another run is another model', async () => {
    const w = world();
    const first = await logModel(w, WS, own);
    expect((await logModel(w, WS, { ...own, runId: 'c'.repeat(32) })).modelId).not.toBe(first.modelId);
  });

  it('is completed by making it again, wherever it ended', async () => {
    const calm = world();
    await logModel(calm, WS, own);
    const writes = calm.items.writes;
    expect(writes).toBeGreaterThanOrEqual(5);
    for (const mode of ['before', 'after'] as const) {
      for (let at = 1; at <= writes; at += 1) {
        const w = world();
        w.items.failWrite({ at, mode });
        await expect(logModel(w, WS, own)).rejects.toThrow(CrashError);
        const model = await logModel(w, WS, own);
        expect(model).toMatchObject({ status: 'READY', params: { trees: '10' } });
        expect(model.metrics).toHaveLength(1);
        expect(w.objects.keys()).toHaveLength(4);
        expect(w.items.dump()).toHaveLength(calm.items.dump().length);
      }
    }
  });

  it('replaces what the name of a logged model may not hold', async () => {
    const { name } = await logModel(world(), WS, { ...own, name: `a.b%c"d'e` });
    expect(name).toBe('a_b_c_d_e');
  });
});

describe('signatureOf', () => {
  const signed = (more: object) => {
    const { inputs, outputs } = signatureOf({ ...own.manifest, ...more });
    return { inputs: JSON.parse(inputs), outputs: JSON.parse(outputs) };
  };

  it("says a row's columns in the types of MLflow, and which may be missing", () => {
    const rowSchema = {
      columns: [
        { name: 'a', kind: 'integer', nullable: false },
        { name: 'b', kind: 'number', nullable: true },
        { name: 'c', kind: 'boolean', nullable: false },
        { name: 'd', kind: 'date', nullable: false },
        { name: 'e', kind: 'text', nullable: false },
        { name: 'f', kind: 'category', categories: ['1', '2'], numericCategories: true, nullable: false },
        { name: 'g', kind: 'category', categories: ['0.5'], numericCategories: true, nullable: false },
        { name: 'unread', kind: 'number', nullable: false },
        { name: 'y', kind: 'category', categories: ['u', 'v'], nullable: false },
      ],
    };
    const preprocessing = { ...own.manifest.preprocessing, input: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] };
    expect(signed({ rowSchema, preprocessing, target: 'y', classes: ['u', 'v'] })).toEqual({
      inputs: [
        { type: 'long', name: 'a', required: true },
        { type: 'double', name: 'b', required: false },
        { type: 'boolean', name: 'c', required: true },
        { type: 'datetime', name: 'd', required: true },
        { type: 'string', name: 'e', required: true },
        { type: 'long', name: 'f', required: true },
        { type: 'double', name: 'g', required: true },
      ],
      outputs: [{ type: 'string', required: true }],
    });
  });

  it('says what comes out: a number, a class, or a class that is a number', () => {
    const target = (kind: string) => ({
      target: 'y',
      rowSchema: { columns: [{ name: 'y', kind, nullable: false }] },
    });
    const outputs = (more: object) => signed(more).outputs[0].type;
    expect(outputs({ task: 'regression', ...target('integer') })).toBe('double');
    expect(outputs({ task: 'classification', classes: ['1', '2'], ...target('integer') })).toBe('long');
    expect(outputs({ task: 'classification', classes: ['0.5'], ...target('number') })).toBe('double');
    expect(outputs({ task: 'classification', classes: ['1'], ...target('category') })).toBe('string');
  });
});
