import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type ChoiceState,
  type Definition,
  LARGE,
  type MapState,
  machineFunctions,
  mermaid,
  pipelineDefinition,
  type State,
  stageNames,
  type TaskState,
} from '../../lib/infra/state-machine/index.ts';
import { flatten, resources } from './support.ts';

const byName = <T>(value: (name: string) => T) =>
  Object.fromEntries(machineFunctions.map((name) => [name, value(name)])) as Record<
    (typeof machineFunctions)[number],
    T
  >;

const definition = pipelineDefinition({
  functions: byName((name) => `arn:${name}`),
  invoke: 'arn:invoke',
  timeouts: byName((name) => (name === 'train' ? 900 : 60)),
  mapConcurrency: 7,
  bucket: 'the-bucket',
  getObject: 'arn:getObject',
});
const { States: states } = definition;
const task = (name: string) => states[name] as TaskState;
const title = (name: string) => name[0]?.toUpperCase() + name.slice(1);

/** Every state that can follow this one, with how. */
function successors(state: State): [string, string][] {
  const next = 'Next' in state && state.Next !== undefined ? [['next', state.Next] as [string, string]] : [];
  const caught =
    'Catch' in state ? (state.Catch ?? []).map((c) => ['catch', c.Next] as [string, string]) : [];
  const choices =
    state.Type === 'Choice'
      ? [
          ['default', state.Default] as [string, string],
          ...state.Choices.map((c) => ['choice', c.Next] as [string, string]),
        ]
      : [];
  return [...next, ...caught, ...choices];
}

/** Every task, those inside the Map too. */
function tasks(of: Record<string, State>): [string, TaskState][] {
  return Object.entries(of).flatMap(([name, state]) => {
    if (state.Type === 'Task') return [[name, state] as [string, TaskState]];
    return state.Type === 'Map' ? tasks(state.ItemProcessor.States) : [];
  });
}

/** The states a run passes where Choice follows `wanted` and the task `failing` throws. */
function walk(wanted: readonly string[], failing?: string): string[] {
  const path: string[] = [];
  let name: string | undefined = definition.StartAt;
  while (name !== undefined && path.length < 100) {
    path.push(name);
    const state: State | undefined = states[name];
    if (state === undefined) throw new Error(`no state ${name}`);
    if (state.Type === 'Choice') {
      const [choice]: ChoiceState['Choices'] = state.Choices;
      const isWanted: boolean = wanted.some((stage) => choice?.Variable === `$.stages.${stage}`);
      name = isWanted ? choice?.Next : state.Default;
    } else if (name === failing && 'Catch' in state) name = state.Catch?.[0]?.Next;
    else name = 'Next' in state ? state.Next : undefined;
  }
  return path;
}

describe('wiring', () => {
  it('begins with the plan and ends in Succeeded or Failed', () => {
    expect(definition.StartAt).toBe('Batch?');
    expect((states['Batch?'] as ChoiceState).Default).toBe('Plan');
    const ends = Object.entries(states).filter(([, state]) => successors(state).length === 0);
    expect(ends.map(([name, state]) => [name, state.Type])).toEqual([
      ['Succeeded', 'Succeed'],
      ['Failed', 'Fail'],
    ]);
  });

  it('leads to states that exist, and leaves none out of reach', () => {
    const seen = new Set<string>();
    const waiting = [definition.StartAt];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      const state = states[name];
      expect(state, name).toBeDefined();
      waiting.push(...successors(state as State).map(([, next]) => next));
    }
    expect([...seen].sort()).toEqual(Object.keys(states).sort());
  });

  it('runs every stage in order', () => {
    const worked = walk(stageNames).filter((name) => !name.endsWith('?'));
    expect(worked).toEqual([
      'Plan',
      'Ingest',
      'Clean',
      'Plan training',
      'Train',
      'Evaluate',
      'Register',
      'Promote',
      'Close',
      'Succeeded',
    ]);
  });

  it.each(stageNames)('leaves out %s alone where the plan says so', (stage) => {
    const path = walk(stageNames.filter((name) => name !== stage));
    expect(path).toContain(`${title(stage)}?`);
    expect(path).not.toContain(title(stage));
    expect(path.at(-1)).toBe('Succeeded');
    expect(path).toHaveLength(walk(stageNames).length - (stage === 'train' ? 3 : 1));
  });

  it('closes a run whose stages are all skipped', () => {
    expect(walk([]).filter((name) => !name.endsWith('?'))).toEqual(['Plan', 'Close', 'Succeeded']);
  });

  it.each([
    ['Plan', 'plan'],
    ...stageNames.map((name) => [title(name), name]),
    ['Plan training', 'train'],
    ['Close', 'close'],
  ])('a failure of %s is closed with its stage', (failing, stage) => {
    expect(walk(stageNames, failing).slice(-3)).toEqual([
      `${title(stage)} failed`,
      'Close as failed',
      'Failed',
    ]);
    expect(states[`${title(stage)} failed`]).toMatchObject({
      Type: 'Pass',
      Result: stage,
      ResultPath: '$.failedStage',
    });
  });

  it('fails even where the failure cannot be closed', () => {
    expect(task('Close as failed').Catch).toEqual([
      { ErrorEquals: ['States.ALL'], ResultPath: '$.closeError', Next: 'Failed' },
    ]);
    expect(states.Failed).toEqual({ Type: 'Fail', ErrorPath: '$.error.Error', CausePath: '$.error.Cause' });
  });

  it("catches everything, everywhere, and keeps the run's identity beside the error", () => {
    for (const [name, state] of Object.entries(states)) {
      if (state.Type !== 'Task' && state.Type !== 'Map') continue;
      expect(
        state.Catch?.map((c) => c.ErrorEquals),
        name,
      ).toEqual([['States.ALL']]);
      expect(state.Catch?.[0]?.ResultPath, name).toMatch(/^\$\.(error|closeError)$/);
    }
  });
});

