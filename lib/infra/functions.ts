/** Every function of the stack: its size, and exactly what it may touch. Roles and environments derive from this table. */

/** The kinds of S3 object; a key is `<workspace>/<zone>/...`. */
export type Zone =
  | 'uploads'
  | 'raw'
  | 'collected'
  | 'clean'
  | 'datasets'
  | 'preprocessing'
  | 'models'
  | 'parts'
  | 'reports'
  | 'runs'
  | 'predictions'
  | 'batches'
  | 'monitor'
  | 'artifacts';

export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'ConditionCheckItem'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'BatchWriteItem';

export type ExecutionAction = 'StartExecution' | 'StopExecution' | 'DescribeExecution';

export interface FunctionAccess {
  table: readonly TableAction[];
  /**
   * Writes that are allowed in these partitions alone: patterns of partition keys as docs/data-model.md lists them, `*` for any text.
   * A workspace has no `#` and a part that a caller names has it escaped, so no name can make a key look like another kind's.
   */
  within?: Partial<Record<'PutItem' | 'UpdateItem' | 'DeleteItem', readonly string[]>>;
  read: readonly Zone[];
  write: readonly Zone[];
  remove?: readonly Zone[];
  /** Zones whose uploads in parts it may give up; to open, sign and complete one is to write. */
  abort?: readonly Zone[];
  executions?: readonly ExecutionAction[];
  bus?: true;
  adminSecret?: true;
  /** Repo data files deployed as CDK assets. */
  sources?: true;
}

/** `train-large` as a construct's id: `TrainLarge`. */
export const constructId = (name: string): string =>
  name.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

export interface FunctionSpec {
  description: string;
  /** Is told which functions train, and how long they may. */
  plansTraining?: true;
  /** Asks the sources of collected batches: is told their URLs, and whether private addresses may be called. */
  collects?: true;
  timeoutSeconds: number;
  /** MB; `data`: the setting `memory`, for functions that hold a table or a model in memory. */
  memory: number | 'data';
  access: FunctionAccess;
}

/**
 * What every stage does: its records, and the run's. A tag or metric that changes takes its old entry out of the search index
 * (DeleteItem); a run with over 100 entries is written in parts, each on condition that its header is as it was read
 * (ConditionCheckItem, which tells no more than GetItem).
 */
const stage = ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'] as const;
const all = [...stage, 'BatchGetItem', 'BatchWriteItem'] as const;
const everyZone: readonly Zone[] = [
  'uploads',
  'raw',
  'collected',
  'clean',
  'datasets',
  'preprocessing',
  'models',
  'parts',
  'reports',
  'runs',
  'predictions',
  'batches',
  'monitor',
  'artifacts',
];

/** Lambda's longest. */
const LONGEST = 900;
/** API Gateway gives up after 29 s. */
const GATEWAY = 29;

export const functionNames = [
  'plan',
  'ingest',
  'clean',
  'train',
  'evaluate',
  'register',
  'promote',
  'batch',
  'close',
  'start',
  'collect',
  'monitor',
  'api',
  'predict',
] as const;
export type FunctionName = (typeof functionNames)[number];

/** Functions that are deployed where a setting asks for them. */
export const optionalNames = ['samples'] as const;
export type OptionalName = (typeof optionalNames)[number];

