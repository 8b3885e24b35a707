export { getAlgorithm } from './algorithms.ts';
export {
  BadTargetError,
  FeatureMismatchError,
  MissingValuesError,
  TrainingTooLargeError,
  UnencodedColumnError,
  UnknownAlgorithmError,
} from './errors.ts';
export {
  type Evaluation,
  evaluate,
  evaluateClassification,
  evaluateRegression,
  type ResidualSample,
} from './evaluate.ts';
export { canExplain, type Explanation, explainRows } from './explain/explain-rows.ts';
export { importanceMetric } from './explain/metric.ts';
export { featureOrigins, groupContributions } from './explain/origins.ts';
export { type PartialDependence, partialDependence } from './explain/partial-dependence.ts';
export { type PermutationImportance, permutationImportance } from './explain/permutation.ts';
export { explainRawRows } from './explain/raw-rows.ts';
export { type ExplanationReport, explanationReport } from './explain/report.ts';
export { type ShapSummary, shapSummary } from './explain/summary.ts';
export type { ModelManifest } from './file/manifest.ts';
export {
  type LoadedModel,
  type ModelFileInput,
  modelSections,
  readManifest,
  readModelFile,
  writeModelFile,
} from './file/model-file.ts';
export { type PartFile, readPartFile, writePartFile } from './file/part-file.ts';
export { type CurvePoint, learningCurve } from './learning-curve.ts';
export { alignFeatures, type MatrixOptions, toMatrix } from './matrix.ts';
export type { ClassScores, Confusion } from './metrics/classification.ts';
export { type Direction, metricDirection, metricNames } from './metrics/names.ts';
export { nativeInputs, type Prediction, predictRows } from './predict-rows.ts';
export { reportAssets } from './report/assets.ts';
export { confusionMatrixSvg } from './report/confusion.ts';
export { explanationFiles, type ReportFile } from './report/explanation.ts';
export { svgToPng } from './report/png.ts';
export { residualPlotSvg } from './report/residuals.ts';
export { classificationReport } from './report/text.ts';
export { inferTask, toTarget } from './target.ts';
export { getTrainer, trainerNames } from './trainers.ts';
export type * from './types.ts';
export * from './validation/index.ts';