describe('what passes between states', () => {
  const identity = { 'workspace.$': '$.workspace', 'runId.$': '$.runId', 'attempt.$': '$.attempt' };

  it.each(stageNames.filter((name) => name !== 'train'))(
    '%s is told the run only, and its answer is dropped',
    (stage) => {
      expect(task(title(stage)).Parameters).toEqual({ FunctionName: `arn:${stage}`, Payload: identity });
      expect(task(title(stage)).ResultPath).toBeNull();
    },
  );

  it('the plan is told the pipeline too, and its answer is the state', () => {
    expect(task('Plan').Parameters).toEqual({
      FunctionName: 'arn:plan',
      Payload: { ...identity, 'pipeline.$': '$.pipeline' },
    });
    expect(task('Plan').OutputPath).toBe('$.Payload');
  });

  it('training goes over the list that the plan makes when the data is clean', () => {
    expect(task('Plan training')).toMatchObject({
      Parameters: {
        FunctionName: 'arn:plan',
        Payload: { ...identity, 'pipeline.$': '$.pipeline', phase: 'train' },
      },
      ResultSelector: {
        'items.$': '$.Payload.items',
        'merges.$': '$.Payload.merges',
        'sharded.$': '$.Payload.sharded',
      },
      ResultPath: '$.train',
    });
    expect(states.Train).toMatchObject({
      Type: 'Map',
      ItemsPath: '$.train.items',
      ItemSelector: { ...identity, 'item.$': '$$.Map.Item.Value.item' },
      MaxConcurrency: 7,
      ResultPath: null,
      ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'Train one' },
    });
  });

  it('merging goes over its own list, only where the plan split something', () => {
    expect(states['Merge?']).toEqual({
      Type: 'Choice',
      Choices: [{ Variable: '$.train.sharded', BooleanEquals: true, Next: 'Merge' }],
      Default: 'Evaluate?',
    });
    expect(states.Merge).toMatchObject({
      Type: 'Map',
      ItemsPath: '$.train.merges',
      ItemSelector: {
        ...identity,
        'item.$': '$$.Map.Item.Value.item',
        'shards.$': '$$.Map.Item.Value.shards',
      },
      ResultPath: null,
      Next: 'Evaluate?',
    });
    const [child] = tasks({ Merge: states.Merge as State });
    expect(child?.[1].Parameters).toEqual({
      FunctionName: 'arn:train',
      Payload: { ...identity, 'item.$': '$.item', 'shards.$': '$.shards' },
    });
    expect(child?.[1]).toMatchObject({ ResultSelector: {}, ResultPath: '$', End: true });
  });

  it('a child of the Map answers nothing, so that any number of them fits', () => {
    const [child] = tasks({ Train: states.Train as State });
    expect(child?.[0]).toBe('Train one');
    expect(child?.[1]).toMatchObject({
      Parameters: { FunctionName: 'arn:train', Payload: { ...identity, 'item.$': '$.item' } },
      ResultSelector: {},
      ResultPath: '$',
      End: true,
    });
    expect(child?.[1]).not.toHaveProperty('Catch');
    expect(JSON.stringify(child)).not.toContain('"Next"');
  });

  it('closing is told how the run ended', () => {
    const common = { ...identity, 'pipeline.$': '$.pipeline' };
    expect(task('Close').Parameters).toEqual({
      FunctionName: 'arn:close',
      Payload: { ...common, outcome: 'finished' },
    });
    expect(task('Close as failed').Parameters).toEqual({
      FunctionName: 'arn:close',
      Payload: { ...common, outcome: 'failed', 'stage.$': '$.failedStage', 'error.$': '$.error' },
    });
  });
});

