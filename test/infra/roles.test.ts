import { beforeAll, describe, expect, it } from 'vitest';
import { type FunctionName, functionNames, functionSpecs } from '../../lib/infra/index.ts';
import { flatten, type Resources, resources } from './support.ts';

let stack: Resources;
beforeAll(async () => {
  stack = await resources();
});

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, string[]>>;
}

const many = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** All statements of the role that a function or a state machine names. */
function statementsOf(roleArn: unknown): Statement[] {
  const id = flatten(roleArn).replace(/^\$\{(\w+)\.Arn\}$/, '$1');
  const inline = (stack.all[id]?.Properties.Policies ?? []) as {
    PolicyDocument: { Statement: Statement[] };
  }[];
  const attached = stack
    .ofType('AWS::IAM::Policy')
    .filter(([, policy]) => policy.Properties.Roles.some((role: unknown) => flatten(role) === `\${${id}}`))
    .map(([, policy]) => policy.Properties as { PolicyDocument: { Statement: Statement[] } });
  return [...inline, ...attached].flatMap((policy) => policy.PolicyDocument.Statement);
}

const limits = ({ Condition }: Statement): string =>
  Condition === undefined
    ? ''
    : ` where ${Object.entries(Condition)
        .flatMap(([operator, keys]) =>
          Object.entries(keys).map(([key, of]) => `${key} ${operator} ${of.join(' or ')}`),
        )
        .join(' and ')}`;

/** `action on resource`, each pair of a function's role, with logical ids shortened to what they are, and where it is limited to. */
function rights(name: FunctionName): string[] {
  const short = (resource: string) =>
    resource
      .replace(/\$\{StorageBucket\w+?\.Arn\}/, 'bucket')
      .replace(/\$\{StorageTable\w+?\.Arn\}/, 'table')
      .replace(/\$\{Bus\w+?\.Arn\}/, 'bus')
      .replace(/\$\{AdminTokenSecret\w+?\}/, 'secret')
      .replace(/\$\{DeadLettersQueue\w+?\.Arn\}/, 'dead letters')
      .replace(/\$\{Functions(\w+?)Log\w{8}\.Arn\}/, 'log of $1')
      .replace(/^arn:\$\{AWS::Partition\}:states:\$\{AWS::Region\}:\$\{AWS::AccountId\}:/, '')
      .replace(
        /^arn:\$\{AWS::Partition\}:s3:::cdk-hnb659fds-assets-\$\{AWS::AccountId\}-\$\{AWS::Region\}/,
        'assets',
      );
  return statementsOf(stack.fn(name).Properties.Role)
    .flatMap((statement) =>
      many(statement.Action).flatMap((action) =>
        many(statement.Resource).map(
          (resource) => `${action} on ${short(flatten(resource))}${limits(statement)}`,
        ),
      ),
    )
    .sort();
}

const title = (name: string) => `${name[0]?.toUpperCase()}${name.slice(1)}`;

