import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { findingId } from '../../lib/infra/acknowledge.ts';
import { acknowledgments } from '../../lib/infra/acknowledgments.ts';
import { fixtureApp, stackOf } from './support.ts';

/** The settings that decide which resources there are. */
const environments: Record<string, Record<string, unknown>> = {
  dev: {},
  prod: { env: 'prod', alarmEmail: 'ops@example.org' },
  'schedules off, traced': { env: 'test', schedules: 'off', traceCalls: '1', removalPolicy: 'retain' },
  'a larger training function': { 'memory.trainLarge': '10240' },
  'a sample source': { samples: 'true', collectPrivate: 'on' },
};

const parts = (stack: ReturnType<typeof stackOf>, env: string) => ({
  bucket: stack.storage.bucket.node.defaultChild as never,
  env,
});

/** What AwsSolutions finds, without the path of the CloudFormation resource below its construct. */
function findings(scope: Parameters<AwsSolutionsChecks['validateScope']>[0]): [string, string][] {
  return new AwsSolutionsChecks()
    .validateScope(scope)
    .violations.flatMap((violation) =>
      violation.violatingResources.map(
        ({ constructPath }) => [violation.ruleName, constructPath ?? ''] as [string, string],
      ),
    );
}

describe.each(Object.entries(environments))('%s', (_, context) => {
  it('has no finding that is not acknowledged', async () => {
    expect(findings(await fixtureApp(context))).toEqual([]);
  });

  it('synthesizes with the checks on', async () => {
    process.env.CDK_VALIDATION = 'true';
    try {
      expect((await fixtureApp(context)).synth().stacks).toHaveLength(1);
    } finally {
      process.env.CDK_VALIDATION = 'false';
    }
  });

  it('has no acknowledgment that no finding needs', async () => {
    const app = await fixtureApp(context, { acknowledgments: [] });
    const stack = stackOf(app);
    const found = new Set(findings(app).map(([rule, path]) => `${rule} ${path}`));
    const env = String(context.env ?? 'dev');
    // The constructs that a setting leaves out.
    const there = (path: string) =>
      (context['memory.trainLarge'] !== undefined || !path.startsWith('Functions/TrainLarge/')) &&
      (context.samples !== undefined || !path.startsWith('Api/Rest/Default/samples/'));
    const needless = acknowledgments.flatMap((line) =>
      line.on
        .filter(there)
        .map((path) => `${findingId(line, stack, parts(stack, env))} ${stack.node.path}/${path}`)
        .filter((key) => !found.has(`${key}/Resource`) && !found.has(key)),
    );
    expect(needless).toEqual([]);
    expect(found.size).toBe(acknowledgments.reduce((sum, line) => sum + line.on.filter(there).length, 0));
  });
});

describe('the table', () => {
  it('gives a reason in a sentence for every line', () => {
    for (const { id, reason } of acknowledgments) {
      expect(reason.trim().length, id).toBeGreaterThan(40);
      expect(reason.trim(), id).toMatch(/\.$/);
    }
  });

  it('names each rule and construct once', () => {
    const keys = acknowledgments.flatMap(({ id, on }) => on.map((path) => `${id} ${path}`));
    expect(keys).toEqual([...new Set(keys)]);
  });

  it('acknowledges no rule for a whole stack', () => {
    for (const path of acknowledgments.flatMap((line) => line.on)) expect(path).toMatch(/^\w+\/\w+/);
  });
});

describe('a finding that is not in the table', () => {
  it('fails synthesis, and says which', async () => {
    const app = await fixtureApp();
    const { Bucket } = await import('aws-cdk-lib/aws-s3');
    new Bucket(stackOf(app), 'Open');
    expect(() => app.synth()).toThrow(/AwsSolutions-S1(.|\n)*/);
  });
});
