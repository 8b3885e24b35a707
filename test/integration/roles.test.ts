import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { predictBatch } from '../../bin/cli/predict-batch.ts';
import { startSampleServer } from '../../bin/samples/server.ts';
import { forestLikeUci } from '../../data/forest-cover/generator.ts';
import type { CollectorReport, StartedRun } from '../../lib/http/types.ts';
import { SampleSource } from '../../lib/pipeline/samples/index.ts';
import { seededRandom } from '../../lib/table/index.ts';
import { admin, endRun, finishRun, newToken, quiet, startRun, waitForRun } from './support/api.ts';
import { invoke } from './support/aws.ts';
import { housesFile, pushAmes, pushHouses } from './support/houses.ts';
import { actionsOf, arnOf, type Call, callsIn, logLines, matches, Roles } from './support/roles.ts';

const key = ({ service, operation, resource, actions }: Call): string =>
  JSON.stringify([service, operation, resource.replace(/[0-9a-f]{32,64}|[0-9a-f-]{36}/g, '*'), actions]);

/** One tick of the collector: a subset, a full round, and its run. */
async function collectOnce(): Promise<void> {
  const rows = forestLikeUci(seededRandom(3), 1500).map((row) => Object.values(row));
  const options = { batches: 1, every: 3_600_000, share: 1, seed: 3, origin: Date.now() };
  const server = await startSampleServer(new SampleSource({ rows, ...options }), 0, () => undefined);
  const collector = '/pipelines/forest-cover/collector';
  await admin().put(collector, { url: server.url, every: 300, subsets: 1, state: 'active' });
  await invoke('collect', { workspace: 'default' });
  const { rounds } = await admin().get<CollectorReport>(collector);
  await admin().put(collector, { state: 'paused' });
  await server.close();
  expect(rounds[0]).toMatchObject({ state: 'closed', subsets: 1, rows: 1500 });
  await quiet('forest-cover');
}

/** Every path that calls AWS: a run by each trigger, its end by each cause, each family of routes. */
beforeAll(async () => {
  await quiet('housing');
  await pushHouses('rooms,area,price\n1,2,3\n');
  await endRun('housing');
  await pushHouses(housesFile(600));
  const first = await finishRun('housing', { force: true });
  const scheduled = (await invoke('start', {
    workspace: 'default',
    pipeline: 'housing',
    eventId: randomUUID(),
    trigger: 'schedule',
  })) as StartedRun;
  await waitForRun(scheduled.runId);
  const cancelled = await startRun('housing', { force: true });
  await admin().post(`/runs/${cancelled.runId}/cancel`);
  await waitForRun(cancelled.runId);
  await admin().post(`/runs/${cancelled.runId}/retry`);
  await quiet('housing');
  const row = { rooms: 6, area: 120, age: 20 };
  await admin().post('/models/housing/predict', row);
  await admin().post('/models/housing/predict', { rows: [row, row] });
  const out = await mkdtemp(join(tmpdir(), 'arboleda-batch-'));
  await predictBatch(admin(), {
    model: 'housing',
    query: {},
    bytes: Buffer.from('rooms,area,age\n6,120,20\n7,wide,3\n'),
    fileName: 'rows.csv',
    out: join(out, 'rows.predictions.csv'),
    failuresOut: join(out, 'rows.failures.jsonl'),
    note: () => undefined,
  });
  await rm(out, { recursive: true });
  const { record } = await newToken('viewer');
  await admin().delete(`/tokens/${record.tokenId}`);
  for (const path of [
    '/runs',
    `/runs/${first.runId}`,
    `/runs/${first.runId}/logs`,
    '/models',
    '/experiments',
    '/openapi.json',
  ]) {
    await admin().get(path);
  }
  await collectOnce();
  await admin().post('/models/housing/monitor');
  await invoke('monitor', {});
  await admin().put('/models/housing/aliases/challenger', { version: '1' });
  await admin().post('/admin/reconcile', { fix: true });
  await pushAmes();
});

describe('what the functions did is what their roles allow', () => {
  const roles = new Roles();
  it.each(roles.functions())('%s', async (name) => {
    const calls = callsIn(await logLines(name));
    expect(calls.length).toBeGreaterThan(0);
    const distinct = [...new Map(calls.map((call) => [key(call), call])).values()];
    const refused = distinct
      .map((call) => ({ call, actions: roles.refused(name, call) }))
      .filter(({ actions }) => actions.length > 0)
      .map(({ call, actions }) => `${actions.join(' ')} on ${arnOf(call)}`);
    expect(refused).toEqual([]);
  });

  it('has a checker that refuses what is not allowed', () => {
    const bucket = inject('stack').outputs.BucketName;
    const ingest = `${inject('stack').stackName}-ingest`;
    const call = (operation: string, resource: string): Call => ({ service: 'S3', operation, resource });
    expect(roles.refused(ingest, call('PutObject', `${bucket}/default/raw/x`))).toEqual([]);
    expect(roles.refused(ingest, call('PutObject', `${bucket}/default/models/x`))).toEqual(['s3:PutObject']);
    expect(roles.refused(ingest, call('DeleteObject', `${bucket}/default/raw/x`))).toEqual([
      's3:DeleteObject',
    ]);
    expect(roles.refused(ingest, call('GetObject', 'another/default/raw/x'))).toEqual(['s3:GetObject']);
    expect(
      actionsOf({
        service: 'DynamoDB',
        operation: 'TransactWriteItems',
        resource: 't',
        actions: ['PutItem'],
      }),
    ).toEqual(['dynamodb:PutItem']);
    expect(matches('arn:aws:s3:::b/*/raw/*', 'arn:aws:s3:::b/x/raw/y/z')).toBe(true);
    expect(matches('a.c', 'abc')).toBe(false);
  });
});
