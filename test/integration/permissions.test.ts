import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type FunctionName, functionNames } from '../../lib/infra/index.ts';
import { needs, tracedCalls } from './permissions/calls.ts';
import { allows, type Deployment, deployedTemplate, type Right, rightsOf } from './permissions/policy.ts';
import { admin, finishRun, raw } from './support/api.ts';
import { invoke } from './support/aws.ts';

/**
 * Emulators enforce no role. So every AWS call that the functions made in these tests so far (vitest runs the longer
 * files first) is held against the role in the template. The few calls below make it hold alone, too.
 */
const rights = {} as Record<FunctionName, Right[]>;
let deployment: Deployment;

beforeAll(async () => {
  const { outputs, region, stackName } = inject('stack');
  const account = outputs.StateMachineArn?.split(':')[4] ?? '';
  deployment = { account, region, env: stackName.replace(/^arboleda-/, ''), outputs };
  const template = await deployedTemplate(deployment.env);
  for (const name of functionNames) rights[name] = rightsOf(template, name, deployment);

  await finishRun('housing', { force: true });
  expect((await raw('POST', '/predict', { body: '{"rooms":7,"area":1500,"age":20}' })).status).toBe(200);
  await admin().post('/admin/reconcile', { fix: false });
  await invoke('start', {
    workspace: 'default',
    pipeline: 'housing',
    eventId: 'permissions',
    trigger: 'schedule',
  });
});

describe('the AWS calls of every function', () => {
  it.each(functionNames)('%s: each is allowed by its role', async (name) => {
    const { endpoint, stackName } = inject('stack');
    const calls = await tracedCalls(endpoint, stackName, name);
    expect(calls.length).toBeGreaterThan(0);
    const refused = calls
      .flatMap((call) => needs(call, deployment))
      .filter((need) => !allows(rights[name], need.action, need.resource))
      .map((need) => `${need.action} on ${need.resource}`);
    expect([...new Set(refused)]).toEqual([]);
  });
});

describe('the comparison itself', () => {
  it('refuses what a role does not give', () => {
    const { BucketName, TableName } = deployment.outputs;
    const model = `arn:aws:s3:::${BucketName}/default/models/abc.arbm`;
    expect(allows(rights.predict, 's3:GetObject', model)).toBe(true);
    expect(allows(rights.predict, 's3:PutObject', model)).toBe(false);
    expect(allows(rights.predict, 's3:GetObject', `arn:aws:s3:::${BucketName}/default/raw/abc`)).toBe(false);
    expect(allows(rights.predict, 's3:GetObject', `arn:aws:s3:::x-${BucketName}/default/models/abc`)).toBe(
      false,
    );
    const [deletion] = needs(
      {
        service: 'DynamoDB',
        operation: 'TransactWriteItems',
        resource: TableName ?? '',
        actions: ['DeleteItem'],
      },
      deployment,
    );
    expect(deletion?.action).toBe('dynamodb:DeleteItem');
    expect(allows(rights.train, deletion?.action ?? '', deletion?.resource ?? '')).toBe(false);
    expect(allows(rights.close, deletion?.action ?? '', deletion?.resource ?? '')).toBe(true);
  });

  it('does not pass over a call that it does not know', () => {
    expect(() => needs({ service: 'S3', operation: 'CopyObject', resource: 'b/k' }, deployment)).toThrow(
      /CopyObject/,
    );
  });
});
