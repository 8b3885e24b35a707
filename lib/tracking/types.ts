/** What the room keeps, by what it is about. */

export * from './types/access.ts';
export * from './types/experiment.ts';
export * from './types/pipeline.ts';
export * from './types/prediction.ts';
export * from './types/registry.ts';
export * from './types/run.ts';