describe('a larger training function', () => {
  const two = pipelineDefinition({
    functions: { ...byName((name) => `arn:${name}`), [LARGE]: 'arn:train-large' },
    invoke: 'arn:invoke',
    timeouts: byName((name) => (name === 'train' ? 900 : 60)),
    mapConcurrency: 7,
    bucket: 'the-bucket',
    getObject: 'arn:getObject',
  });
  const inside = (name: string) => (two.States[name] as MapState).ItemProcessor;

  it('is not spoken of where it is not deployed', () => {
    expect(JSON.stringify(definition)).not.toContain('large');
  });

  it('changes nothing outside of the two Maps', () => {
    expect(Object.keys(two.States)).toEqual(Object.keys(states));
    const others = Object.keys(states).filter((name) => name !== 'Train' && name !== 'Merge');
    for (const name of others) expect(two.States[name], name).toEqual(states[name]);
  });

  it.each([
    ['Train', 'Train one', ['item']],
    ['Merge', 'Merge one', ['item', 'shards']],
  ])('%s sends an item there where the plan says so', (map, child, passed) => {
    const { StartAt, States } = inside(map);
    expect(StartAt).toBe(`${child}: large?`);
    expect(States[StartAt]).toEqual({
      Type: 'Choice',
      Choices: [{ Variable: '$.large', BooleanEquals: true, Next: `${child}, large` }],
      Default: child,
    });
    const [small, large] = [States[child] as TaskState, States[`${child}, large`] as TaskState];
    expect(small.Parameters.FunctionName).toBe('arn:train');
    expect(large).toEqual({
      ...small,
      Parameters: { ...small.Parameters, FunctionName: 'arn:train-large' },
    });
    expect(Object.keys(small.Parameters.Payload as object)).toEqual([
      'workspace.$',
      'runId.$',
      'attempt.$',
      ...passed.map((name) => `${name}.$`),
    ]);
    expect((two.States[map] as MapState).ItemSelector).toMatchObject({
      'large.$': '$$.Map.Item.Value.large',
    });
    expect(Object.keys(States)).toHaveLength(3);
  });

  it('is deployed with its own size, role and log, and the same code and rights as train', async () => {
    const stack = await resources({ 'memory.trainLarge': '10240' });
    const [small, large] = [stack.fn('train'), stack.fn('train-large')];
    expect(large.Properties).toMatchObject({ MemorySize: 10_240, Timeout: 900 });
    expect(small.Properties.MemorySize).toBe(3008);
    for (const same of ['Code', 'Environment', 'Runtime', 'Handler'] as const) {
      expect(large.Properties[same], same).toEqual(small.Properties[same]);
    }
    expect(flatten(large.Properties.Role)).not.toBe(flatten(small.Properties.Role));
    const machine = stack.only('AWS::StepFunctions::StateMachine').Properties;
    expect(flatten(machine.DefinitionString)).toContain(`\${${large.id}.Arn}`);
    const invoked = stack
      .ofType('AWS::IAM::Role')
      .map(([, role]) => JSON.stringify(role.Properties.Policies ?? []))
      .filter((policy) => policy.includes('lambda:InvokeFunction'));
    expect(invoked.some((policy) => policy.includes(large.id))).toBe(true);
  });

  it('tells the plan what there is', async () => {
    const told = async (context: Record<string, unknown>) =>
      JSON.parse((await resources(context)).fn('plan').Properties.Environment.Variables.ARBOLEDA_TRAINING);
    expect(await told({ mapConcurrency: 7 })).toEqual({ memory: 3008, seconds: 600, concurrency: 7 });
    expect(await told({ 'memory.trainLarge': '10240', trainSeconds: '300' })).toEqual({
      memory: 3008,
      largeMemory: 10_240,
      seconds: 300,
      concurrency: 4,
    });
  });
});

