import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { PredictionAnswer, RegisteredImport, RunDetail, Upload } from '../../bin/cli/api-types.ts';
import { putTo } from '../../bin/cli/upload.ts';
import type { ConvertedModel } from '../../bin/local-train/import-model.ts';
import type { ModelVersion, RegisteredModel } from '../../lib/tracking/types.ts';
import { runCli } from '../support/cli.ts';
import { converted, farFromFile, onnxFile, requestRows } from '../support/imported.ts';
import { admin, newToken, raw } from './support/api.ts';
import { s3 } from './support/aws.ts';
import { actionsOf, callsIn, logLines, Roles } from './support/roles.ts';

/** A name of its own, so that a kept stack can be used again. */
const name = `iris-${randomBytes(4).toString('hex')}`;
const env = () => ({ ARBOLEDA_LOCAL_DIR: inject('stack').dir });
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const api = { versions: `/models/${name}/versions`, predict: `/models/${name}/predict` };

async function upload(bytes: Uint8Array, declared = sha256(bytes)): Promise<string> {
  const opened = await admin().post<Upload>('/data/uploads', {
    fileName: 'model.arbm',
    bytes: bytes.length,
    sha256: declared,
  });
  await putTo(opened, bytes);
  return opened.uploadId;
}

describe('a model of scikit-learn', () => {
  let made: ConvertedModel;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came.
  let report: any;
  beforeAll(async () => {
    made = await converted('sklearn-boosting', { name });
    const args = [
      'model',
      'import',
      onnxFile('sklearn-boosting'),
      '--target',
      'y',
      '--register',
      name,
      '--json',
    ];
    const done = await runCli(args, env());
    if (done.code !== 0) throw new Error(done.stdout + done.stderr);
    report = JSON.parse(done.stdout);
  });

  it('is a version with a run of its own, and its file lies under its hash', async () => {
    expect(report.registered).toMatchObject({ model: name, version: '1', created: true });
    const version = await admin().get<ModelVersion>(`${api.versions}/1`);
    expect(version).toMatchObject({
      algorithm: 'imported-ensemble',
      task: 'classification',
      modelSha256: sha256(made.body),
      modelKey: `default/models/${sha256(made.body)}.arbm`,
      sizeBytes: made.body.length,
      runId: report.registered.runId,
    });
    const run = await admin().get<RunDetail>(`/runs/${version.runId}`);
    expect(run).toMatchObject({
      status: 'FINISHED',
      lineage: { sourceSha256: sha256(readFileSync(onnxFile('sklearn-boosting'))) },
      tags: { 'arboleda.kind': 'import', 'model.name': name, 'model.version': '1' },
      params: { 'source.fileName': 'sklearn-boosting.onnx', 'source.format': 'onnx' },
    });
    expect(run.artifacts.map(({ path }) => path).sort()).toEqual([
      'model/model.arbm',
      'reports/importance.json',
    ]);
    const stored = await s3().send(
      new HeadObjectCommand({ Bucket: inject('stack').outputs.BucketName, Key: version.modelKey }),
    );
    expect(stored.ContentLength).toBe(made.body.length);
    expect((await runCli(['runs', '--limit', '5'], env())).stdout).toContain(`import of ${name}`);
  });

  it('serves nobody who does not ask for it by number, until it is promoted', async () => {
    const rows = requestRows('sklearn-boosting', made.report.features);
    const early = await raw('POST', api.predict, { body: JSON.stringify(rows[0]) });
    expect([early.status, early.body.code]).toEqual([503, 'NOT_READY']);
    const asked = await admin().send<PredictionAnswer>('POST', api.predict, {
      body: { rows },
      query: { version: '1' },
    });
    expect(farFromFile('sklearn-boosting', asked.predictions)).toBeLessThan(1e-6);
    const promoted = await runCli(['promote', name, '1'], env());
    expect(promoted.code).toBe(0);
    const answer = await admin().post<PredictionAnswer>(api.predict, { rows });
    expect(answer).toMatchObject({ model: name, version: '1' });
    expect(farFromFile('sklearn-boosting', answer.predictions)).toBeLessThan(1e-6);
    const { paths } = await admin().get<{ paths: Record<string, unknown> }>('/openapi.json');
    expect(Object.keys(paths)).toContain(api.predict);
  });

  it('imported again is the same version; another model is the next, promoted at once, and rolled back', async () => {
    const import_ = async (fixture: string, ...more: string[]) => {
      const args = [
        'model',
        'import',
        onnxFile(fixture),
        '--target',
        'y',
        '--register',
        name,
        '--json',
        ...more,
      ];
      return JSON.parse((await runCli(args, env())).stdout).registered as RegisteredImport;
    };
    expect(await import_('sklearn-boosting')).toMatchObject({
      version: '1',
      created: false,
      runId: report.registered.runId,
    });
    expect(await import_('sklearn-forest-zipmap', '--alias', 'production')).toMatchObject({ version: '2' });
    const held = await admin().get<RegisteredModel>(`/models/${name}`);
    expect([held.aliases.production, held.latestVersion]).toEqual(['2', 2]);
    expect((await runCli(['rollback', name], env())).code).toBe(0);
    expect((await admin().get<RegisteredModel>(`/models/${name}`)).aliases.production).toBe('1');
  });
});

describe('what is not registered', () => {
  const source = { fileName: 'm.onnx', format: 'onnx', bytes: 1, sha256: '0'.repeat(64) };
  const register = async (uploadId: string, token?: string) =>
    raw('POST', api.versions, { body: JSON.stringify({ uploadId, source }), ...(token ? { token } : {}) });

  it('is what no model file is, what was changed on the way, and what never came', async () => {
    const before = await admin().get<RegisteredModel>(`/models/${name}`);
    const onnx = new Uint8Array(readFileSync(onnxFile('xgboost')));
    expect(await register(await upload(onnx))).toMatchObject({ status: 422, body: { code: 'INTEGRITY' } });
    const { body } = await converted('xgboost', { name });
    expect(await register(await upload(body, '0'.repeat(64)))).toMatchObject({ status: 422 });
    const other = await converted('xgboost', { name: 'another' });
    expect(await register(await upload(other.body))).toMatchObject({
      status: 422,
      body: { code: 'UNSERVABLE_MODEL' },
    });
    expect(await register('0'.repeat(32))).toMatchObject({ status: 404 });
    expect(await admin().get<RegisteredModel>(`/models/${name}`)).toEqual(before);
  });

  it('is the upload of another workspace, and what a role may not', async () => {
    const { body } = await converted('xgboost', { name });
    const id = await upload(body);
    const elsewhere = await newToken('operator', 'elsewhere');
    expect(await register(id, elsewhere.token)).toMatchObject({ status: 404 });
    const viewer = await newToken('viewer');
    expect(await register(id, viewer.token)).toMatchObject({ status: 403 });
  });
});

it('did nothing that the role of the api function does not allow', async () => {
  const roles = new Roles();
  const api = roles.functions().find((one) => one.endsWith('-api'))!;
  const calls = callsIn(await logLines(api));
  const written = calls.filter(
    ({ operation, resource }) => operation === 'PutObject' && resource.includes('/models/'),
  );
  expect(written.length).toBeGreaterThan(0);
  expect(written.flatMap(actionsOf)).toContain('s3:PutObject');
  expect(calls.flatMap((call) => roles.refused(api, call))).toEqual([]);
});
