export { exampleRow, inputColumns, type RowsOfModel } from '../table/example-row.ts';
export { checkHealth, type Health, NOT_READY_REMEDY } from './health.ts';
export { ModelCache } from './model-cache.ts';
export { readRows, TooManyRowsError } from './rows.ts';
export {
  CHAMPION,
  type LoadedVersion,
  ModelFileError,
  type PredictionResult,
  PredictionService,
  type PredictOptions,
} from './service.ts';
export * from './types.ts';
