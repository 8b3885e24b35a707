import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ruleName } from '../../lib/infra/constructs/schedules.ts';
import { functionNames } from '../../lib/infra/index.ts';
import { fixtureApp, flatten, freshResources, resources, stackOf } from './support.ts';

const dev = await resources();
const prod = await resources({ env: 'prod', alarmEmail: 'ops@example.org', logRetentionDays: '365' });

describe('the bucket', () => {
  const bucket = dev.only('AWS::S3::Bucket').Properties;

  it('is encrypted, versioned and closed to the public', () => {
    expect(bucket).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
  });

  it('refuses what does not come over TLS 1.2', () => {
    const statements = dev.only('AWS::S3::BucketPolicy').Properties.PolicyDocument.Statement;
    const conditions = statements.map((s: { Effect: string; Condition: unknown }) => [s.Effect, s.Condition]);
    expect(conditions).toContainEqual(['Deny', { Bool: { 'aws:SecureTransport': 'false' } }]);
    expect(conditions).toContainEqual(['Deny', { NumericLessThan: { 's3:TlsVersion': 1.2 } }]);
  });

  it('forgets uploads, prediction logs, overwritten versions and unfinished parts, of each workspace', async () => {
    const { Rules } = (await resources({ workspaces: 'default,team-a' })).only('AWS::S3::Bucket').Properties
      .LifecycleConfiguration;
    const expiring = Rules.filter((rule: { Prefix?: string }) => rule.Prefix !== undefined);
    expect(
      expiring.map((rule: { Prefix: string; ExpirationInDays: number }) => [
        rule.Prefix,
        rule.ExpirationInDays,
      ]),
    ).toEqual([
      ['default/uploads/', 7],
      ['default/parts/', 7],
      ['default/predictions/', 90],
      ['default/batches/', 90],
      ['default/monitor/', 400],
      ['team-a/uploads/', 7],
      ['team-a/parts/', 7],
      ['team-a/predictions/', 90],
      ['team-a/batches/', 90],
      ['team-a/monitor/', 400],
    ]);
    expect(Rules[0]).toMatchObject({
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 },
      NoncurrentVersionExpiration: { NoncurrentDays: 30 },
      ExpiredObjectDeleteMarker: true,
    });
  });

  it('takes files that a page puts to a presigned URL, and lets no page read', () => {
    expect(dev.only('AWS::S3::Bucket').Properties.CorsConfiguration).toEqual({
      CorsRules: [{ AllowedMethods: ['PUT'], AllowedOrigins: ['*'], AllowedHeaders: ['content-type'] }],
    });
  });

  it('never lets data, models or runs expire', () => {
    const prefixes = dev
      .only('AWS::S3::Bucket')
      .Properties.LifecycleConfiguration.Rules.map((rule: { Prefix?: string; ExpirationInDays?: number }) =>
        rule.ExpirationInDays === undefined ? '' : rule.Prefix,
      );
    expect(prefixes.filter((prefix: string) => prefix !== '')).toEqual([
      'default/uploads/',
      'default/parts/',
      'default/predictions/',
      'default/batches/',
      'default/monitor/',
    ]);
  });
});

