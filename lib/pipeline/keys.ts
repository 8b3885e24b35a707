/** Every S3 key that the pipeline writes. The server makes them; the workspace is the first segment of each. */
export const keys = {
  raw: (ws: string, sha: string) => `${ws}/raw/${sha}`,
  /** One subset: JSON lines, a row each. Named by its batch, so that the first one stored stays. */
  collected: (ws: string, pipeline: string, pass: number, batch: string) =>
    `${ws}/collected/${pipeline}/${pass}/${batch}.jsonl`,
  clean: (ws: string, sha: string) => `${ws}/clean/${sha}.parquet`,
  dataset: (ws: string, sha: string) => `${ws}/datasets/${sha}.json`,
  preprocessing: (ws: string, sha: string) => `${ws}/preprocessing/${sha}.json`,
  model: (ws: string, sha: string) => `${ws}/models/${sha}.arbm`,
  /** A shard's part of a model: read by the merge, then of no use; it expires. */
  part: (ws: string, sha: string) => `${ws}/parts/${sha}.arbp`,
  /** A file of a logged model, where MLflow's clients look for what is under its `mlflow-artifacts:/` location. */
  loggedModelFile: (ws: string, experimentId: string, modelId: string, file: string) =>
    `${ws}/artifacts/${experimentId}/models/${modelId}/artifacts/${file}`,
  report: (ws: string, sha: string, extension: string) => `${ws}/reports/${sha}.${extension}`,
  quarantine: (ws: string, runId: string) => `${ws}/runs/${runId}/quarantine.jsonl`,
  definition: (ws: string, runId: string) => `${ws}/runs/${runId}/definition.json`,
  trainingPlan: (ws: string, runId: string) => `${ws}/runs/${runId}/training.json`,
  trainItem: (ws: string, runId: string, item: string) => `${ws}/runs/${runId}/train/${item}.json`,
  importance: (ws: string, runId: string) => `${ws}/runs/${runId}/importance.json`,
  /** All of one batch prediction: its plan, the Map's list, chunks, and what came of it. */
  batch: (ws: string, runId: string, file: string) => `${ws}/batches/${runId}/${file}`,
  log: (ws: string, runId: string, stage: string, attempt: number, item?: string) =>
    `${ws}/runs/${runId}/logs/${stage}${item === undefined ? '' : `-${item}`}-${attempt}.jsonl`,
  logs: (ws: string, runId: string) => `${ws}/runs/${runId}/logs/`,
};
