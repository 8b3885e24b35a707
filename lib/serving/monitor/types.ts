import type { Clock, EventBus, ItemStore, ObjectStore } from '../../store/ports.ts';
import type { PredictionLog, Registry } from '../../tracking/index.ts';
import type { DriftSummary, ModelAlarm } from '../../tracking/monitoring/index.ts';
import type { DriftFigures } from '../drift/index.ts';

/** A run that an alarm starts, at most once in each window of so many seconds. */
export interface RetrainRule {
  window: number;
}

/** What a pipeline's definition asks to be watched of the model that it makes. */
export interface WatchRules {
  pipeline: string;
  /** Start a run where the champion's rows drifted. */
  whenDrift?: RetrainRule | undefined;
  metric?: MetricRule | undefined;
}

export interface MetricRule {
  metric: 'accuracy' | 'r2' | 'rmse' | 'mae';
  /** Wrong is to be below the threshold, or, for an error, above it. */
  wrong: 'below' | 'above';
  threshold: number;
  /** Fewer labels raise no alarm. */
  minLabels: number;
  /** Seconds: how far back predictions are looked at. */
  over: number;
  retrain?: RetrainRule | undefined;
}

/** The whole report, as it is stored. */
export type DriftReport = DriftSummary & DriftFigures;

/** A number for CloudWatch. */
export interface MetricPoint {
  name: 'ModelDrift' | 'ModelQuality' | 'ModelAlarms';
  value: number;
  /** Absent: of the whole environment. Models of the same name in two workspaces are two. */
  of?: { workspace: string; model: string };
}

export interface MonitorDeps {
  items: ItemStore;
  objects: Pick<ObjectStore, 'get' | 'put'>;
  predictions: Pick<PredictionLog, 'list' | 'get'>;
  registry: Pick<Registry, 'getModel' | 'getVersion' | 'listModels'>;
  events: EventBus;
  clock: Clock;
  /** The rules of the pipelines that make this model. */
  rules(model: string): WatchRules[];
  /** Starts a run of the pipeline; the same identity is the same run, whatever ran since. */
  start(workspace: string, pipeline: string, identity: string): Promise<{ runId: string }>;
  /** Judges the traffic split that runs beside the champion, if one does. */
  watchSplit(workspace: string, model: string): Promise<unknown>;
  /** Writes a metric. */
  measure(point: MetricPoint): void;
}

/** What one look at a model found. */
export interface Watch {
  model: string;
  /** Requests and changes of labels counted by this look. */
  requests: number;
  labels: number;
  /** Versions whose recent rows were compared. */
  reports: DriftSummary[];
  alarms: ModelAlarm[];
}
