export * from './control.ts';
export * from './errors.ts';
export { GET_LIMITS, type Get, guardedGet } from './get.ts';
export { type Poll, type PollOutcome, pollOnce, roundIdentity, startDue } from './poll.ts';
export { pollEvery, type TickTools, tick } from './schedule.ts';
export { batchesOf, type Collecting, collecting, requireBatches } from './settings.ts';
