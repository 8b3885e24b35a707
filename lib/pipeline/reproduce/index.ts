export * from './compare.ts';
export type { JsonDifference } from './json-differences.ts';
export type { ModelDifference, SectionDifference } from './model-difference.ts';
export * from './record.ts';
export { type RerunOptions, rerun } from './rerun.ts';
