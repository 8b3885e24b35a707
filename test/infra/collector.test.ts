import { describe, expect, it } from 'vitest';
import { flatten, resources } from './support.ts';

const URL = 'https://forest.example/data';
const collecting = [{ name: 'first', collects: true, collectorUrl: URL }, { name: 'second' }];
const variablesOf = (stack: Awaited<ReturnType<typeof resources>>, name: string) =>
  stack.fn(name).Properties.Environment.Variables as Record<string, string>;

const plain = await resources();
const stack = await resources({}, { pipelines: collecting });
const collectRules = (from: typeof stack) =>
  from
    .ofType('AWS::Events::Rule')
    .map(([, rule]) => rule.Properties)
    .filter(({ Name }) => flatten(Name) === 'arboleda-dev-collect');

describe('the rule of the collector', () => {
  it('ticks each minute and tells the workspace that schedules use', () => {
    const [rule, ...more] = collectRules(stack);
    expect(more).toEqual([]);
    expect(rule).toMatchObject({ ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' });
    expect(rule?.Targets).toHaveLength(1);
    expect(JSON.parse(flatten(rule?.Targets[0].Input))).toEqual({ workspace: 'default' });
    expect(flatten(rule?.Targets[0].Arn)).toMatch(/^\$\{FunctionsCollect\w+\.Arn\}$/);
    expect(rule?.Targets[0].DeadLetterConfig).toBeDefined();
  });

  it('may call the function, and nothing else of EventBridge may', () => {
    const permissions = stack
      .ofType('AWS::Lambda::Permission')
      .map(([, { Properties }]) => Properties)
      .filter(({ FunctionName }) => flatten(FunctionName).includes('FunctionsCollect'));
    expect(permissions).toHaveLength(1);
    expect(permissions[0]?.Principal).toBe('events.amazonaws.com');
    expect(flatten(permissions[0]?.SourceArn)).toMatch(/:rule\/arboleda-dev-collect$/);
  });

  it('is one for all pipelines, none where none collects, and off with the schedules', async () => {
    expect(collectRules(plain)).toEqual([]);
    const many = Array.from({ length: 30 }, (_, i) => ({ name: `p${i}`, collects: true }));
    expect(collectRules(await resources({}, { pipelines: many }))).toHaveLength(1);
    const off = await resources({ schedules: 'off' }, { pipelines: collecting });
    expect(collectRules(off)).toMatchObject([{ State: 'DISABLED' }]);
    // Who asks when the next poll is must not be told of one that never comes.
    expect(variablesOf(off, 'api').ARBOLEDA_SCHEDULES).toBe('off');
    expect(variablesOf(stack, 'api').ARBOLEDA_SCHEDULES).toBeUndefined();
  });
});

describe('the function of the collector', () => {
  it('is told the URLs, as the api is which polls for a caller, and no other', () => {
    for (const name of ['collect', 'api']) {
      expect(JSON.parse(flatten(variablesOf(stack, name).ARBOLEDA_COLLECTOR_URLS))).toEqual({ first: URL });
    }
    expect(variablesOf(stack, 'start').ARBOLEDA_COLLECTOR_URLS).toBeUndefined();
    expect(variablesOf(plain, 'collect').ARBOLEDA_COLLECTOR_URLS).toBeUndefined();
  });

  it('may call private addresses only where the deploy says so', async () => {
    expect(variablesOf(stack, 'collect').ARBOLEDA_COLLECT_PRIVATE).toBeUndefined();
    const open = await resources({ collectPrivate: 'on' });
    expect(variablesOf(open, 'collect').ARBOLEDA_COLLECT_PRIVATE).toBe('1');
    expect(variablesOf(open, 'predict').ARBOLEDA_COLLECT_PRIVATE).toBeUndefined();
  });

  it('ends after its work and last call, and before two more ticks', () => {
    const { Timeout } = stack.fn('collect').Properties;
    expect(Timeout).toBeGreaterThan(48 + 8);
    expect(Timeout).toBeLessThanOrEqual(120);
  });
});

describe('the sample source', () => {
  const functionsOf = (from: typeof stack) =>
    from.ofType('AWS::Lambda::Function').map(([, { Properties }]) => flatten(Properties.FunctionName));

  it('is not there unless a setting asks for it', () => {
    expect(functionsOf(plain)).not.toContain('arboleda-dev-samples');
    expect(plain.ofType('AWS::ApiGateway::Resource').map(([, r]) => r.Properties.PathPart)).not.toContain(
      'samples',
    );
  });

  it('answers GET below /samples, and its role holds nothing but its log', async () => {
    const sampling = await resources({ samples: 'true' });
    expect(functionsOf(sampling)).toContain('arboleda-dev-samples');
    const parts = sampling.ofType('AWS::ApiGateway::Resource').map(([, r]) => r.Properties.PathPart);
    expect(parts).toContain('samples');
    const role = flatten(sampling.fn('samples').Properties.Role).replace(/^\$\{(\w+)\.Arn\}$/, '$1');
    const [policy] = sampling.all[role]?.Properties.Policies ?? [];
    expect(policy.PolicyDocument.Statement.map(({ Sid }: { Sid: string }) => Sid)).toEqual(['OwnLog']);
  });
});
