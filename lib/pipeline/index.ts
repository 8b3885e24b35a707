/** What a pipeline file imports, and what synth and the command line need of it. Stages and control are apart. */
export {
  dateParts,
  dropColumns,
  dropDuplicates,
  encode,
  fillMissing,
  groupCodes,
  icd9Chapters,
  minMaxScale,
  standardScale,
} from '../table/index.ts';
export * from './catalog.ts';
export * from './definition/index.ts';
