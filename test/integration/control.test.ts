import { randomUUID } from 'node:crypto';
import {
  DeleteRuleCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { DescribeExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RunList } from '../../bin/cli/api-types.ts';
import { ApiError } from '../../bin/cli/client.ts';
import { pause } from '../../bin/local/stay.ts';
import type { StartedRun } from '../../lib/http/types.ts';
import { admin, finishRun, getRun, quiet, stageOf, startRun, waitForRun } from './support/api.ts';
import { eventBridge, invoke, stepFunctions } from './support/aws.ts';
import { housesFile, pushAmes, pushHouses } from './support/houses.ts';

const PIPELINE = 'housing';
const executionArn = (name: string): string =>
  `${inject('stack').outputs.StateMachineArn?.replace(':stateMachine:', ':execution:')}:${name}`;

/** How the execution ended: a moment after the run's record did. */
async function executionEnd(name: string): Promise<string | undefined> {
  for (let i = 0; ; i++) {
    const { status } = await stepFunctions().send(
      new DescribeExecutionCommand({ executionArn: executionArn(name) }),
    );
    if (status !== 'RUNNING' || i > 100) return status;
    await pause(100);
  }
}

const scheduled = (eventId: string): Promise<StartedRun> =>
  invoke('start', {
    workspace: 'default',
    pipeline: PIPELINE,
    eventId,
    trigger: 'schedule',
  }) as Promise<StartedRun>;

// Few rows, so that a run takes seconds.
beforeAll(async () => {
  await quiet(PIPELINE);
  await pushHouses(housesFile(600));
  await finishRun(PIPELINE);
});
afterAll(pushAmes);
afterEach(() => quiet(PIPELINE));

describe('the identity of a start', () => {
  it('is the same run for the same key, and names the execution', async () => {
    const key = randomUUID();
    const [first, second] = await Promise.all([startRun(PIPELINE, {}, key), startRun(PIPELINE, {}, key)]);
    expect(second.runId).toBe(first.runId);
    expect([first.created, second.created].sort()).toEqual([false, true]);
    await waitForRun(first.runId);
    expect(await startRun(PIPELINE, {}, key)).toMatchObject({ runId: first.runId, created: false });
    expect(await executionEnd(first.runId)).toBe('SUCCEEDED');
    const { runs } = await admin().get<RunList>('/runs', { pipeline: PIPELINE });
    expect(runs.filter(({ runId }) => runId === first.runId)).toHaveLength(1);
  });

  it('is the same run for the same event of a schedule', async () => {
    const eventId = randomUUID();
    const first = await scheduled(eventId);
    await waitForRun(first.runId);
    expect((await scheduled(eventId)).runId).toBe(first.runId);
  });
});

describe('another start while one runs', () => {
  it('is a 409 for a caller, which names the run', async () => {
    const first = await startRun(PIPELINE, { force: true });
    const refused = await startRun(PIPELINE).catch((error: unknown) => error as ApiError);
    expect(refused).toBeInstanceOf(ApiError);
    expect(refused).toMatchObject({ status: 409, message: expect.stringContaining(first.runId) });
  });

  it('waits its turn for a schedule', async () => {
    const first = await startRun(PIPELINE, { force: true });
    const second = await scheduled(randomUUID());
    const third = await scheduled(randomUUID());
    expect([second.status, third.status]).toEqual(['SCHEDULED', 'SCHEDULED']);
    const ended = [];
    for (const { runId } of [first, second, third]) ended.push(await waitForRun(runId));
    expect(ended.map(({ status }) => status)).toEqual(['FINISHED', 'FINISHED', 'FINISHED']);
    const times = ended.map(({ endTime }) => Date.parse(endTime ?? ''));
    expect([...times].sort((a, b) => a - b)).toEqual(times);
  });
});

describe('cancelling', () => {
  it('ends a run, frees the pipeline, and can be retried', async () => {
    const { runId } = await startRun(PIPELINE, { force: true });
    await waitForRun(runId, (run) => run.stages.length > 1);
    await admin().post(`/runs/${runId}/cancel`);
    const killed = await waitForRun(runId);
    expect(killed.status).toBe('KILLED');
    await expect(admin().post(`/runs/${runId}/cancel`)).rejects.toMatchObject({ status: 409 });
    const retried = await admin().post<StartedRun>(`/runs/${runId}/retry`);
    expect(retried).toMatchObject({ runId, attempt: 2 });
    expect(await waitForRun(runId, (run) => run.attempt === 2 && run.status === 'FINISHED')).toMatchObject({
      attempt: 2,
    });
    expect(await executionEnd(`${runId}-2`)).toBe('SUCCEEDED');
  });

  it('takes a waiting run out of the queue', async () => {
    const first = await startRun(PIPELINE, { force: true });
    const second = await scheduled(randomUUID());
    await admin().post(`/runs/${second.runId}/cancel`);
    expect((await waitForRun(second.runId)).status).toBe('KILLED');
    expect((await waitForRun(first.runId)).status).toBe('FINISHED');
  });

  it('is a 404 for a run that nobody knows', async () => {
    await expect(admin().post(`/runs/${'0'.repeat(32)}/cancel`)).rejects.toMatchObject({ status: 404 });
  });
});

it('closes the run of an execution that was stopped from outside', async () => {
  const { runId } = await startRun(PIPELINE, { force: true });
  await waitForRun(runId, (run) => run.stages.length > 1);
  await stepFunctions().send(
    new StopExecutionCommand({ executionArn: executionArn(runId), cause: 'a test' }),
  );
  const run = await waitForRun(runId);
  expect(run.status).not.toBe('FINISHED');
  expect(run.endTime).toBeDefined();
  expect((await finishRun(PIPELINE)).status).toBe('FINISHED');
});

describe('the schedule', () => {
  it('starts nothing while it is paused', async () => {
    await admin().put(`/pipelines/${PIPELINE}/schedule`, { state: 'paused' });
    const before = (await admin().get<RunList>('/runs', { pipeline: PIPELINE, limit: 1 })).runs[0]?.runId;
    expect(await scheduled(randomUUID())).toEqual({ paused: true });
    expect((await admin().get<RunList>('/runs', { pipeline: PIPELINE, limit: 1 })).runs[0]?.runId).toBe(
      before,
    );
    await admin().put(`/pipelines/${PIPELINE}/schedule`, { state: 'active' });
    const { scheduleState } = await admin().get<{ scheduleState: string }>(`/pipelines/${PIPELINE}`);
    expect(scheduleState).toBe('active');
    const { runId } = await scheduled(randomUUID());
    expect(await waitForRun(runId)).toMatchObject({ status: 'FINISHED', trigger: 'schedule' });
  });

  it('fires by its rule', async () => {
    const bridge = eventBridge();
    const rule = `${inject('stack').stackName}-schedule-${PIPELINE}`;
    const { Targets } = await bridge.send(new ListTargetsByRuleCommand({ Rule: rule }));
    expect(Targets).toHaveLength(1);
    // The deployed rule fires at night: a twin with its very target fires each minute.
    const twin = `${inject('stack').stackName}-schedule-twin`;
    await bridge.send(new PutRuleCommand({ Name: twin, ScheduleExpression: 'rate(1 minute)' }));
    await bridge.send(new PutTargetsCommand({ Rule: twin, Targets }));
    const since = new Date().toISOString();
    try {
      let fired: string | undefined;
      for (let i = 0; i < 200 && !fired; i++) {
        await pause(500);
        const { runs } = await admin().get<RunList>('/runs', { pipeline: PIPELINE, limit: 5 });
        fired = runs.find((run) => run.trigger === 'schedule' && run.startTime > since)?.runId;
      }
      expect(fired).toBeDefined();
      expect((await waitForRun(fired!)).status).toBe('FINISHED');
    } finally {
      await bridge.send(new RemoveTargetsCommand({ Rule: twin, Ids: Targets?.map(({ Id }) => Id ?? '') }));
      await bridge.send(new DeleteRuleCommand({ Name: twin }));
    }
  });
});

it('keeps a log of each stage', async () => {
  const run = await finishRun(PIPELINE, { force: true });
  const { lines } = await admin().get<{ lines: { stage: string; message: string }[] }>(
    `/runs/${run.runId}/logs`,
  );
  expect([...new Set(lines.map(({ stage }) => stage))]).toEqual(
    expect.arrayContaining(['ingest', 'clean', 'train']),
  );
  const only = await admin().get<{ lines: { stage: string }[] }>(`/runs/${run.runId}/logs`, {
    stage: 'train',
  });
  expect(new Set(only.lines.map(({ stage }) => stage))).toEqual(new Set(['train']));
  expect(stageOf(await getRun(run.runId), 'promote')).toBeDefined();
});
