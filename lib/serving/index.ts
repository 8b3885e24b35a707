export { exampleRow, inputColumns, type RowsOfModel } from '../table/example-row.ts';
export { checkHealth, type Health, NOT_READY_REMEDY } from './health.ts';
export { ModelCache } from './model-cache.ts';
export { type LoadedVersion, ModelFileError } from './model-loader.ts';
export { readRows, TooManyRowsError } from './rows.ts';
export {
  CHAMPION,
  type PredictionResult,
  PredictionService,
  type PredictOptions,
  type RowsFor,
} from './service.ts';
export * from './types.ts';
