import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { RunDetail } from '../../bin/cli/api-types.ts';
import { hasEnded } from '../../bin/cli/api-types.ts';
import { pause } from '../../bin/local/stay.ts';
import { newToken, type RawAnswer, raw } from './support/api.ts';

/** A workspace of its own, in which nothing was ever run; housing's rows lie beside its definition. */
const workspace = `steps-${randomBytes(4).toString('hex')}`;
const row = { rooms: 3, area: 75, age: 10 };
let token: string;
beforeAll(async () => {
  token = (await newToken('operator', workspace)).token;
});

const post = (path: string, body: object = {}): Promise<RawAnswer> =>
  raw('POST', `/pipelines/housing${path}`, { token, body: JSON.stringify(body) });

/** Follows the address that a started step answered, to the end of its run. */
async function followed({ status, headers, body }: RawAnswer): Promise<RunDetail> {
  expect(status, JSON.stringify(body)).toBe(202);
  const address = new URL(headers.get('location') ?? '', `${inject('stack').apiUrl}/pipelines/housing/`);
  expect(body.href).toContain(body.runId);
  const deadline = Date.now() + 120_000;
  while (true) {
    const answer = await raw('GET', `/runs/${body.runId}`, { token });
    expect(address.pathname.endsWith(`/runs/${body.runId}`), address.href).toBe(true);
    const run = answer.body as RunDetail;
    if (hasEnded(run)) return run;
    if (Date.now() > deadline) throw new Error(`${body.runId} is ${run.status}`);
    await pause(250);
  }
}

const worked = (run: RunDetail): string[] =>
  run.stages
    .filter(({ item, status }) => item === undefined && status === 'DONE')
    .map(({ stage }) => stage)
    .filter((stage) => stage !== 'plan')
    .sort();

describe('the stages of a pipeline by HTTP, one after the other', () => {
  it.each([
    ['/train', ['ingest', 'clean']],
    ['/stages/clean', ['ingest']],
    ['/stages/register', ['ingest', 'clean', 'train']],
  ])('%s before its time is a 409 that says what is missing and what to call', async (path, missing) => {
    const { status, body } = await post(path);
    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'MISSING_STAGE', details: { missing } });
    expect(body.details.call).toHaveLength(missing.length);
    const { body: list } = await raw('GET', '/runs?pipeline=housing', { token });
    expect(list.runs).toEqual([]);
  });

  it('predicts nothing before there is a model', async () => {
    const { status, body } = await post('/predict', row);
    expect([status, body.code]).toEqual([409, 'MISSING_STAGE']);
  });

  it('takes each step in order, as a run of its own', async () => {
    const ingest = await followed(await post('/download'));
    expect([ingest.status, worked(ingest)]).toEqual(['FINISHED', ['ingest']]);
    expect(ingest.tags).toMatchObject({ 'data.rows': '2930', 'data.synthetic': 'false' });
    const clean = await followed(await post('/clean'));
    expect([clean.status, worked(clean)]).toEqual(['FINISHED', ['clean']]);
    const train = await followed(await post('/stages/train'));
    expect([train.status, worked(train)]).toEqual(['FINISHED', ['evaluate', 'train']]);
    const register = await followed(await post('/stages/register'));
    expect([register.status, worked(register)]).toEqual(['FINISHED', ['promote', 'register']]);
    expect(register.tags).toMatchObject({ 'model.version': '1', 'promotion.promoted': 'true' });
  });

  it('then predicts, and reads the predictions back, newest first and page by page', async () => {
    const one = await post('/predict', row);
    expect(one.status).toBe(200);
    expect(one.body).toMatchObject({ model: 'housing', version: '1' });
    const many = await post('/predict', { rows: [row, { ...row, age: 50 }] });
    expect(many.body.predictions).toHaveLength(2);

    const list = (query: string) => raw('GET', `/predictions?model=housing${query}`, { token });
    const first = await list('&limit=1');
    expect(first.body.predictions).toMatchObject([
      { requestId: many.body.requestId, count: 2, version: '1' },
    ]);
    const second = await list(`&limit=1&cursor=${encodeURIComponent(first.body.cursor)}`);
    expect(second.body.predictions).toMatchObject([
      { requestId: one.body.requestId, count: 1, rows: [row], predictions: one.body.predictions },
    ]);
    expect((await list('&version=2')).body.predictions).toEqual([]);
  });

  it('shows another workspace neither the runs nor the predictions', async () => {
    const other = (await newToken('viewer', `${workspace}-other`)).token;
    expect((await raw('GET', '/runs', { token: other })).body.runs).toEqual([]);
    expect((await raw('GET', '/predictions?model=housing', { token: other })).status).toBe(404);
  });
});
