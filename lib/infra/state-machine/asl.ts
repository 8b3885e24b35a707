/** The part of the Amazon States Language that the pipeline uses (JSONPath). */

export interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds: number;
  MaxAttempts: number;
  BackoffRate: number;
  MaxDelaySeconds: number;
  JitterStrategy: 'FULL' | 'NONE';
}

export interface Catcher {
  ErrorEquals: string[];
  ResultPath: string;
  Next: string;
}

export interface TaskState {
  Type: 'Task';
  Comment?: string;
  Resource: string;
  Parameters: Record<string, unknown>;
  TimeoutSeconds: number;
  ResultSelector?: Record<string, unknown>;
  ResultPath?: string | null;
  OutputPath?: string;
  Retry: Retrier[];
  Catch?: Catcher[];
  Next?: string;
  End?: true;
}

/** Where a distributed Map reads its list: a JSON array in S3. */
export interface ItemReader {
  Resource: string;
  ReaderConfig: { InputType: 'JSON' };
  Parameters: { Bucket: string; 'Key.$': string };
}

export interface MapState {
  Type: 'Map';
  Comment?: string;
  /** An inline Map's list, in the state; a distributed one has an `ItemReader`. */
  ItemsPath?: string;
  ItemReader?: ItemReader;
  ItemSelector: Record<string, unknown>;
  MaxConcurrency: number;
  ItemProcessor: {
    ProcessorConfig: { Mode: 'INLINE' } | { Mode: 'DISTRIBUTED'; ExecutionType: 'STANDARD' };
    StartAt: string;
    States: Record<string, State>;
  };
  ResultPath: null;
  Catch: Catcher[];
  Next: string;
}

export interface ChoiceState {
  Type: 'Choice';
  Comment?: string;
  Choices: ({ Variable: string; Next: string } & ({ BooleanEquals: boolean } | { IsPresent: true }))[];
  Default: string;
}

export interface PassState {
  Type: 'Pass';
  Comment?: string;
  Result: unknown;
  ResultPath: string;
  Next: string;
}

export interface SucceedState {
  Type: 'Succeed';
  Comment?: string;
}

export interface FailState {
  Type: 'Fail';
  Comment?: string;
  ErrorPath: string;
  CausePath: string;
}

export type State = TaskState | MapState | ChoiceState | PassState | SucceedState | FailState;

export interface Definition {
  Comment: string;
  StartAt: string;
  TimeoutSeconds: number;
  States: Record<string, State>;
}
