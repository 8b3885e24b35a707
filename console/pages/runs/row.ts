import type { Run } from '../../../lib/tracking/types.ts';

/** A run as a line of the table, whichever protocol it came by. */
export interface Row {
  runId: string;
  name: string;
  status: string;
  /** ISO 8601. */
  startTime: string;
  endTime?: string | undefined;
  experimentId: string;
  pipeline?: string | undefined;
  /** The run that this one is a candidate of. */
  parent?: string | undefined;
  metrics: Record<string, number>;
  params: Record<string, string>;
  tags: Record<string, string>;
}

const PARENT = 'mlflow.parentRunId';

export const rowOfRun = (run: Run): Row => ({
  runId: run.runId,
  name: run.name,
  status: run.status,
  startTime: run.startTime,
  endTime: run.endTime,
  experimentId: run.experimentId,
  pipeline: run.pipeline,
  parent: run.tags[PARENT],
  metrics: run.metrics,
  params: run.params,
  tags: run.tags,
});

interface Entry<V> {
  key: string;
  value: V;
}

/** A run as MLflow's protocol tells it; numbers beyond JSON come as texts, empty lists not at all. */
export interface RunMessage {
  info: {
    run_id: string;
    run_name: string;
    experiment_id: string;
    status: string;
    start_time: number | string;
    end_time?: number | string;
  };
  data: {
    metrics?: Entry<number | string>[];
    params?: Entry<string>[];
    tags?: Entry<string>[];
  };
}

const record = <A, B>(entries: readonly Entry<A>[] | undefined, read: (value: A) => B): Record<string, B> =>
  Object.fromEntries((entries ?? []).map(({ key, value }) => [key, read(value)]));
const iso = (milliseconds: number | string): string => new Date(Number(milliseconds)).toISOString();
const same = (value: string): string => value;

export function rowOfMessage({ info, data }: RunMessage): Row {
  const tags = record(data.tags, same);
  return {
    runId: info.run_id,
    name: info.run_name,
    status: info.status,
    startTime: iso(info.start_time),
    endTime: info.end_time === undefined ? undefined : iso(info.end_time),
    experimentId: info.experiment_id,
    parent: tags[PARENT],
    metrics: record(data.metrics, Number),
    params: record(data.params, same),
    tags,
  };
}

/** Tags that people put there: the platform's and the client's own have a dot in their name's first part. */
export const isOwnTag = (name: string): boolean =>
  !/^(mlflow|arboleda|data|model|training|promotion|candidate|selection|batch)\./.test(name);
