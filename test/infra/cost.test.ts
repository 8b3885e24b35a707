import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resources } from './support.ts';

/** Resources that cost something each month while nothing happens, at us-east-1 list prices beyond the free allowance. */
const IDLE: Record<string, number> = {
  'AWS::SecretsManager::Secret': 0.4,
  'AWS::CloudWatch::Alarm': 0.1,
};

/** Resources that cost by use alone, or nothing: three dashboards are free. */
const BY_USE = [
  ...[
    'AWS::S3::Bucket',
    'AWS::S3::BucketPolicy',
    'AWS::DynamoDB::Table',
    'AWS::SQS::Queue',
    'AWS::SQS::QueuePolicy',
  ],
  ...['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::Lambda::Function', 'AWS::Lambda::Permission'],
  ...['AWS::Lambda::EventInvokeConfig', 'AWS::StepFunctions::StateMachine', 'AWS::Events::EventBus'],
  ...[
    'AWS::Events::Rule',
    'AWS::ApiGateway::RestApi',
    'AWS::ApiGateway::Account',
    'AWS::ApiGateway::Deployment',
    'AWS::ApiGateway::GatewayResponse',
  ],
  ...[
    'AWS::ApiGateway::Stage',
    'AWS::ApiGateway::Method',
    'AWS::ApiGateway::Resource',
    'AWS::Logs::LogGroup',
  ],
  ...['AWS::Logs::MetricFilter', 'AWS::CloudWatch::Dashboard', 'AWS::SNS::Topic', 'AWS::SNS::TopicPolicy'],
  ...['AWS::SNS::Subscription'],
];

const readme = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8');
const stack = await resources({ env: 'prod', alarmEmail: 'ops@example.org' });
/** A cell of the table of costs, of the row that begins so. */
const row = (start: string, column = 2) =>
  readme
    .split('\n')
    .find((line) => line.startsWith(`| ${start}`))
    ?.split('|')
    [column]?.trim();
const count = (type: string) => stack.ofType(type).length;

describe('what the stack costs while nothing happens', () => {
  it('comes from resources whose price is known', () => {
    const types = new Set(Object.values(stack.all).map(({ Type }) => Type));
    for (const type of types)
      expect([...Object.keys(IDLE), ...BY_USE], `${type}: what does it cost idle?`).toContain(type);
  });

  it('is below two dollars a month', () => {
    const dollars = Object.entries(IDLE).reduce((sum, [type, price]) => sum + price * count(type), 0);
    expect(dollars).toBeLessThan(2);
    expect(count('AWS::CloudWatch::Dashboard')).toBeLessThanOrEqual(3);
    expect(stack.only('AWS::DynamoDB::Table').Properties.BillingMode).toBe('PAY_PER_REQUEST');
    for (const [id, fn] of stack.ofType('AWS::Lambda::Function'))
      expect(fn.Properties, id).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  it('is cents for the ticks of a collector that has nothing to ask', async () => {
    const collecting = await resources({ env: 'prod' }, { pipelines: [{ name: 'first', collects: true }] });
    const ticks = collecting
      .ofType('AWS::Events::Rule')
      .filter(([, { Properties }]) => Properties.ScheduleExpression === 'rate(1 minute)');
    expect(ticks).toHaveLength(1);
    const month = 30 * 24 * 60;
    const gigabytes = collecting.fn('collect', 'prod').Properties.MemorySize / 1024;
    // Lambda on Arm by GB-second and by call, on-demand reads of DynamoDB, 1 KB of logs; a tenth of a second a tick.
    const idle = month * (gigabytes * 0.1 * 0.0000133334 + 0.2e-6 + 3 * 0.125e-6 + 0.5e-6);
    expect(row('the collector')).toBe(String(ticks.length));
    expect(idle).toBeLessThan(Number(row('the collector', 3)));
    // A poll four times a batch keeps it at work nearly all the time.
    const busy = month * (gigabytes * 48 * 0.0000133334);
    expect(readme).toContain(`${Math.round(busy)} dollars a month`);
    expect(month.toLocaleString('en')).toBe('43,200');
    expect(readme).toContain('43,200 calls');
  });

  it('is cents for the ticks of a monitor that has nothing to look at', () => {
    const ticks = stack
      .ofType('AWS::Events::Rule')
      .filter(([, { Properties }]) => Properties.ScheduleExpression === 'rate(5 minutes)');
    expect(ticks).toHaveLength(1);
    const month = (30 * 24 * 60) / 5;
    const gigabytes = stack.fn('monitor', 'prod').Properties.MemorySize / 1024;
    // For five models: the lists of workspaces and models, three reads each; 0.15 s of Lambda on Arm; 1 KB of logs.
    const reads = 2 + 5 * 3;
    const idle = month * (gigabytes * 0.15 * 0.0000133334 + 0.2e-6 + reads * 0.125e-6 + 0.5e-6);
    expect(row("the monitor's tick")).toBe(String(ticks.length));
    expect(idle).toBeLessThan(Number(row("the monitor's tick", 3)));
    expect(month.toLocaleString('en')).toBe('8,640');
  });

  it('is what the README counts', () => {
    expect(row('Secrets Manager secret')).toBe(String(count('AWS::SecretsManager::Secret')));
    expect(row('CloudWatch alarms')).toBe(String(count('AWS::CloudWatch::Alarm')));
    expect(row('CloudWatch dashboard')).toBe(String(count('AWS::CloudWatch::Dashboard')));
  });
});
