import type { MapState, State, TaskState } from './asl.ts';
import { call, type DefinitionOptions, failedAt, failureOf, onFailure, runIdentity } from './common.ts';

/**
 * The way of a batch prediction: a plan that cuts the file and leaves a list in S3, a distributed Map over that list, and the
 * joining of what the chunks left. Chunks answer nothing, each writes under its own key: neither ItemBatcher nor ResultWriter
 * is needed, and neither emulator has them. A chunk that fails for good ends the Map: the next attempt does what is left.
 */
export function batchStates(options: DefinitionOptions): Record<string, State> {
  const plan: TaskState = {
    ...call(options, 'batch', { ...runIdentity, phase: 'plan' }),
    ResultSelector: { 'list.$': '$.Payload.list' },
    ResultPath: '$.batch',
    Catch: onFailure('plan'),
    Next: 'Predict',
  };
  const one: TaskState = {
    ...call(options, 'batch', { ...runIdentity, phase: 'predict', 'chunk.$': '$.chunk' }),
    ResultSelector: {},
    ResultPath: '$',
    End: true,
  };
  const predict: MapState = {
    Type: 'Map',
    ItemReader: {
      Resource: options.getObject,
      ReaderConfig: { InputType: 'JSON' },
      Parameters: { Bucket: options.bucket, 'Key.$': '$.batch.list' },
    },
    ItemSelector: { ...runIdentity, 'chunk.$': '$$.Map.Item.Value.chunk' },
    MaxConcurrency: options.mapConcurrency,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'Predict one',
      States: { 'Predict one': one },
    },
    ResultPath: null,
    Catch: onFailure('predict'),
    Next: 'Join',
  };
  return {
    'Plan batch': plan,
    Predict: predict,
    [failureOf('predict')]: failedAt('predict'),
    Join: {
      ...call(options, 'batch', { ...runIdentity, phase: 'join' }),
      ResultPath: null,
      Catch: onFailure('join'),
      Next: 'Close',
    },
    [failureOf('join')]: failedAt('join'),
  };
}
