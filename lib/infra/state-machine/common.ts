import type { Catcher, PassState, Retrier, TaskState } from './asl.ts';

/** The stages that a run may skip, in the order they run. Each is a function of the same name. */
export const stageNames = ['ingest', 'clean', 'train', 'evaluate', 'register', 'promote'] as const;
export type StageName = (typeof stageNames)[number];

/** Functions that the state machine calls. */
export const machineFunctions = ['plan', ...stageNames, 'batch', 'close'] as const;
export type MachineFunction = (typeof machineFunctions)[number];

/** Deployed where the setting `memory.trainLarge` is given; else the definition has no trace of it. */
export const LARGE = 'train-large';

export interface DefinitionOptions {
  /** ARN of each function (may be a CDK token); `train-large` where it is deployed. */
  functions: Readonly<Record<MachineFunction, string>> & { readonly [LARGE]?: string | undefined };
  /** ARN of Step Functions' Lambda integration, which differs by partition. */
  invoke: string;
  /** Seconds that each function may work; the task waits a little longer, so that the function's own error arrives. */
  timeouts: Readonly<Record<MachineFunction, number>>;
  mapConcurrency: number;
  /** Where the lists of distributed Maps are (may be a CDK token), and ARN of Step Functions' integration that reads them. */
  bucket: string;
  getObject: string;
}

/**
 * What another try may mend: our own TransientError, and what the Lambda service throws when it is busy. A timeout or
 * out-of-memory of the function is not here: the same input would meet it again.
 */
export const retryTransient: readonly Retrier[] = [
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
];

export const title = (name: string): string => name[0]?.toUpperCase() + name.slice(1);
/** The Pass state that notes which stage failed. */
export const failureOf = (stage: string) => `${title(stage)} failed`;

/** What every stage is told: which try of which run. All else it reads from the run's record. */
export const runIdentity = { 'workspace.$': '$.workspace', 'runId.$': '$.runId', 'attempt.$': '$.attempt' };

/** Catch cannot say which state failed: each has a Pass of its own that notes it. */
export function failedAt(stage: string): PassState {
  return { Type: 'Pass', Result: stage, ResultPath: '$.failedStage', Next: 'Close as failed' };
}

export function onFailure(stage: string): Catcher[] {
  return [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: failureOf(stage) }];
}

export function call(
  options: DefinitionOptions,
  name: MachineFunction,
  payload: Record<string, unknown>,
): TaskState {
  return {
    Type: 'Task',
    Resource: options.invoke,
    Parameters: { FunctionName: options.functions[name], Payload: payload },
    TimeoutSeconds: options.timeouts[name] + 30,
    Retry: retryTransient.map((retrier) => ({ ...retrier, ErrorEquals: [...retrier.ErrorEquals] })),
  };
}
