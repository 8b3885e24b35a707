import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { ConflictError, TransientError } from '../../../lib/errors/index.ts';
import { eventDetail } from '../../../lib/store/eventbridge.ts';
import {
  EventBridgeBus,
  executionName,
  SecretsManagerReader,
  SfnExecutions,
  StoreError,
} from '../../../lib/store/index.ts';
import { FixedClock } from '../../support/memory.ts';
import { type Answer, awsFailure, fakeAws } from './fake-aws.ts';

const ARN = 'arn:aws:states:eu-west-1:1:stateMachine:arboleda-dev';
const started = { body: { executionArn: 'x', startDate: 1 } };
const described = (status: string, input: unknown = {}, more: object = {}): Answer => ({
  body: { status, startDate: 1, input: JSON.stringify(input), ...more },
});

describe('SfnExecutions', () => {
  function machine(...answers: Answer[]) {
    const { sent, config } = fakeAws(...answers);
    return { sent, executions: new SfnExecutions(new SFNClient(config), ARN) };
  }

  it('starts', async () => {
    const { sent, executions } = machine(started);
    expect(await executions.start('run-1', { a: 1 })).toBe('started');
    expect(sent[0]!.body).toEqual({ stateMachineArn: ARN, name: 'run-1', input: '{"a":1}' });
  });

  it('compares inputs where the name is taken, in whatever order their keys are', async () => {
    const exists = awsFailure('ExecutionAlreadyExists');
    const same = machine(exists, described('SUCCEEDED', { b: 2, a: 1 }));
    expect(await same.executions.start('run-1', { a: 1, b: 2 })).toBe('exists');
    expect(same.sent[1]!.body.executionArn).toBe('arn:aws:states:eu-west-1:1:execution:arboleda-dev:run-1');
    const other = machine(exists, described('RUNNING', { a: 2 })).executions;
    await expect(other.start('run-1', { a: 1 })).rejects.toThrow(ConflictError);
  });

  it('takes a throttled start for transient, and a refused one for ours', async () => {
    await expect(machine(awsFailure('ThrottlingException')).executions.start('x', {})).rejects.toThrow(
      TransientError,
    );
    await expect(machine(awsFailure('StateMachineDoesNotExist')).executions.start('x', {})).rejects.toThrow(
      StoreError,
    );
  });

  it('stops only what runs', async () => {
    for (const answer of [described('SUCCEEDED'), awsFailure('ExecutionDoesNotExist')]) {
      const { sent, executions } = machine(answer);
      await executions.stop('x', 'why');
      expect(sent.map(({ target }) => target)).toEqual(['DescribeExecution']);
    }
    const { sent, executions } = machine(described('RUNNING'), { body: { stopDate: 1 } });
    await executions.stop('x', 'why'.repeat(1000));
    expect(sent[1]!.body).toMatchObject({
      error: 'CancelledError',
      cause: expect.stringMatching(/^.{1000}$/),
    });
  });

  it('is content where the execution ended on its own just before the stop', async () => {
    const { executions } = machine(
      described('RUNNING'),
      awsFailure('ValidationException'),
      described('FAILED'),
    );
    await executions.stop('x', 'why');
    const stuck = machine(described('RUNNING'), awsFailure('ValidationException'), described('RUNNING'));
    await expect(stuck.executions.stop('x', 'why')).rejects.toThrow(StoreError);
  });

  it('describes', async () => {
    const ended = await machine(described('TIMED_OUT', {}, { stopDate: 5 })).executions.describe('x');
    expect(ended).toEqual({ status: 'TIMED_OUT', startedAt: new Date(1000), endedAt: new Date(5000) });
    expect((await machine(described('PENDING_REDRIVE')).executions.describe('x'))!.status).toBe('RUNNING');
    expect(await machine(awsFailure('ExecutionDoesNotExist')).executions.describe('x')).toBeUndefined();
  });

  it('makes names that Step Functions takes, one for one', () => {
    expect(executionName('a'.repeat(80))).toBe('a'.repeat(80));
    const names = ['a b', 'a/b', 'a#b', 'é', '', 'a'.repeat(81), `${'a'.repeat(80)}b`].map(executionName);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('EventBridgeBus', () => {
  function bus(...answers: Answer[]) {
    const { sent, config } = fakeAws(...answers);
    return { sent, events: new EventBridgeBus(new EventBridgeClient(config), 'bus') };
  }
  const refused = (ErrorCode: string): Answer => ({
    body: { FailedEntryCount: 1, Entries: [{ ErrorCode }] },
  });

  it('publishes', async () => {
    const { sent, events } = bus({ body: { FailedEntryCount: 0 } });
    await events.publish('Run Finished', { runId: 'x' });
    expect(sent[0]!.body.Entries).toEqual([
      { EventBusName: 'bus', Source: 'arboleda', DetailType: 'Run Finished', Detail: '{"runId":"x"}' },
    ]);
  });

  it('tries a refused entry again where that may help, and says so where it may not', async () => {
    const again = bus(refused('ThrottlingException'), { body: { FailedEntryCount: 0 } });
    await again.events.publish('x', {});
    expect(again.sent).toHaveLength(2);
    await expect(bus(refused('InternalFailure')).events.publish('x', {})).rejects.toThrow(TransientError);
    await expect(bus(refused('NotAuthorizedForSource')).events.publish('x', {})).rejects.toThrow(StoreError);
    await expect(bus(awsFailure('InternalException', 500)).events.publish('x', {})).rejects.toThrow(
      TransientError,
    );
  });

  it('keeps the short facts of an event over 256 KB', () => {
    expect(eventDetail({ a: 1, deep: { b: 2 } })).toBe('{"a":1,"deep":{"b":2}}');
    const large = { runId: 'x', ok: true, n: 3, message: 'ü'.repeat(200_000), deep: { b: 2 } };
    const trimmed = JSON.parse(eventDetail(large));
    expect(trimmed).toEqual({ runId: 'x', ok: true, n: 3, message: 'ü'.repeat(1000), trimmed: true });
    const many = Object.fromEntries(Array.from({ length: 9_000 }, (_, i) => [`k${i}`, 'x'.repeat(100)]));
    expect(Buffer.byteLength(eventDetail(many))).toBeLessThan(256 * 1024);
  });
});

describe('SecretsManagerReader', () => {
  function secret(clock: FixedClock, ...answers: Answer[]) {
    const { sent, config } = fakeAws(...answers);
    return { sent, reader: new SecretsManagerReader(new SecretsManagerClient(config), 'arn', clock) };
  }

  it('asks once a minute', async () => {
    const clock = new FixedClock();
    const { sent, reader } = secret(clock, { body: { SecretString: 'a' } }, { body: { SecretString: 'b' } });
    expect([await reader.read(), await reader.read()]).toEqual(['a', 'a']);
    expect(sent).toHaveLength(1);
    clock.advance(60_000);
    expect(await reader.read()).toBe('b');
  });

  it('takes an empty or absent secret for none, and does not hide a failure', async () => {
    for (const answer of [
      { body: { SecretString: '' } },
      { body: {} },
      awsFailure('ResourceNotFoundException'),
    ]) {
      expect(await secret(new FixedClock(), answer).reader.read()).toBeUndefined();
    }
    const failing = secret(new FixedClock(), awsFailure('AccessDeniedException')).reader;
    await expect(failing.read()).rejects.toThrow(StoreError);
  });
});