export const functionSpecs: Readonly<Record<FunctionName | OptionalName, FunctionSpec>> = {
  plan: {
    description: 'Resolves a run: its definition, inputs, and the stages to run',
    plansTraining: true,
    timeoutSeconds: 60,
    memory: 1024,
    access: { table: stage, read: ['datasets'], write: ['runs'] },
  },
  ingest: {
    description: 'Brings the source data in, by hash',
    timeoutSeconds: LONGEST,
    memory: 'data',
    access: {
      table: stage,
      read: ['raw', 'collected', 'clean', 'runs'],
      write: ['raw', 'clean', 'runs'],
      sources: true,
    },
  },
  clean: {
    description: 'Checks rows, splits, fits the preprocessing, writes Parquet',
    timeoutSeconds: LONGEST,
    memory: 'data',
    access: {
      table: stage,
      read: ['clean', 'datasets'],
      write: ['clean', 'datasets', 'preprocessing', 'runs'],
    },
  },
  train: {
    description: 'Fits one candidate, or a shard of one, and writes its model file',
    timeoutSeconds: LONGEST,
    memory: 'data',
    access: {
      table: [...stage, 'BatchWriteItem'],
      read: ['clean', 'datasets', 'preprocessing', 'models', 'parts'],
      write: ['models', 'parts', 'runs'],
    },
  },
  evaluate: {
    description: 'Measures the candidates and chooses one',
    timeoutSeconds: LONGEST,
    memory: 'data',
    access: {
      table: [...stage, 'BatchWriteItem'],
      read: ['clean', 'datasets', 'models', 'reports'],
      write: ['reports', 'runs'],
    },
  },
  register: {
    description: 'Makes the chosen model a version of the registry',
    // Lays a copy of the model file where MLflow's clients look for it: it is in memory once, as in evaluate.
    timeoutSeconds: 300,
    memory: 'data',
    access: { table: [...stage, 'BatchWriteItem'], read: ['models'], write: ['runs', 'artifacts'] },
  },
  promote: {
    description: 'Moves the alias where the gate allows',
    // Judges the version that holds the alias on this run's test rows: a model and a table in memory, as evaluate.
    timeoutSeconds: LONGEST,
    memory: 'data',
    access: {
      table: stage,
      read: ['clean', 'datasets', 'models'],
      write: ['runs'],
    },
  },
  batch: {
    description: 'A batch prediction: its plan, each chunk, and the joined result',
    timeoutSeconds: LONGEST,
    // A chunk takes a model and 4 MB of text. The result is put in parts: what is begun and fails is given up.
    memory: 'data',
    access: {
      table: stage,
      read: ['uploads', 'models', 'batches'],
      write: ['batches', 'runs'],
      abort: ['batches'],
    },
  },
  close: {
    description: 'Ends a run: its record, its event, and the next in the queue',
    timeoutSeconds: 60,
    memory: 512,
    access: {
      table: [...stage, 'BatchGetItem'],
      read: [],
      write: ['reports', 'runs'],
      bus: true,
      executions: ['StartExecution', 'DescribeExecution'],
    },
  },
  start: {
    description: 'Starts a scheduled run, or queues it',
    timeoutSeconds: 60,
    memory: 512,
    access: {
      table: stage,
      read: [],
      write: [],
      executions: ['StartExecution', 'DescribeExecution'],
    },
  },
  collect: {
    description: 'Collects batches, a subset of each, and starts a run for each full round',
    collects: true,
    // One tick of its rule: at work for 48 s at most, and a last call of 8.
    timeoutSeconds: 90,
    memory: 512,
    access: {
      table: stage,
      read: ['collected'],
      write: ['collected'],
      executions: ['StartExecution', 'DescribeExecution'],
    },
  },
  monitor: {
    description:
      'Watches models in service: traffic, feedback, drift, alarms; starts the runs that these ask for',
    // A look at every model that has news; what it does not come to is left for the next tick.
    timeoutSeconds: 300,
    memory: 1024,
    access: {
      table: [...stage, 'BatchGetItem'],
      read: ['models', 'predictions', 'monitor'],
      write: ['monitor'],
      executions: ['StartExecution', 'DescribeExecution'],
      bus: true,
    },
  },
  api: {
    description: 'Every route but predictions',
    collects: true,
    timeoutSeconds: GATEWAY,
    memory: 1024,
    access: {
      table: all,
      read: everyZone,
      write: ['uploads', 'raw', 'collected', 'models', 'runs', 'predictions', 'monitor', 'artifacts'],
      remove: ['artifacts'],
      abort: ['artifacts'],
      executions: ['StartExecution', 'StopExecution', 'DescribeExecution'],
      bus: true,
      adminSecret: true,
    },
  },
  predict: {
    description: 'Predictions and health',
    timeoutSeconds: GATEWAY,
    memory: 1024,
    // Query: the newest version in None or Archived is looked up among the versions. UpdateItem: a split whose guard a version
    // has passed is reverted at once: the model's item and its audit record in one transaction. Besides these, it writes its log.
    access: {
      table: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
      within: { PutItem: ['*#prediction#*', '*#model#*'], UpdateItem: ['*#models'] },
      read: ['models'],
      write: ['predictions'],
      adminSecret: true,
    },
  },
  samples: {
    description: 'A source of batches to try the collector on, with faults; generated rows only',
    timeoutSeconds: GATEWAY,
    memory: 512,
    access: { table: [], read: [], write: [] },
  },
};
