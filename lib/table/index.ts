export { parseDate } from './cells.ts';
export { type FittedPreprocessing, fittedPreprocessingSchema, rowSchemaSchema } from './clean/fitted.ts';
export { datePartStems } from './clean/free-name.ts';
export { icd9Chapters } from './clean/icd9.ts';
export { applyPreprocessing, fitPreprocessing } from './clean/preprocessing.ts';
export { applyRowSteps, type RowStepsReport } from './clean/row-steps.ts';
export { type NativeInputs, type RowWarning, rowsToTable } from './clean/rows-to-table.ts';
export {
  type CleanStep,
  type CodeGroup,
  type ColumnSelector,
  cleanStepSchema,
  type DatePart,
  dateParts,
  dropColumns,
  dropDuplicates,
  encode,
  fillMissing,
  groupCodes,
  minMaxScale,
  standardScale,
} from './clean/steps.ts';
export {
  type ColumnShift,
  compareProfiles,
  type Pair,
  type ProfileDiff,
  populationStability,
} from './compare/compare-profiles.ts';
export type { DecodeRow } from './csv/decode.ts';
export { type Delimiter, detectDelimiter } from './csv/delimiter.ts';
export { inferSchema } from './csv/infer-schema.ts';
export { type CsvResult, type ReadCsvOptions, readCsv } from './csv/read-csv.ts';
export * from './errors.ts';
export { exampleRow, inputColumns, type RowsOfModel } from './example-row.ts';
export { duplicatesAcrossSplits } from './guards/duplicates.ts';
export { checkLeakage, findLeakage, type LeakageFinding } from './guards/leakage.ts';
export { checkTarget } from './guards/target.ts';
export { readParquet, writeParquet } from './parquet.ts';
export {
  type CategoryProfile,
  type NumericProfile,
  profileColumn,
  profileTable,
  type TableProfile,
  type TrainingProfile,
} from './profile.ts';
export { seededRandom, shuffled } from './random.ts';
export { concatTables, takeRows } from './rows.ts';
export { schemaFromZod } from './schema.ts';
export { type Split, type SplitSpec, splitRows, splitSpecSchema } from './split.ts';
export {
  cellAt,
  findColumn,
  isMissing,
  isNumeric,
  isNumericKind,
  requireColumn,
  tableSchema,
  tableToRows,
  withoutColumns,
} from './table.ts';
export type * from './types.ts';
