import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ModelSchema, RunDetail } from '../../bin/cli/api-types.ts';
import type { ModelVersion, RegisteredModel, Run } from '../../lib/tracking/types.ts';
import { admin, quiet } from '../integration/support/api.ts';
import { stackCli } from '../integration/support/cli.ts';
import { expectData } from '../integration/support/data.ts';

/** devops-metrics as its users have it: by the command line and HTTP alone, on 1,000 rows: the data folder's, else made-up ones. */
const PIPELINE = 'devops-metrics';
const ROW = {
  cpu_usage: 48.1,
  memory_usage: 41.1,
  disk_io_mbps: 141.6,
  network_latency_ms: 104.2,
  concurrent_users: 667,
};

const { cli, json, failure } = stackCli();

const model = () => admin().get<RegisteredModel>(`/models/${PIPELINE}`);
const version = (number: string) => admin().get<ModelVersion>(`/models/${PIPELINE}/versions/${number}`);
/** The version that a run registered. */
const versionOf = (run: Run) => run.tags['model.version']!;

let folder: string;
let run: RunDetail;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'arboleda-devops-'));
  await quiet(PIPELINE);
  run = await json('run', PIPELINE, '--force', '--wait');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a run on all rows', () => {
  it('reads all 1,000, and says whether they are real', () => {
    expect(run.status).toBe('FINISHED');
    expect(expectData(run).rows).toBe(1000);
    expect(run.tags['data.testRows']).toBe('200');
  });

  it('tracks each candidate as a child run, tagged with what it is there for, with parameters and figures', async () => {
    const { runs } = await admin().get<{ runs: Run[] }>('/runs', { parent: run.runId, limit: 100 });
    const of = (kind: string) => runs.filter((child) => child.tags['candidate.kind'] === kind);
    expect([runs, of('baseline'), of('tuning'), of('comparison')].map((list) => list.length)).toEqual([
      10, 1, 6, 3,
    ]);
    for (const child of runs) {
      expect(child.status).toBe('FINISHED');
      expect(child.tags['mlflow.parentRunId']).toBe(run.runId);
      for (const metric of ['r2', 'rmse', 'mae']) {
        expect(child.metrics[`validation_${metric}`]).toEqual(expect.any(Number));
      }
    }
    expect(of('baseline')[0]!.params).toMatchObject({ algorithm: 'random-forest', trees: '100' });
    const tuned = of('tuning').map(({ params }) => `${params.trees} ${params.maxDepth}`);
    expect(tuned.sort()).toEqual(['200 10', '200 20', '200 5', '50 10', '50 20', '50 5']);
    const algorithms = of('comparison').map(({ params }) => params.algorithm);
    expect(algorithms.sort()).toEqual(['gradient-boosting', 'linear-regression', 'random-forest']);
  });

  it('selects the linear model by R2, as good as scikit-learn says (0.957), and registers it', async () => {
    expect(run.params.algorithm).toBe('linear-regression');
    expect(run.metrics.r2).toBeGreaterThan(0.945);
    expect(run.metrics.r2).toBeLessThan(0.975);
    expect(run.metrics.rmse).toBeLessThan(22);
    expect(run.metrics.mae).toBeLessThan(18);
    const { runs } = await admin().get<{ runs: Run[] }>('/runs', { parent: run.runId, limit: 100 });
    const best = runs.toSorted((a, b) => b.metrics.validation_r2! - a.metrics.validation_r2!)[0]!;
    expect(best.params.algorithm).toBe('linear-regression');
    expect(await version(versionOf(run))).toMatchObject({ algorithm: 'linear-regression', runId: run.runId });
  });
});

describe('stages', () => {
  let next: string;

  it('under the policy a run goes to Staging alone, and nothing else can be promoted', async () => {
    await json('stage', PIPELINE, versionOf(run), 'Production');
    expect(await json('policy', PIPELINE, '--require-staging', 'on')).toEqual({
      model: PIPELINE,
      requireStaging: true,
    });
    const second: RunDetail = await json('run', PIPELINE, '--force', '--wait');
    next = versionOf(second);
    // The same rows and the same seed: not better, so it is in development still.
    expect(second.tags['promotion.promoted']).toBe('false');
    expect((await version(next)).stage).toBe('None');
    const refused = await failure('promote', PIPELINE, next);
    expect(refused).toMatchObject({ code: 'STAGING_REQUIRED', details: { version: next, stage: 'None' } });
    expect(refused.remedy).toContain('npx arboleda stage');
    expect((await failure('stage', PIPELINE, next, 'Production')).code).toBe('STAGING_REQUIRED');
    expect((await failure('switch', PIPELINE, next)).code).toBe('STAGING_REQUIRED');
    expect((await model()).aliases.production).toBe(versionOf(run));
  });

  it('a version in Staging is predicted with by reference, by row and by file', async () => {
    expect(await json('stage', PIPELINE, next, 'staging')).toMatchObject({
      stage: 'Staging',
      previousStage: 'None',
    });
    const answer = await json('predict', `models:/${PIPELINE}/Staging`, '--row', JSON.stringify(ROW));
    expect(answer).toMatchObject({ model: PIPELINE, version: next, warnings: [] });
    // The row's own time in the file is 531.5 ms; the noise there is about 20.
    expect(answer.predictions[0].prediction).toBeGreaterThan(430);
    expect(answer.predictions[0].prediction).toBeLessThan(630);
    const file = join(folder, 'rows.json');
    writeFileSync(file, JSON.stringify([ROW, { ...ROW, concurrent_users: 100 }]));
    const two = await json('predict', `models:/${PIPELINE}/latest`, '--rows', file);
    expect(two.version).toBe(next);
    expect(two.predictions[1].prediction).toBeLessThan(two.predictions[0].prediction);
    expect((await json('predict', `${PIPELINE}@production`, '--row', JSON.stringify(ROW))).version).toBe(
      versionOf(run),
    );
    expect((await failure('predict', `models:/${PIPELINE}/Live`, '--row', '{}')).code).toBe(
      'INVALID_REFERENCE',
    );
  });

  it('is promoted from Staging, archiving what was in Production', async () => {
    const moved = await json('stage', PIPELINE, next, 'Production', '--archive-existing');
    expect(moved).toMatchObject({ stage: 'Production', aliases: { production: next } });
    expect(moved.archived).toContain(versionOf(run));
    expect((await cli('models', PIPELINE)).stdout).toMatch(
      new RegExp(`│ ${next} +│ Production +│ production +│ linear-regression`),
    );
    const { audit } = await admin().get<{ audit: object[] }>(`/models/${PIPELINE}/audit`);
    expect(audit[0]).toMatchObject({ kind: 'stage', alias: 'production', toVersion: next });
    await json('policy', PIPELINE, '--require-staging', 'off');
  });

  it('Staging is a 404 by reference when nobody is there', async () => {
    const none = await failure('predict', `models:/${PIPELINE}/Staging`, '--row', JSON.stringify(ROW));
    expect(none).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('no version in stage'),
    });
  });
});

