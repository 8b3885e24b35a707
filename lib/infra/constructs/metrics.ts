import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Settings } from '../settings.ts';
import type { Api } from './api.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Functions } from './functions.ts';
import type { Pipeline } from './pipeline.ts';
import type { Storage } from './storage.ts';

/** What is watched. */
export interface ObservabilityProps {
  settings: Settings;
  api: Api;
  functions: Functions;
  pipeline: Pipeline;
  storage: Storage;
  deadLetters: DeadLetters;
}

/**
 * The metrics that alarms and the dashboard share: those that AWS gives for nothing, but for `predict5xx`, a filter on
 * the access log. One metric an alarm, no metric math, which not every implementation of CloudFormation takes.
 */
export interface Metrics {
  failedRuns: cloudwatch.IMetric;
  timedOutRuns: cloudwatch.IMetric;
  predict5xx: cloudwatch.IMetric;
  predictLatency: cloudwatch.IMetric;
  predictThrottles: cloudwatch.IMetric;
  apiThrottles: cloudwatch.IMetric;
  tableReadThrottles: cloudwatch.IMetric;
  tableWriteThrottles: cloudwatch.IMetric;
  deadLetters: cloudwatch.IMetric;
  /** Of all models together, written by the monitor when an alarm of one is raised: one metric, however many models. */
  modelAlarms: cloudwatch.IMetric;
}