describe('the table', () => {
  it('has the keys, the index and the expiry that lib/store reads', () => {
    const { Properties } = dev.only('AWS::DynamoDB::Table');
    expect(Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      GlobalSecondaryIndexes: [
        {
          IndexName: 'gsi1',
          KeySchema: [
            { AttributeName: 'gsi1pk', KeyType: 'HASH' },
            { AttributeName: 'gsi1sk', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    });
  });
});

describe('what outlives the stack', () => {
  const lasting = ['AWS::S3::Bucket', 'AWS::DynamoDB::Table', 'AWS::SecretsManager::Secret'];

  it.each(lasting)('%s: kept in prod, gone with a dev stack', (type) => {
    expect(prod.only(type)).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(dev.only(type)).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  });

  it('the table of prod cannot be deleted by mistake', () => {
    expect(prod.only('AWS::DynamoDB::Table').Properties.DeletionProtectionEnabled).toBe(true);
    expect(dev.only('AWS::DynamoDB::Table').Properties.DeletionProtectionEnabled).toBe(false);
  });

  it('what is kept has no name of ours, so that the next stack does not meet it', () => {
    for (const type of lasting) {
      const { Properties } = prod.only(type);
      expect(Properties.BucketName ?? Properties.TableName ?? Properties.Name).toBeUndefined();
    }
  });
});

describe('the admin token', () => {
  it('is made by the deploy, 48 letters and digits, and is nowhere in the template', () => {
    expect(dev.only('AWS::SecretsManager::Secret').Properties.GenerateSecretString).toEqual({
      PasswordLength: 48,
      ExcludePunctuation: true,
    });
    expect(JSON.stringify(dev.all)).not.toContain('resolve:secretsmanager');
  });
});

describe('functions', () => {
  it.each(functionNames)('%s: Node.js 24 on ARM64, own log with retention, source maps', (name) => {
    const { Properties } = dev.fn(name);
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      Environment: { Variables: { NODE_OPTIONS: '--enable-source-maps', ARBOLEDA_ENVIRONMENT: 'dev' } },
    });
    expect(Properties.Environment.Variables.ARBOLEDA_CODE_VERSION).toMatch(/^[0-9a-f]{64}$/);
    expect(Properties.Environment.Variables.ARBOLEDA_LOCKFILE_SHA256).toMatch(/^[0-9a-f]{64}$/);
    const log = dev.all[flatten(Properties.LoggingConfig.LogGroup).slice(2, -1)];
    expect(log?.Properties).toMatchObject({
      LogGroupName: `/aws/lambda/arboleda-dev-${name}`,
      RetentionInDays: 30,
    });
    expect(log?.DeletionPolicy).toBe('Delete');
  });

  it('have memory by the setting where they hold data, and no more elsewhere', async () => {
    const small = await resources({ memory: '1536' });
    const memory = Object.fromEntries(
      functionNames.map((name) => [name, small.fn(name).Properties.MemorySize]),
    );
    expect(memory).toMatchObject({
      ingest: 1536,
      clean: 1536,
      register: 1536,
      train: 1536,
      evaluate: 1536,
      promote: 1536,
    });
    for (const name of ['plan', 'close', 'start', 'predict'] as const) {
      expect(memory[name], name).toBeLessThanOrEqual(1024);
    }
  });

  it('get only the variables they use', () => {
    const holders = (variable: string) =>
      functionNames.filter((name) => variable in dev.fn(name).Properties.Environment.Variables);
    expect(holders('ARBOLEDA_STATE_MACHINE_ARN')).toEqual(['close', 'start', 'collect', 'monitor', 'api']);
    expect(holders('ARBOLEDA_ADMIN_SECRET_ARN')).toEqual(['api', 'predict']);
    expect(holders('ARBOLEDA_SOURCES')).toEqual(['ingest']);
    expect(holders('ARBOLEDA_DEFAULT_MODEL')).toEqual(['api', 'predict']);
    expect(holders('ARBOLEDA_TRAINING')).toEqual(['plan']);
    expect(holders('ARBOLEDA_TRACE_CALLS')).toEqual([]);
    expect(holders('ARBOLEDA_TABLE')).toEqual(functionNames);
  });

  it('trace their AWS calls where the setting says so', async () => {
    const traced = await resources({ traceCalls: 1 });
    for (const name of functionNames) {
      expect(traced.fn(name).Properties.Environment.Variables.ARBOLEDA_TRACE_CALLS).toBe('1');
    }
  });

  it('ingest is told where the data file of the repo lies', () => {
    const sources = flatten(dev.fn('ingest').Properties.Environment.Variables.ARBOLEDA_SOURCES);
    expect(JSON.parse(sources)).toEqual({
      first: {
        bucket: expect.stringMatching(/^cdk-hnb659fds-assets-\$\{AWS::AccountId\}-\$\{AWS::Region\}$/),
        key: expect.stringMatching(/^[0-9a-f]{64}\.csv$/),
      },
    });
  });

  it('ingest takes the places of 20 files, and synthesis refuses more', async () => {
    const pipelines = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ name: `p${i}`, file: '../first/rows.csv' }));
    const full = await resources({}, { pipelines: pipelines(20) });
    const { Variables } = full.fn('ingest').Properties.Environment;
    const bytes = Object.entries(Variables).reduce(
      (sum, [name, value]) => sum + name.length + flatten(value).length,
      0,
    );
    expect(bytes).toBeLessThan(4096);
    await expect(fixtureApp({}, { pipelines: pipelines(21) })).rejects.toThrow(
      /21 pipelines bring a data file/,
    );
  });

  it('that HTTP waits for end before API Gateway gives up', () => {
    expect(dev.fn('api').Properties.Timeout).toBeLessThanOrEqual(29);
    expect(dev.fn('predict').Properties.Timeout).toBeLessThanOrEqual(29);
  });
});

