/** Traffic split: several versions answer beside the champion, or compute in its shadow. */
export * from './errors.ts';
export * from './guard.ts';
export type { SplitPromoted, SplitPromotion, SplitRevert, SplitSet, SplitStop } from './operations.ts';
export * from './report.ts';
export type { TrafficRoute } from './route.ts';
export { Splits } from './splits.ts';
export * from './types.ts';
export * from './watch.ts';
