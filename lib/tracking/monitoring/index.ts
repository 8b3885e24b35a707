export { Alarms, type StoredAlarm } from './alarms.ts';
export { Feedback, type Label, type Labelled, type LabelsChange } from './feedback.ts';
export { latencyBin } from './latency.ts';
export { DriftReports, driftReportId, driftReportKey } from './reports.ts';
export { addTraffic, LARGEST_LABEL, metricsOf, noTraffic } from './sums.ts';
export { type BucketRef, bucketsAt, Traffic } from './traffic.ts';
export * from './types.ts';
export { type Watched, WatchStates } from './watch.ts';