describe('events', () => {
  const queue = dev.ofType('AWS::SQS::Queue')[0]?.[0];

  it('that start and close fail on go to an encrypted queue, after two more tries', () => {
    for (const name of ['start', 'close'] as const) {
      expect(flatten(dev.fn(name).Properties.DeadLetterConfig.TargetArn)).toBe(`\${${queue}.Arn}`);
      const config = dev
        .ofType('AWS::Lambda::EventInvokeConfig')
        .find(([, r]) => flatten(r.Properties.FunctionName) === `\${${dev.fn(name).id}}`);
      expect(config?.[1].Properties).toMatchObject({
        MaximumRetryAttempts: 2,
        MaximumEventAgeInSeconds: 3600,
      });
    }
    expect(dev.only('AWS::SQS::Queue').Properties).toMatchObject({ SqsManagedSseEnabled: true });
  });

  it('of a schedule start the pipeline in the default workspace, once an event', () => {
    const rules = dev
      .ofType('AWS::Events::Rule')
      .filter(([, r]) => r.Properties.ScheduleExpression?.startsWith('cron'));
    expect(rules).toHaveLength(1);
    const Properties = rules[0]?.[1].Properties;
    expect(Properties).toMatchObject({
      Name: 'arboleda-dev-schedule-first',
      ScheduleExpression: 'cron(0 3 * * ? *)',
      State: 'ENABLED',
    });
    const target = Properties?.Targets[0];
    expect(flatten(target.Arn)).toBe(`\${${dev.fn('start').id}.Arn}`);
    expect(target.InputTransformer.InputPathsMap).toEqual({ id: '$.id' });
    expect(target.InputTransformer.InputTemplate).toBe(
      '{"workspace":"default","pipeline":"first","eventId":<id>,"trigger":"schedule"}',
    );
    expect(flatten(target.DeadLetterConfig.Arn)).toBe(`\${${queue}.Arn}`);
    expect(target.RetryPolicy).toEqual({ MaximumRetryAttempts: 8, MaximumEventAgeInSeconds: 3600 });
  });

  it('of a schedule stop where the setting is off', async () => {
    const off = await resources({ schedules: 'off' });
    const states = off
      .ofType('AWS::Events::Rule')
      .map(([, rule]) => [rule.Properties.Name, rule.Properties.State]);
    expect(states).toEqual([
      ['arboleda-dev-schedule-first', 'DISABLED'],
      ['arboleda-dev-monitor', 'DISABLED'],
      ['arboleda-dev-execution-ended', 'ENABLED'],
    ]);
  });

  it('let the monitor look at models each five minutes, in every workspace', () => {
    const rule = dev
      .ofType('AWS::Events::Rule')
      .find(([, r]) => r.Properties.Name === 'arboleda-dev-monitor')?.[1].Properties;
    expect(rule).toMatchObject({ ScheduleExpression: 'rate(5 minutes)', State: 'ENABLED' });
    expect(flatten(rule?.Targets[0].Arn)).toBe(`\${${dev.fn('monitor').id}.Arn}`);
    expect(rule?.Targets[0].Input).toBe('{}');
    expect(flatten(rule?.Targets[0].DeadLetterConfig.Arn)).toBe(`\${${queue}.Arn}`);
  });

  it('of an execution that failed, timed out or was aborted close its run', () => {
    const rule = dev
      .ofType('AWS::Events::Rule')
      .find(([, r]) => r.Properties.EventPattern !== undefined)?.[1].Properties;
    expect(rule).toMatchObject({
      Name: 'arboleda-dev-execution-ended',
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
    });
    expect(flatten(rule?.EventPattern.detail.stateMachineArn[0])).toMatch(/:stateMachine:arboleda-dev$/);
    expect(flatten(rule?.Targets[0].Arn)).toBe(`\${${dev.fn('close').id}.Arn}`);
  });

  it('that cannot be delivered may enter the queue from our rules only', () => {
    const statements = dev.only('AWS::SQS::QueuePolicy').Properties.PolicyDocument.Statement;
    const allowed = statements.filter((s: { Effect: string }) => s.Effect === 'Allow');
    expect(allowed).toHaveLength(1);
    expect(flatten(allowed[0].Condition.ArnLike['aws:SourceArn'])).toMatch(/:rule\/arboleda-dev-\*$/);
    expect(statements.some((s: { Effect: string }) => s.Effect === 'Deny')).toBe(true);
  });
});

