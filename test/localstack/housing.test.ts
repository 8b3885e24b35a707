import { randomUUID } from 'node:crypto';
import {
  DeleteRuleCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { DescribeExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { PredictionAnswer, RunDetail, RunList } from '../../bin/cli/api-types.ts';
import { pause } from '../../bin/local/stay.ts';
import type { StartedRun } from '../../lib/http/types.ts';
import {
  admin,
  endRun,
  finishRun,
  newToken,
  quiet,
  raw,
  stageOf,
  startRun,
  waitForRun,
} from '../integration/support/api.ts';
import { eventBridge, stepFunctions } from '../integration/support/aws.ts';
import { HEADER, houses, housesFile, pushHouses } from '../integration/support/houses.ts';
import { runCli } from '../support/cli.ts';

const executionArn = (name: string): string =>
  `${inject('stack').outputs.StateMachineArn?.replace(':stateMachine:', ':execution:')}:${name}`;

describe('housing on LocalStack', () => {
  let run: RunDetail;
  beforeAll(async () => {
    run = await finishRun('housing');
  });

  it('reads the real file, and registers a model of it', () => {
    expect(run.tags).toMatchObject({ 'data.synthetic': 'false', 'data.rows': '2930' });
    expect(run.metrics.r2).toBeGreaterThan(0.55);
    expect(stageOf(run, 'promote')?.status).toBe('DONE');
  });

  it('predicts, and logs what it predicted', async () => {
    const answer = await admin().post<PredictionAnswer>('/models/housing/predict', {
      rooms: 6,
      area: 120,
      age: 20,
    });
    expect(answer.predictions[0]?.prediction).toBeGreaterThan(20_000);
    const logged = await admin().get(`/predictions/${answer.requestId}`);
    expect(JSON.stringify(logged)).toContain('"area":120');
    for (const path of ['/predict', '/predict/']) {
      const bare = await raw('POST', path, { body: '{"rooms":6,"area":120,"age":20}' });
      expect(bare.body.predicted_price, path).toBe(answer.predictions[0]?.prediction);
    }
  });

  it('answers a thousand rows, health, documents and downloads', async () => {
    const rows = Array.from({ length: 1000 }, (_, i) => ({ rooms: 6, area: 60 + i / 4, age: 20 }));
    expect(
      (await admin().post<PredictionAnswer>('/models/housing/predict', { rows })).predictions,
    ).toHaveLength(1000);
    expect((await raw('GET', '/health', { token: '' })).body).toMatchObject({ model_loaded: true });
    expect((await raw('GET', '/docs', { token: '' })).status).toBe(200);
    expect((await raw('GET', '/openapi.json', { token: '' })).body.openapi).toMatch(/^3\.1/);
    const picture = await raw('GET', `/runs/${run.runId}/artifacts/reports/residuals.png`);
    expect(picture.status).toBe(302);
    const bytes = await (await fetch(picture.headers.get('location') ?? '')).arrayBuffer();
    expect(new Uint8Array(bytes).slice(1, 4)).toEqual(new Uint8Array([0x50, 0x4e, 0x47]));
  });

  it('skips what is done already', async () => {
    const again = await finishRun('housing');
    for (const stage of ['ingest', 'clean', 'evaluate'])
      expect(stageOf(again, stage)?.status, stage).toBe('SKIPPED');
  });

  it('lets in only who may', async () => {
    const viewer = (await newToken('viewer')).token;
    expect((await raw('GET', '/runs', { token: '' })).status).toBe(401);
    expect((await raw('GET', '/runs', { token: viewer })).status).toBe(200);
    expect((await raw('POST', '/pipelines/housing/runs', { token: viewer, body: '{}' })).status).toBe(403);
  });

  it('is served by the command line too', async () => {
    const { apiUrl, adminToken } = inject('stack');
    const env = { ARBOLEDA_API_URL: apiUrl, ARBOLEDA_TOKEN: adminToken };
    const shown = await runCli(['show', run.runId, '--json'], env);
    expect(JSON.parse(shown.stdout)).toMatchObject({ runId: run.runId, status: 'FINISHED' });
  });
});

describe('failures on LocalStack', () => {
  it('end in the record of their run, with a code', async () => {
    await pushHouses('rooms,area,price\n3,100,100000\n');
    const run = await endRun('housing');
    expect(run).toMatchObject({ status: 'FAILED', error: { code: 'MISSING_COLUMN', stage: 'ingest' } });
    await pushHouses(`${HEADER}\n3,abc,5,100000\n${houses(50)}\n`);
    expect((await endRun('housing')).error?.code).toBe('TOO_MANY_BAD_ROWS');
  });

  it('are retried with better data', async () => {
    await pushHouses('rooms,area,price\n3,100,100000\n');
    const failed = await endRun('housing');
    await pushHouses(housesFile(600));
    await admin().post(`/runs/${failed.runId}/retry`);
    await quiet('housing');
    expect(await waitForRun(failed.runId)).toMatchObject({ status: 'FINISHED', attempt: 2 });
  });

  it('of bad requests name what is wrong', async () => {
    const bad = async (path: string, body: string) => (await raw('POST', path, { body })).body?.code;
    expect(await bad('/models/housing/predict', '{"rooms":6}')).toBe('INVALID_INPUT');
    expect(await bad('/models/housing/predict', '{')).toBe('INVALID_JSON');
    expect(await bad('/pipelines/weather/runs', '{}')).toBe('NOT_FOUND');
    expect(await bad('/models/housing/predict', `{"rows":${'['.repeat(10_000)}${']'.repeat(10_000)}}`)).toBe(
      'INVALID_JSON',
    );
  });

  it('of an execution that was stopped from outside close its run', async () => {
    const { runId } = await startRun('housing', { force: true });
    await waitForRun(runId, (run) => run.stages.length > 1);
    await stepFunctions().send(
      new StopExecutionCommand({ executionArn: executionArn(runId), cause: 'a test' }),
    );
    const run = await waitForRun(runId);
    // Came out FAILED once, on a loaded machine: the message says what Step Functions told.
    expect(run, JSON.stringify(run.error)).toMatchObject({ status: 'KILLED', error: { code: 'ABORTED' } });
  });

  it('leave the pipeline free', async () => {
    const { runId } = await finishRun('housing');
    for (let i = 0; i < 100; i++) {
      const { status } = await stepFunctions().send(
        new DescribeExecutionCommand({ executionArn: executionArn(runId) }),
      );
      if (status === 'SUCCEEDED') return;
      await pause(100);
    }
    throw new Error(`the execution of ${runId} did not succeed`);
  });
});

describe('the schedule on LocalStack', () => {
  it('fires by its rule', async () => {
    const bridge = eventBridge();
    const { stackName } = inject('stack');
    const { Targets } = await bridge.send(
      new ListTargetsByRuleCommand({ Rule: `${stackName}-schedule-housing` }),
    );
    expect(Targets).toHaveLength(1);
    const twin = `${stackName}-schedule-twin`;
    const since = new Date().toISOString();
    await bridge.send(new PutRuleCommand({ Name: twin, ScheduleExpression: 'rate(1 minute)' }));
    await bridge.send(new PutTargetsCommand({ Rule: twin, Targets }));
    try {
      let fired: string | undefined;
      for (let i = 0; i < 300 && !fired; i++) {
        await pause(500);
        const { runs } = await admin().get<RunList>('/runs', { pipeline: 'housing', limit: 5 });
        fired = runs.find((run) => run.trigger === 'schedule' && run.startTime > since)?.runId;
      }
      expect(fired).toBeDefined();
      expect((await waitForRun(fired!)).status).toBe('FINISHED');
    } finally {
      await bridge.send(new RemoveTargetsCommand({ Rule: twin, Ids: Targets?.map(({ Id }) => Id ?? '') }));
      await bridge.send(new DeleteRuleCommand({ Name: twin }));
    }
  });

  it('is the same run under the same key', async () => {
    const key = randomUUID();
    const first: StartedRun = await startRun('housing', {}, key);
    expect((await startRun('housing', {}, key)).runId).toBe(first.runId);
    await quiet('housing');
  });
});
