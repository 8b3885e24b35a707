/** Cross-validation and search: folds, scoring over folds, points of a parameter space. */
export {
  type CrossValidation,
  type CrossValidationOptions,
  crossValidate,
  summarise,
} from './cross-validate.ts';
export {
  type Fold,
  type FoldOptions,
  groupKFold,
  kFold,
  repeated,
  stratifiedGroupKFold,
  stratifiedKFold,
} from './folds.ts';
export { type FoldPlan, foldsFor, groupCodes } from './folds-for.ts';
export {
  type Dimension,
  gridPoints,
  integer,
  logUniform,
  type Point,
  type Range,
  randomPoints,
  type Space,
  uniform,
} from './search.ts';