describe('ruleName', () => {
  it('is the pipeline behind the prefix', () => {
    expect(ruleName('arboleda-dev-schedule-', 'housing')).toBe('arboleda-dev-schedule-housing');
  });

  it('is cut at 64 characters, and two long names stay apart', () => {
    const long = 'a-pipeline-with-a-name-that-goes-on-and-on-and-on';
    const names = [
      ruleName('arboleda-dev-schedule-', `${long}-1`),
      ruleName('arboleda-dev-schedule-', `${long}-2`),
    ];
    for (const name of names) expect(name).toHaveLength(64);
    expect(names[0]).not.toBe(names[1]);
  });
});

describe('the state machine', () => {
  it('has the name by which its own functions know it, logs every event without payload, and is traced', () => {
    const { Properties } = dev.only('AWS::StepFunctions::StateMachine');
    expect(Properties).toMatchObject({
      StateMachineName: 'arboleda-dev',
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
      TracingConfiguration: { Enabled: true },
    });
    expect(flatten(dev.fn('start').Properties.Environment.Variables.ARBOLEDA_STATE_MACHINE_ARN)).toMatch(
      /^arn:\$\{AWS::Partition\}:states:\$\{AWS::Region\}:\$\{AWS::AccountId\}:stateMachine:arboleda-dev$/,
    );
  });
});