describe('the role of a function', () => {
  it.each(functionNames)('%s may do what its row of the table says, and nothing else', (name) => {
    const { access } = functionSpecs[name];
    const expected = [
      ...['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => `${action} on log of ${title(name)}`),
      ...access.table.map((action) => {
        const within: readonly string[] | undefined = (
          access.within as Record<string, string[]> | undefined
        )?.[action];
        const limit = within && ` where dynamodb:LeadingKeys ForAllValues:StringLike ${within.join(' or ')}`;
        return `dynamodb:${action} on table${limit ?? ''}`;
      }),
      ...(access.table.includes('Query') ? ['dynamodb:Query on table/index/gsi1'] : []),
      ...access.read.map((zone) => `s3:GetObject on bucket/*/${zone}/*`),
      ...(access.read.length > 0 ? ['s3:ListBucket on bucket'] : []),
      ...access.write.map((zone) => `s3:PutObject on bucket/*/${zone}/*`),
      ...(access.remove ?? []).map((zone) => `s3:DeleteObject on bucket/*/${zone}/*`),
      ...(access.abort ?? []).map((zone) => `s3:AbortMultipartUpload on bucket/*/${zone}/*`),
      ...(access.executions ?? []).map((action) =>
        action === 'StartExecution'
          ? 'states:StartExecution on stateMachine:arboleda-dev'
          : `states:${action} on execution:arboleda-dev:*`,
      ),
      ...(access.bus ? ['events:PutEvents on bus'] : []),
      ...(access.adminSecret ? ['secretsmanager:GetSecretValue on secret'] : []),
      ...(['start', 'close', 'collect', 'monitor'].includes(name) ? ['sqs:SendMessage on dead letters'] : []),
    ].sort();
    const found = rights(name).filter((right) => !right.includes(' on assets'));
    expect(found).toEqual(expected);
  });

  it.each(functionNames)('%s has its role for itself', (name) => {
    const role = flatten(stack.fn(name).Properties.Role);
    const sharing = functionNames.filter((other) => flatten(stack.fn(other).Properties.Role) === role);
    expect(sharing).toEqual([name]);
  });

  it('only ingest reads the repo data files, each by its exact key', () => {
    const assets = Object.fromEntries(
      functionNames.map((name) => [name, rights(name).filter((right) => right.includes(' on assets'))]),
    );
    expect(assets.ingest).toHaveLength(1);
    expect(assets.ingest?.[0]).toMatch(/^s3:GetObject on assets\/[0-9a-f]{64}\.csv$/);
    expect(Object.values(assets).flat()).toHaveLength(1);
  });

  it('models are written by who trains them and by the api, which registers those from elsewhere; nobody removes one', () => {
    const who = (right: string) => functionNames.filter((name) => rights(name).includes(right));
    expect(who('s3:PutObject on bucket/*/models/*')).toEqual(['train', 'api']);
    expect(who('s3:DeleteObject on bucket/*/models/*')).toEqual([]);
    expect(who('s3:PutObject on bucket/*/uploads/*')).toEqual(['api']);
  });

  it('serving may not touch runs, data, executions or events', () => {
    const text = rights('predict').join('\n');
    expect(text).not.toMatch(/states:|events:|raw|clean|datasets|runs|uploads|batches|DeleteItem/);
  });

  it('serving writes its log, and takes the traffic back from a version that has passed its guard: nothing else', () => {
    const changes = rights('predict').filter((right) => /^dynamodb:(?!GetItem|Query)/.test(right));
    expect(changes).toEqual([
      // The log, and the audit record of a revert.
      'dynamodb:PutItem on table where dynamodb:LeadingKeys ForAllValues:StringLike *#prediction#* or *#model#*',
      // The model's item, which holds the split.
      'dynamodb:UpdateItem on table where dynamodb:LeadingKeys ForAllValues:StringLike *#models',
    ]);
  });

  it('no stage may read the admin token, start an execution or move a file out of its zone', () => {
    for (const name of ['plan', 'ingest', 'clean', 'train', 'evaluate', 'register', 'promote'] as const) {
      expect(rights(name).join('\n'), name).not.toMatch(/secretsmanager|states:|bucket\/\*\/\*/);
    }
  });
});

describe('every role of the stack', () => {
  const managed: string[] = [];

  it('names no action by a wildcard, and no `*` but for log delivery and X-Ray', () => {
    for (const [id, role] of stack.ofType('AWS::IAM::Role')) {
      for (const { Effect, Action, Resource } of statementsOf({ 'Fn::GetAtt': [id, 'Arn'] })) {
        expect(Effect).toBe('Allow');
        for (const action of many(Action)) expect(action, id).not.toContain('*');
        if (many(Resource).map(flatten).includes('*')) {
          for (const action of many(Action))
            expect(action, id).toMatch(
              /^(logs:\w*(LogDelivery|LogDeliveries|ResourcePolicy|ResourcePolicies|DescribeLogGroups)|xray:\w+)$/,
            );
        }
      }
      managed.push(...(role.Properties.ManagedPolicyArns ?? []).map(flatten));
    }
  });

  it("has a managed policy only for API Gateway's own log", () => {
    expect(managed).toHaveLength(1);
    expect(managed[0]).toMatch(/:iam::aws:policy\/service-role\/AmazonAPIGatewayPushToCloudWatchLogs$/);
  });

  it('the state machine may call its nine functions by exact ARN', () => {
    const machine = stack.only('AWS::StepFunctions::StateMachine').Properties;
    const invoke = statementsOf(machine.RoleArn).filter((s) =>
      many(s.Action).includes('lambda:InvokeFunction'),
    );
    const called = invoke.flatMap((statement) => many(statement.Resource).map(flatten)).sort();
    const expected = [
      'plan',
      'ingest',
      'clean',
      'train',
      'evaluate',
      'register',
      'promote',
      'batch',
      'close',
    ];
    expect(called).toEqual(expected.map((name) => `\${${stack.fn(name).id}.Arn}`).sort());
  });
});
