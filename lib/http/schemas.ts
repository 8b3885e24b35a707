/** zod schemas that several routes share; those with an id become components of the OpenAPI document. */

export { nameParam, prediction, stageWord, versionParam, versionQuery } from './prediction-schemas.ts';
export * from './schemas/access.ts';
export * from './schemas/errors.ts';
export * from './schemas/models.ts';
export * from './schemas/params.ts';
export * from './schemas/pipelines.ts';
export * from './schemas/runs.ts';