describe('observability', () => {
  it('every log group has a retention, and the setting decides it', () => {
    const groups = prod.ofType('AWS::Logs::LogGroup');
    expect(groups).toHaveLength(functionNames.length + 2);
    for (const [id, group] of groups) expect(group.Properties.RetentionInDays, id).toBe(365);
  });

  it('ten alarms, each on one metric, silent without data', () => {
    const alarms = dev.ofType('AWS::CloudWatch::Alarm').map(([, alarm]) => alarm.Properties);
    expect(alarms.map((alarm) => alarm.MetricName).sort()).toEqual([
      'ApproximateNumberOfMessagesVisible',
      'Duration',
      'ExecutionsFailed',
      'ExecutionsTimedOut',
      'ModelAlarms',
      'ReadThrottleEvents',
      'Throttles',
      'Throttles',
      'WriteThrottleEvents',
      'predict-5xx-dev',
    ]);
    for (const alarm of alarms) {
      expect(alarm.TreatMissingData).toBe('notBreaching');
      expect(alarm.ComparisonOperator).toBe('GreaterThanOrEqualToThreshold');
      expect(alarm.AlarmDescription.length).toBeGreaterThan(20);
      expect(alarm).not.toHaveProperty('Metrics');
    }
    expect(alarms.find((alarm) => alarm.MetricName === 'Duration')?.ExtendedStatistic).toBe('p99');
  });

  it('every alarm names a section of the runbook, and that section names the alarm', () => {
    const sections = readFileSync('docs/runbook.md', 'utf8').split(/^## /m).slice(1);
    for (const [id, { Properties }] of dev.ofType('AWS::CloudWatch::Alarm')) {
      const title = /docs\/runbook\.md, "(.+)"$/.exec(Properties.AlarmDescription)?.[1];
      const section = sections.find((text) => text.startsWith(`${title}\n`));
      expect(section, id).toBeDefined();
      const named = [...(section ?? '').matchAll(/\*(\w+)\*/g)].map(([, name]) => name?.toLowerCase());
      expect(
        named.some((name) => id.toLowerCase().includes(`observability${name}`)),
        id,
      ).toBe(true);
    }
  });

  it('counts the 5xx of predictions from the access log', () => {
    expect(dev.only('AWS::Logs::MetricFilter').Properties).toMatchObject({
      FilterPattern: '{ $.status = "5*" && $.resource = "*predict*" }',
      MetricTransformations: [
        { MetricNamespace: 'Arboleda', MetricName: 'predict-5xx-dev', MetricValue: '1' },
      ],
    });
  });

  it('mails every alarm where an address is given, over TLS only', () => {
    const topic = prod.ofType('AWS::SNS::Topic')[0]?.[0];
    expect(prod.only('AWS::SNS::Subscription').Properties).toMatchObject({
      Protocol: 'email',
      Endpoint: 'ops@example.org',
    });
    const actions = prod
      .ofType('AWS::CloudWatch::Alarm')
      .map(([, a]) => a.Properties.AlarmActions.map(flatten));
    for (const action of actions) expect(action).toEqual([`\${${topic}}`]);
    expect(JSON.stringify(prod.only('AWS::SNS::TopicPolicy').Properties)).toContain('aws:SecureTransport');
    expect(dev.ofType('AWS::SNS::Topic')).toEqual([]);
  });

  it('one dashboard, with every alarm on it', () => {
    const body = flatten(dev.only('AWS::CloudWatch::Dashboard').Properties.DashboardBody);
    const { widgets } = JSON.parse(body);
    expect(widgets[0].properties.alarms).toHaveLength(10);
    expect(widgets.length).toBeGreaterThan(8);
  });
});

describe('the stack as a whole', () => {
  it('promises five outputs, and makes no others', () => {
    expect(Object.keys(dev.template.toJSON().Outputs).sort()).toEqual([
      'AdminTokenSecretArn',
      'ApiUrl',
      'BucketName',
      'StateMachineArn',
      'TableName',
    ]);
  });

  it('has nothing that an emulator cannot run, and nothing that runs code at deploy', () => {
    const types = new Set(Object.values(dev.all).map((resource) => resource.Type));
    for (const type of [
      'AWS::Lambda::Alias',
      'AWS::Lambda::Version',
      'AWS::Lambda::LayerVersion',
      'AWS::ApiGateway::Authorizer',
      'AWS::Scheduler::Schedule',
      'AWS::CloudFormation::CustomResource',
    ]) {
      expect(types, type).not.toContain(type);
    }
    expect([...types].filter((type) => type.startsWith('Custom::'))).toEqual([]);
  });

  it('stays far below 500 resources, as housekeeping for many more pipelines', () => {
    expect(Object.keys(dev.all).length).toBeLessThan(130);
  });

  it('carries neither an account nor a region', () => {
    const text = JSON.stringify(dev.template.toJSON());
    expect(text).not.toMatch(/us-east-1|eu-west-1|\b\d{12}\b/);
  });

  it('is the same template each time', async () => {
    expect((await freshResources()).template.toJSON()).toEqual(dev.template.toJSON());
  });

  it('synthesizes for its own environment name only', async () => {
    const app = await fixtureApp({ env: 'team-7' });
    const text = JSON.stringify((await resources({ env: 'team-7' })).all);
    expect(stackOf(app).stackName).toBe('arboleda-team-7');
    expect(text).not.toContain('arboleda-dev');
  });
});