describe('a batch prediction', () => {
  it('goes its own way to the same end', () => {
    const { Choices } = states['Batch?'] as ChoiceState;
    expect(Choices).toEqual([{ Variable: '$.batch', IsPresent: true, Next: 'Plan batch' }]);
    expect(task('Plan batch').Next).toBe('Predict');
    expect((states.Predict as MapState).Next).toBe('Join');
    expect(task('Join').Next).toBe('Close');
  });

  it('goes over a list in S3 in a distributed Map whose children answer nothing', () => {
    const map = states.Predict as MapState;
    expect(map.ItemProcessor.ProcessorConfig).toEqual({ Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' });
    expect(map.ItemReader).toEqual({
      Resource: 'arn:getObject',
      ReaderConfig: { InputType: 'JSON' },
      Parameters: { Bucket: 'the-bucket', 'Key.$': '$.batch.list' },
    });
    expect(map.ResultPath).toBeNull();
    expect(map).not.toHaveProperty('ResultWriter');
    expect(map).not.toHaveProperty('ItemBatcher');
    const one = map.ItemProcessor.States['Predict one'] as TaskState;
    expect(one.ResultSelector).toEqual({});
    expect(one.Parameters.Payload).toMatchObject({
      phase: 'predict',
      'chunk.$': '$.chunk',
      'runId.$': '$.runId',
    });
  });

  it.each([
    ['Plan batch', 'plan'],
    ['Predict', 'predict'],
    ['Join', 'join'],
  ])('that fails in %s is closed with that stage', (name, stage) => {
    const [caught] = (states[name] as TaskState).Catch ?? [];
    const noted = states[caught?.Next ?? ''];
    expect(noted).toMatchObject({ Type: 'Pass', Result: stage, Next: 'Close as failed' });
  });
});

describe('time and retries', () => {
  it('every task retries what is transient, with growing, bounded and jittered waits', () => {
    expect(tasks(states).map(([name]) => name)).toHaveLength(14);
    for (const [name, state] of tasks(states)) {
      expect(state.Retry, name).toEqual([
        {
          ErrorEquals: [
            'TransientError',
            'Lambda.ServiceException',
            'Lambda.AWSLambdaException',
            'Lambda.SdkClientException',
            'Lambda.TooManyRequestsException',
          ],
          IntervalSeconds: 2,
          MaxAttempts: 4,
          BackoffRate: 2,
          MaxDelaySeconds: 30,
          JitterStrategy: 'FULL',
        },
      ]);
    }
  });

  it('no retry takes bad data, a bad definition, a timeout or everything', () => {
    const retried = tasks(states).flatMap(([, state]) =>
      state.Retry.flatMap((retrier) => retrier.ErrorEquals),
    );
    expect(retried.filter((name) => name.startsWith('States.') || name.startsWith('Bad'))).toEqual([]);
  });

  it('a task waits longer than its function works, and the whole run has an end', () => {
    for (const [name, state] of tasks(states)) {
      const train = JSON.stringify(state.Parameters).includes('arn:train');
      expect(state.TimeoutSeconds, name).toBe(train ? 930 : 90);
    }
    expect(definition.TimeoutSeconds).toBe(21_600);
  });
});

describe('deployed', () => {
  it("is this very definition, with the functions' ARNs", async () => {
    const stack = await resources({ mapConcurrency: 7 });
    const machine = stack.only('AWS::StepFunctions::StateMachine').Properties;
    const deployed = JSON.parse(flatten(machine.DefinitionString)) as Definition;
    expect(Object.keys(deployed.States)).toEqual(Object.keys(states));
    for (const [name, state] of tasks(deployed.States)) {
      const expected = tasks(states).find(([other]) => other === name)?.[1].Parameters.FunctionName as string;
      expect(state.Parameters.FunctionName, name).toBe(`\${${stack.fn(expected.slice(4)).id}.Arn}`);
      expect(state.Resource).toMatch(/^arn:\$\{AWS::Partition\}:states:::lambda:invoke$/);
    }
    expect(deployed.States.Train).toMatchObject({ MaxConcurrency: 7 });
    const { id, Properties } = stack.fn('ingest');
    const ingest = deployed.States.Ingest as TaskState;
    expect(ingest.Parameters.FunctionName).toContain(id);
    expect(ingest.TimeoutSeconds).toBe(Properties.Timeout + 30);
  });
});

describe('mermaid', () => {
  const picture = mermaid(definition);

  it('draws every state once and every way between them', () => {
    const lines = picture.split('\n');
    for (const [name, state] of Object.entries(states)) {
      const id = name.replaceAll(/\W+/g, '_');
      const drawn = new RegExp(`^ {2}${id}[[({]+"${name.replace('?', '\\?')}[":]`);
      expect(
        lines.filter((line) => drawn.test(line)),
        name,
      ).toHaveLength(1);
      for (const [how, next] of successors(state)) {
        const arrow = { next: '-->', catch: '-.->', default: '-->|no|', choice: '-->|yes|' }[how];
        expect(lines, `${name} to ${next}`).toContain(`  ${id} ${arrow} ${next.replaceAll(/\W+/g, '_')}`);
      }
    }
  });

  it('is what docs/state-machine.md shows', () => {
    const root = resolve(import.meta.dirname, '../..');
    const page = readFileSync(join(root, 'docs/state-machine.md'), 'utf8');
    const drawn = execFileSync(process.execPath, [join(root, 'lib/infra/picture.ts')], { encoding: 'utf8' });
    expect(page.split('```mermaid\n')[1]?.split('```')[0]).toBe(drawn);
  });

  it('begins at the start, and says how many train at once', () => {
    expect(picture).toMatch(/^flowchart TD\n {2}start\(\[start\]\) --> Batch_\n/);
    expect(picture).toContain('7 at once');
  });
});
