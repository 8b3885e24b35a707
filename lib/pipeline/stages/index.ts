export * from './clean.ts';
export * from './evaluate.ts';
export * from './ingest.ts';
export * from './plan.ts';
export * from './promote.ts';
export * from './register.ts';
export * from './train.ts';
export type * from './types.ts';
