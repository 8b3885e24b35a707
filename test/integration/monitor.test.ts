import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunDetail } from '../../bin/cli/api-types.ts';
import { hasEnded } from '../../bin/cli/api-types.ts';
import { pause } from '../../bin/local/stay.ts';
import type { DriftReport } from '../../lib/serving/monitor/index.ts';
import { SETTLED_MS } from '../../lib/serving/monitor/index.ts';
import type { DriftSummary, ModelAlarm, TrafficBucket } from '../../lib/tracking/monitoring/index.ts';
import { newToken, raw } from './support/api.ts';
import { invoke } from './support/aws.ts';

/** A workspace of its own: one model, whose traffic is this test's alone. */
const workspace = `watch-${randomBytes(4).toString('hex')}`;
const MODEL = '/models/housing';
let operator: string;
let predictor: string;
const requests: { requestId: string; predictions: { prediction: number }[] }[] = [];

async function call<T>(method: string, path: string, body?: object, token = operator): Promise<T> {
  const answer = await raw(method, path, { token, ...(body && { body: JSON.stringify(body) }) });
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body as T;
}

beforeAll(async () => {
  operator = (await newToken('operator', workspace)).token;
  predictor = (await newToken('predictor', workspace)).token;
  const { runId } = await call<{ runId: string }>('POST', '/pipelines/housing/runs', {});
  const deadline = Date.now() + 180_000;
  for (let run: RunDetail | undefined; run === undefined || !hasEnded(run); ) {
    if (Date.now() > deadline) throw new Error(`${runId} is ${run?.status}`);
    await pause(500);
    run = await call<RunDetail>('GET', `/runs/${runId}`);
  }
  // Houses three times as large as any that the model was trained on.
  for (let i = 0; i < 3; i++) {
    const rows = Array.from({ length: 60 }, (_, n) => ({
      rooms: 3 + (n % 6),
      area: 1500 + n * 10 + i,
      age: n,
    }));
    requests.push(await call('POST', `${MODEL}/predict`, { rows }, predictor));
  }
  const [first] = requests;
  const labels = first!.predictions.map(({ prediction }) => Math.round(prediction) + 1000);
  const give = () => call('POST', `${MODEL}/feedback`, { requestId: first!.requestId, labels }, predictor);
  expect(await give()).toEqual({ accepted: 60, corrected: 0, unchanged: 0 });
  expect(await give()).toEqual({ accepted: 0, corrected: 0, unchanged: 60 });
  await pause(SETTLED_MS + 2_000);
  expect(await invoke('monitor', { workspace, asked: true })).toEqual({ watched: 1 });
}, 400_000);

describe('the monitor on a deployed stack', () => {
  it('counts requests, rows, latencies and labels, once', async () => {
    const buckets = async () =>
      (await call<{ buckets: TrafficBucket[] }>('GET', `${MODEL}/traffic?by=day`)).buckets;
    const [today, ...others] = await buckets();
    expect(others).toEqual([]);
    expect(today).toMatchObject({ version: '1', requests: 3, rows: 180, errors: 0, labels: 60 });
    expect(today!.latencyMs.p50).toBeGreaterThan(0);
    // Each label is a thousand off, but for rounding.
    expect(today!.metrics.rmse! / 1000).toBeCloseTo(1, 2);
    await invoke('monitor', { workspace });
    expect(await call('POST', `${MODEL}/monitor`)).toMatchObject({ requests: 0, labels: 0, reports: [] });
    expect(await buckets()).toEqual([today]);
  });

  it('finds the feature that drifted, and raises the alarm', async () => {
    const { reports } = await call<{ reports: DriftSummary[] }>('GET', `${MODEL}/drift`);
    expect(reports).toMatchObject([{ version: '1', rows: 180, status: 'drift' }]);
    expect(reports[0]!.drifted).toContain('area');
    const report = await call<DriftReport>('GET', `${MODEL}/drift/${reports[0]!.id}`);
    const area = report.features.find(({ name }) => name === 'area')!;
    expect(area).toMatchObject({ test: 'ks', drifted: true, reasons: ['distribution'] });
    expect(report.prediction).toMatchObject({ drifted: true });
    const { alarms } = await call<{ alarms: ModelAlarm[] }>('GET', `${MODEL}/alarms`);
    expect(alarms).toMatchObject([
      { name: 'drift', state: 'alarm', version: '1' },
      { name: 'mae', state: 'ok', reason: 'version 1 has 60 of the 100 labels that it is judged by' },
    ]);
    // The definition asks for a run by drift, once a week: looking again starts no other.
    const { runId = '' } = alarms[0]!;
    expect(await call<RunDetail>('GET', `/runs/${runId}`)).toMatchObject({ pipeline: 'housing' });
    await call('POST', `${MODEL}/monitor`);
    const { runs } = await call<{ runs: RunDetail[] }>('GET', '/runs?pipeline=housing');
    expect(runs.map((run) => run.runId)).toHaveLength(2);
    expect(runs.map((run) => run.runId)).toContain(runId);
  });

  it('refuses feedback that is none, and names the field', async () => {
    const { requestId } = requests[1]!;
    const send = (body: object, token = predictor) =>
      raw('POST', `${MODEL}/feedback`, { token, body: JSON.stringify(body) });
    expect(await send({ requestId, labels: ['dear'] })).toMatchObject({
      status: 400,
      body: { field: 'labels[0]' },
    });
    expect(await send({ requestId: 'never-was', label: 1 })).toMatchObject({
      status: 404,
      body: { field: 'requestId' },
    });
    expect((await send({ requestId, label: 1 }, (await newToken('predictor')).token)).status).toBe(404);
    expect((await send({ requestId, label: 1 }, (await newToken('viewer', workspace)).token)).status).toBe(
      403,
    );
  });
});
