import type { ChoiceState, Definition, MapState, State, TaskState } from './asl.ts';
import { batchStates } from './batch.ts';
import {
  call,
  type DefinitionOptions,
  failedAt,
  failureOf,
  LARGE,
  onFailure,
  runIdentity,
  type StageName,
  stageNames,
  title,
} from './common.ts';

/** Seconds that a whole run may take. Past it the execution is TIMED_OUT, and the status-change rule closes the run. */
export const RUN_TIMEOUT_SECONDS = 6 * 3600;

const checkOf = (stage: StageName) => `${title(stage)}?`;

/**
 * The one state machine of every pipeline, and of batch predictions. Input `{ workspace, runId, attempt, pipeline }`, with
 * `batch: true` for a batch prediction. Only identities and switches
 * pass between states: rows, metrics and models are in S3 and DynamoDB under keys derived from the run.
 */
export function pipelineDefinition(options: DefinitionOptions): Definition {
  const states: Record<string, State> = {
    'Batch?': {
      Type: 'Choice',
      Comment: 'A run of a pipeline, or a batch prediction: both are ended by the same states',
      Choices: [{ Variable: '$.batch', IsPresent: true, Next: 'Plan batch' }],
      Default: 'Plan',
    },
    Plan: {
      ...call(options, 'plan', { ...runIdentity, 'pipeline.$': '$.pipeline' }),
      Comment:
        'Resolves the definition, the inputs and the stages to run; its answer is the state of the run',
      OutputPath: '$.Payload',
      Catch: onFailure('plan'),
      Next: checkOf(stageNames[0]),
    },
    [failureOf('plan')]: failedAt('plan'),
  };
  for (const [i, stage] of stageNames.entries()) {
    const following = stageNames[i + 1];
    const next = following === undefined ? 'Close' : checkOf(following);
    const first = stage === 'train' ? 'Plan training' : title(stage);
    states[checkOf(stage)] = isWanted(stage, first, next);
    Object.assign(
      states,
      stage === 'train' ? training(options, next) : { [title(stage)]: stageTask(options, stage, next) },
    );
    states[failureOf(stage)] = failedAt(stage);
  }
  return {
    Comment: 'Arboleda: one run of a pipeline, or one batch prediction',
    StartAt: 'Batch?',
    TimeoutSeconds: RUN_TIMEOUT_SECONDS,
    States: { ...states, ...batchStates(options), ...endings(options) },
  };
}

function isWanted(stage: StageName, then: string, otherwise: string): ChoiceState {
  return {
    Type: 'Choice',
    Choices: [{ Variable: `$.stages.${stage}`, BooleanEquals: true, Next: then }],
    Default: otherwise,
  };
}

function stageTask(options: DefinitionOptions, stage: StageName, next: string): TaskState {
  return { ...call(options, stage, runIdentity), ResultPath: null, Catch: onFailure(stage), Next: next };
}

/**
 * The list of what to train is made late, from the clean data; children answer nothing, so any number of them fits.
 * A candidate that was split into shards is merged by a second Map, over a list of its own; most runs have none.
 */
function training(options: DefinitionOptions, next: string): Record<string, State> {
  const list: TaskState = {
    ...call(options, 'plan', { ...runIdentity, 'pipeline.$': '$.pipeline', phase: 'train' }),
    ResultSelector: {
      'items.$': '$.Payload.items',
      'merges.$': '$.Payload.merges',
      'sharded.$': '$.Payload.sharded',
    },
    ResultPath: '$.train',
    Catch: onFailure('train'),
    Next: 'Train',
  };
  return {
    'Plan training': list,
    Train: trainMap(options, { list: 'items', child: 'Train one', passed: ['item'], next: 'Merge?' }),
    'Merge?': {
      Type: 'Choice',
      Choices: [{ Variable: '$.train.sharded', BooleanEquals: true, Next: 'Merge' }],
      Default: next,
    },
    Merge: trainMap(options, { list: 'merges', child: 'Merge one', passed: ['item', 'shards'], next }),
  };
}

/** A Map over one of the plan's lists, each item by the function that the plan chose for it. */
function trainMap(
  options: DefinitionOptions,
  { list, child, passed, next }: { list: string; child: string; passed: readonly string[]; next: string },
): MapState {
  const large = options.functions[LARGE] === undefined ? [] : ['large'];
  const selected = [...passed, ...large].map((name) => [`${name}.$`, `$$.Map.Item.Value.${name}`]);
  const payload = { ...runIdentity, ...Object.fromEntries(passed.map((name) => [`${name}.$`, `$.${name}`])) };
  return {
    Type: 'Map',
    ItemsPath: `$.train.${list}`,
    ItemSelector: { ...runIdentity, ...Object.fromEntries(selected) },
    MaxConcurrency: options.mapConcurrency,
    ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...children(options, child, payload) },
    ResultPath: null,
    Catch: onFailure('train'),
    Next: next,
  };
}

function children(options: DefinitionOptions, name: string, payload: Record<string, unknown>) {
  const train = childTask(options, options.functions.train, payload);
  const arn = options.functions[LARGE];
  if (arn === undefined) return { StartAt: name, States: { [name]: train } };
  const [check, large] = [`${name}: large?`, `${name}, large`];
  const choice: ChoiceState = {
    Type: 'Choice',
    Choices: [{ Variable: '$.large', BooleanEquals: true, Next: large }],
    Default: name,
  };
  return {
    StartAt: check,
    States: { [check]: choice, [name]: train, [large]: childTask(options, arn, payload) },
  };
}

function childTask(options: DefinitionOptions, arn: string, payload: Record<string, unknown>): TaskState {
  return {
    ...call(options, 'train', payload),
    Parameters: { FunctionName: arn, Payload: payload },
    ResultSelector: {},
    ResultPath: '$',
    End: true,
  };
}

function endings(options: DefinitionOptions): Record<string, State> {
  return {
    Close: {
      ...call(options, 'close', { ...runIdentity, 'pipeline.$': '$.pipeline', outcome: 'finished' }),
      ResultPath: null,
      Catch: onFailure('close'),
      Next: 'Succeeded',
    },
    [failureOf('close')]: failedAt('close'),
    'Close as failed': {
      ...call(options, 'close', {
        ...runIdentity,
        'pipeline.$': '$.pipeline',
        outcome: 'failed',
        'stage.$': '$.failedStage',
        'error.$': '$.error',
      }),
      Comment: 'Writes the failure into the run. Where even this fails, the status-change rule tries again',
      ResultPath: null,
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.closeError', Next: 'Failed' }],
      Next: 'Failed',
    },
    Succeeded: { Type: 'Succeed' },
    Failed: { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: '$.error.Cause' },
  };
}