describe('switch and revert under load', () => {
  it('fail no request, every answer is of one of the two versions, and the old one is gone within 5 s', async () => {
    const blue = (await model()).aliases.production!;
    const green = versionOf(run);
    expect(green).not.toBe(blue);
    const answers: { version: string; status: number; at: number }[] = [];
    let flying = true;
    const caller = async () => {
      const { apiUrl, adminToken } = inject('stack');
      while (flying) {
        const response = await fetch(`${apiUrl}/models/${PIPELINE}/predict`, {
          method: 'POST',
          headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
          body: JSON.stringify(ROW),
        });
        const { version } = (await response.json()) as { version: string };
        answers.push({ version, status: response.status, at: Date.now() });
      }
    };
    const callers = [caller(), caller(), caller()];
    const switched = await json('switch', PIPELINE, green, '--reason', 'greener');
    const switchedAt = Date.now();
    const reverted = await json('revert', PIPELINE);
    flying = false;
    await Promise.all(callers);

    expect(switched).toMatchObject({
      version: green,
      previousVersion: blue,
      failed: 0,
      settled: true,
      schemaChanges: [],
    });
    expect(reverted).toMatchObject({ version: blue, previousVersion: green, failed: 0, settled: true });
    for (const done of [switched, reverted]) {
      expect(done.requests).toBeGreaterThan(10);
      expect(done.lastOld ?? 0).toBeLessThan(5_000);
    }
    expect(answers.length).toBeGreaterThan(50);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect([...new Set(answers.map((answer) => answer.version))].sort()).toEqual([blue, green].sort());
    // Of the callers, too, none had the blue one just after the switch was proved; all have it again in the end.
    const proved = answers.filter(({ at }) => at <= switchedAt).slice(-5);
    expect(new Set(proved.map((answer) => answer.version))).toEqual(new Set([green]));
    expect(answers.at(-1)!.version).toBe(blue);
    expect((await version(green)).stage).toBe('Archived');
    expect((await version(blue)).stage).toBe('Production');
  });

  it('a version that is not there moves nothing', async () => {
    const before = await model();
    expect((await failure('switch', PIPELINE, '99999')).code).toBe('NOT_FOUND');
    expect(await model()).toEqual(before);
  });
});

describe('bench-predict', () => {
  it('measures single rows, batches and malformed bodies, each of which is refused by its field', async () => {
    const report = await json(
      'bench-predict',
      PIPELINE,
      '--requests',
      '44',
      '--concurrency',
      '2',
      '--batch',
      '50',
    );
    expect(report.single).toMatchObject({ requests: 44, statuses: { 200: 44 } });
    expect(report.batch).toMatchObject({ requests: 44, rowsPerRequest: 50, statuses: { 200: 44 } });
    expect(report.malformed).toMatchObject({ requests: 44, kinds: 11, wrong: [], statuses: { 400: 44 } });
    for (const kind of ['single', 'batch', 'malformed']) {
      const { p50, p90, p95, p99, max } = report[kind].latency;
      expect([p50, p90, p95, p99, max]).toEqual([p50, p90, p95, p99, max].toSorted((a, b) => a - b));
      expect(p50).toBeGreaterThan(0);
    }
  });

  it('prints the table to a person', async () => {
    const { code, stdout } = await cli('bench-predict', `${PIPELINE}@production`, '--requests', '11');
    expect(code).toBe(0);
    expect(stdout).toMatch(/p50 ms .*p99 ms/);
    expect(stdout).toMatch(/malformed, 11 kinds/);
  });

  it('takes its rows from the schema of the version', async () => {
    const { example, schema } = await admin().get<ModelSchema>(`/models/${PIPELINE}/schema`);
    expect(Object.keys(schema.properties)).toEqual(Object.keys(ROW));
    expect(Object.keys(example)).toEqual(Object.keys(ROW));
  });
});
