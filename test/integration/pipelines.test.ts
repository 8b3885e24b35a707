import { beforeAll, describe, expect, it } from 'vitest';
import type { PredictionAnswer, RunDetail, VersionList } from '../../bin/cli/api-types.ts';
import { admin, finishRun, raw, stageOf } from './support/api.ts';
import { expectData, pushRealData } from './support/data.ts';
import { pushAmes } from './support/houses.ts';

/** What an honest model of each reaches on the real files (../shared/data/README.md, scikit-learn beside it). */
const HONEST = {
  housing: { metric: 'r2', low: 0.55, high: 0.85, artifact: 'reports/residuals.png' },
  'student-performance': {
    metric: 'accuracy',
    low: 0.3,
    high: 0.7,
    artifact: 'reports/confusion_matrix.png',
  },
} as const;

describe.each(Object.entries(HONEST))('%s, from real data to a prediction', (pipeline, expected) => {
  let run: RunDetail;
  beforeAll(async () => {
    // The repository's own file, whatever other tests made of housing.
    await (pipeline === 'housing' ? pushAmes() : pushRealData(pipeline));
    run = await finishRun(pipeline);
  });

  it('reads every row of what this machine has for it', () => {
    if (pipeline === 'housing') {
      expect(run.tags).toMatchObject({ 'data.synthetic': 'false', 'data.rows': '2930' });
    } else expectData(run);
    expect(run.lineage.sourceSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('passes through every stage, and trains each candidate', () => {
    for (const stage of ['plan', 'ingest', 'clean', 'train', 'evaluate', 'register', 'promote']) {
      expect(stageOf(run, stage)?.status, stage).toMatch(/DONE|SKIPPED/);
    }
    expect(run.stages.filter(({ stage, item }) => stage === 'train' && item !== undefined)).toHaveLength(2);
  });

  it('reaches what honest models reach, no more', () => {
    expect(run.metrics[expected.metric]).toBeGreaterThan(expected.low);
    expect(run.metrics[expected.metric]).toBeLessThan(expected.high);
  });

  it('keeps what made it', () => {
    expect(run.lineage).toMatchObject({
      datasetSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      definitionSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      lockfileSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      nodeVersion: expect.stringMatching(/^v24\./),
      codeVersions: expect.objectContaining({ ingest: expect.stringMatching(/^[0-9a-f]{64}$/) }),
    });
    expect(Object.keys(run.params).length).toBeGreaterThan(0);
  });

  it('leaves reports that can be downloaded without a token', async () => {
    expect(run.artifacts.map(({ path }) => path)).toContain(expected.artifact);
    const answer = await raw('GET', `/runs/${run.runId}/artifacts/${expected.artifact}`);
    expect(answer.status).toBe(302);
    const picture = await fetch(answer.headers.get('location') ?? '');
    expect(picture.status).toBe(200);
    expect(new Uint8Array(await picture.arrayBuffer()).slice(1, 4)).toEqual(
      new Uint8Array([0x50, 0x4e, 0x47]),
    );
  });

  it('registers a version and promotes it', async () => {
    const { versions } = await admin().get<VersionList>(`/models/${pipeline}/versions`);
    expect(versions.length).toBeGreaterThan(0);
    const model = await admin().get<{ aliases: Record<string, string> }>(`/models/${pipeline}`);
    expect(versions.map(({ version }) => version)).toContain(model.aliases.production);
    const { audit } = await admin().get<{ audit: { toVersion: string }[] }>(`/models/${pipeline}/audit`);
    expect(audit[0]?.toVersion).toBe(model.aliases.production);
  });
});

describe('predictions over HTTP', () => {
  const row = { rooms: 6, area: 120, age: 20 };

  it('answers one bare row, and can be read back by its id', async () => {
    const answer = await admin().post<PredictionAnswer>('/models/housing/predict', row);
    expect(answer).toMatchObject({
      model: 'housing',
      version: expect.stringMatching(/^\d+$/),
      predictions: [{}],
    });
    expect(answer.predictions[0]?.prediction).toBeGreaterThan(20_000);
    const logged = await admin().get<Record<string, unknown>>(`/predictions/${answer.requestId}`);
    expect(logged).toMatchObject({ requestId: answer.requestId, model: 'housing', version: answer.version });
    expect(JSON.stringify(logged)).toContain('"area":120');
  });

  it('answers a thousand rows in their order, and logs them as one', async () => {
    const rows = Array.from({ length: 1000 }, (_, i) => ({ ...row, area: 40 + i / 4 }));
    const answer = await admin().post<PredictionAnswer>('/models/housing/predict', { rows });
    expect(answer.predictions).toHaveLength(1000);
    const single = await admin().post<PredictionAnswer>('/models/housing/predict', rows[777]);
    expect(answer.predictions[777]).toEqual(single.predictions[0]);
    const logged = await admin().get(`/predictions/${answer.requestId}`);
    expect(JSON.stringify(logged)).toContain('"area":40.25');
  });

  it('refuses the 1,001st row', async () => {
    const answer = await raw('POST', '/models/housing/predict', {
      body: JSON.stringify({ rows: Array.from({ length: 1001 }, () => row) }),
    });
    expect([400, 413]).toContain(answer.status);
    expect(answer.body.code).toBeTypeOf('string');
  });

  it('serves the default model under /predict and /predict/, with the name of its target', async () => {
    for (const path of ['/predict', '/predict/']) {
      const answer = await raw('POST', path, { body: JSON.stringify(row) });
      expect(answer.status, path).toBe(200);
      expect(answer.body.predicted_price).toBe(answer.body.predictions[0].prediction);
    }
  });

  it('gives the probabilities of a class, and warns of an unknown category', async () => {
    const { definition } = await admin().get<{
      definition: { schema: { columns: { name: string; categories?: string[] }[] } };
    }>('/pipelines/student-performance');
    const features = definition.schema.columns.filter(({ name }) => name !== 'Performance');
    const student = Object.fromEntries(
      features.map(({ name, categories }) => [name, categories?.[0] ?? 'x']),
    );
    const answer = await admin().post<PredictionAnswer>('/models/student-performance/predict', student);
    const { probabilities = {} } = answer.predictions[0]!;
    expect(Object.keys(probabilities).sort()).toEqual(['Average', 'Excellent', 'Good', 'Vg']);
    expect(Object.values(probabilities).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
    const odd = await admin().post<PredictionAnswer>('/models/student-performance/predict', {
      ...student,
      [features[0]!.name]: 'nobody has said this before',
    });
    expect(odd.warnings).toEqual([
      expect.objectContaining({ field: features[0]!.name, code: 'unknown_category' }),
    ]);
  });

  it('tells its health, and shows the model row in the OpenAPI document', async () => {
    const health = await raw('GET', '/health', { token: '' });
    expect(health.status).toBe(200);
    expect(health.body).toMatchObject({ model_loaded: true, version: expect.anything() });
    const document = await raw('GET', '/openapi.json', { token: '' });
    expect(document.body.openapi).toMatch(/^3\.1/);
    expect(document.text).toContain('living area, square metres');
    const docs = await raw('GET', '/docs', { token: '' });
    expect(docs.status).toBe(200);
    expect(docs.text).not.toMatch(/(src|href)="https?:/);
  });
});

describe('content keys', () => {
  it('skips what is done already, and says so', async () => {
    const again = await finishRun('housing');
    for (const stage of ['ingest', 'clean', 'evaluate']) {
      expect(stageOf(again, stage), stage).toMatchObject({ status: 'SKIPPED', note: expect.any(String) });
    }
    for (const item of ['0', '1']) expect(stageOf(again, 'train', item)?.status).toBe('SKIPPED');
  });

  it('makes the same bytes again when forced', async () => {
    const first = await finishRun('housing');
    const forced = await finishRun('housing', { force: true });
    expect(stageOf(forced, 'train', '1')?.status).toBe('DONE');
    for (const item of ['0', '1']) {
      expect(stageOf(forced, 'train', item)?.outputs.modelSha256).toBe(
        stageOf(first, 'train', item)?.outputs.modelSha256,
      );
    }
    expect(forced.lineage.datasetSha256).toBe(first.lineage.datasetSha256);
    expect(forced.metrics).toEqual(first.metrics);
  });

  it('starts and stops where it is told', async () => {
    const run = await finishRun('housing', { from: 'clean', to: 'train', force: true });
    expect(stageOf(run, 'clean')?.status).toBe('DONE');
    expect(stageOf(run, 'train', '0')?.status).toBe('DONE');
    expect(stageOf(run, 'evaluate')).toBeUndefined();
    expect(stageOf(run, 'ingest')?.status ?? 'absent').not.toBe('DONE');
  });
});
