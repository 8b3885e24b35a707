import type { Clock, EventBus, Executions, ObjectStore } from '../store/ports.ts';
import type {
  Collection,
  Experiments,
  LoggedModels,
  PipelineState,
  Registry,
  Runs,
  Splits,
  Stages,
} from '../tracking/index.ts';
import type { Catalog } from './catalog.ts';
import type { Get } from './collect/get.ts';
import type { TrainingLimits } from './training/limits.ts';

/** All that a stage or a control action may touch. A function is given the whole; its role allows what it uses. */
export interface PipelineDeps {
  objects: ObjectStore;
  runs: Runs;
  stages: Stages;
  loggedModels: LoggedModels;
  state: PipelineState;
  collection: Collection;
  registry: Registry;
  splits: Splits;
  experiments: Experiments;
  executions: Executions;
  events: EventBus;
  catalog: Catalog;
  clock: Clock;
  /** SHA-256 of the running function's bundle: part of every content key. */
  codeVersion: string;
  lockfileSha256?: string;
  /** MB that the running function has; absent where it is none of Lambda's. */
  memoryMb?: number | undefined;
  /** The functions that train, for plan; a deploy's defaults where absent. */
  training?: TrainingLimits | undefined;
  /** Threads to train on; all that this process may use where absent. */
  threads?: number | undefined;
  /** Bytes of the pipeline's own data file, deployed as an asset. */
  repoFile: (pipeline: string) => Promise<Uint8Array>;
  /** The bytes that a recorded run read, in the raw zone: a reproduction reads these, whatever source they came from. */
  recorded?: RecordedSource | undefined;
  fetch: typeof fetch;
  /** How the collector asks a source. */
  get: Get;
  /** Pipeline to the URL that the deploy read from its environment (`env('...')` in the definition). */
  collectorUrls: Readonly<Record<string, string>>;
  /** Every rule that starts runs by the clock is deployed disabled. */
  schedulesOff?: boolean | undefined;
  /** What PNG rendering needs; loaded by the evaluate function alone. */
  reportAssets: () => Promise<{ wasm: Uint8Array; font: Uint8Array }>;
}

export interface RecordedSource {
  sha256: string;
  synthetic: boolean;
  /** The run's tag `data.source`. */
  source: string;
}

/** What Step Functions hands every stage. */
export interface StageInput {
  workspace: string;
  runId: string;
  attempt: number;
  /** The Map item, for train. */
  item?: string;
  /** For the item that merges: how many shards its candidate was split into. */
  shards?: number;
}
