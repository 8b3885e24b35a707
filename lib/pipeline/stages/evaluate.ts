import { BadDataError } from '../../errors/index.ts';
import {
  type Evaluation,
  evaluate,
  explanationReport,
  importanceMetric,
  metricDirection,
  readModelFile,
  toMatrix,
} from '../../learn/index.ts';
import { counted } from '../../table/counted.ts';
import type { Table } from '../../table/index.ts';
import { BATCH_COLUMN } from '../definition/index.ts';
import { outputsOf, type StageContext, type StageDefinition } from '../run-stage.ts';
import { compareParts, eligible } from './compare-parts.ts';
import { completeTrain, readResults } from './complete-train.ts';
import { customMetrics } from './custom-metrics.ts';
import { loadTable, readDataset } from './dataset.ts';
import { figures } from './figures.ts';
import { lossPoints } from './loss-curves.ts';
import { writeReports } from './reports.ts';
import { targetOf } from './training.ts';
import type { CleanOutputs, DatasetManifest, EvaluateOutputs, TrainOutputs } from './types.ts';

type Result = TrainOutputs & { item: number };

/** Selects the best candidate by the definition's metric, judges it on the test rows, and writes the reports. */
export const evaluateStage: StageDefinition<EvaluateOutputs> = {
  stage: 'evaluate',
  prepare: async (context) => {
    const { deps, definition } = context;
    const clean = await outputsOf<CleanOutputs>(context, 'clean');
    const summary = await completeTrain(deps, context, definition.name);
    const results = await readResults(deps, summary);
    return {
      inputs: {
        models: results.map((result) => result.modelSha256),
        dataset: clean.datasetSha256,
        select: definition.select,
        metrics: definition.metrics,
      },
      execute: async () =>
        judge(context, results, clean.datasetSha256, await readDataset(deps.objects, clean)),
      promised: (outputs) => [outputs.modelKey, ...outputs.artifacts.map((artifact) => artifact.key)],
      publish: (outputs) => publish(context, outputs, results),
      note: (outputs) =>
        `${outputs.algorithm} selected; on ${counted(outputs.testRows, 'test row')} ${figures(outputs.metrics)}`,
    };
  },
};

async function judge(
  context: StageContext,
  results: Result[],
  datasetSha256: string,
  dataset: DatasetManifest,
) {
  const { definition } = context;
  const test = await loadTable(context.deps.objects, dataset.splits.test);
  if (test.rowCount === 0) throw new BadDataError('there are no test rows to judge a model on');
  const rows = { test, y: targetOf(test, dataset), target: dataset.target };
  const best = await selected(context, results, rows);
  // Read again where it was judged: the models of all candidates together might not fit the memory.
  const { model, x, preprocessing } = await loaded(context, best.result, rows);
  const builtIn = best.evaluation ?? evaluate(model, x, rows.y);
  const own = await ownMetrics(context, dataset, { model, x, y: rows.y, metrics: builtIn.metrics });
  const evaluation: Evaluation = { ...builtIn, metrics: { ...builtIn.metrics, ...own } };
  const { metric } = definition.select;
  const explanation = explanationReport(model, x, rows.y, {
    seed: definition.split.seed,
    metric: importanceMetric(builtIn, metric),
    preprocessing,
  });
  const compared = compareParts(results, best.result, {
    metric,
    dataset,
    groupBy: definition.split.groupBy,
  });
  const { item, modelKey, modelSha256, algorithm, params, sizeBytes, validation } = best.result;
  return {
    item: String(item),
    modelKey,
    modelSha256,
    algorithm,
    params,
    sizeBytes,
    validation,
    datasetSha256,
    metrics: evaluation.metrics,
    comparison: compared.metrics,
    testRows: test.rowCount,
    artifacts: await writeReports(context, {
      evaluation,
      explanation,
      results,
      dataset,
      texts: compared.texts,
    }),
  } satisfies EvaluateOutputs;
}

interface TestRows {
  test: Table;
  y: ReturnType<typeof targetOf>;
  target: string;
}

/** A candidate's model, and the test rows as it takes them. */
async function loaded({ deps }: StageContext, result: Result, { test, target }: TestRows) {
  const bytes = await deps.objects.get(result.modelKey);
  const { model, manifest } = readModelFile(bytes, { sha256: result.modelSha256 });
  const { features, categories } = model;
  return {
    model,
    x: toMatrix(test, { target, features, categories }),
    preprocessing: manifest.preprocessing,
  };
}

interface Scored {
  result: Result;
  score: number;
  /** Where it was judged on the test rows. */
  evaluation?: Evaluation;
}

/** The best of those that may become the final model, one model in memory at a time. */
async function selected(context: StageContext, results: Result[], rows: TestRows): Promise<Scored> {
  const { metric, on, among } = context.definition.select;
  const scored: Scored[] = [];
  for (const result of eligible(results, among)) {
    if (on === 'test') {
      const { model, x } = await loaded(context, result, rows);
      const evaluation = evaluate(model, x, rows.y);
      scored.push({ result, score: evaluation.metrics[metric] ?? Number.NaN, evaluation });
    } else scored.push({ result, score: result.validation[metric] ?? Number.NaN });
  }
  return pickBest(scored, metric);
}

/** What the pipeline measures by a function of its own, on the test rows as they were delivered. */
async function ownMetrics(
  { deps, definition }: StageContext,
  dataset: DatasetManifest,
  judged: Omit<Parameters<typeof customMetrics>[1], 'raw'>,
): Promise<Record<string, number>> {
  if (definition.metrics === undefined) return {};
  const raw = await loadTable(deps.objects, dataset.testRaw);
  return customMetrics(definition.metrics, { ...judged, raw });
}

/** The best score in the metric's direction; of equals the first named. @throws BadDataError where no score is a number. */
export function pickBest<T extends { score: number }>(scored: readonly T[], metric: string): T {
  const sign = metricDirection(metric) === 'maximize' ? 1 : -1;
  const usable = scored.filter((entry) => Number.isFinite(entry.score));
  const [first, ...rest] = usable;
  if (first === undefined) {
    throw new BadDataError(`no candidate has the metric ${metric}`, {
      remedy: 'Select by a metric of the task, and keep some rows for the split it is measured on.',
    });
  }
  return rest.reduce((best, entry) => (sign * entry.score > sign * best.score ? entry : best), first);
}

/** Which batch the final model is of, where there are batches. */
const partTags = (selected: Result | undefined): Record<string, string> =>
  selected === undefined || selected.batch === null
    ? {}
    : { 'model.part': selected.part, [BATCH_COLUMN]: String(selected.batch) };

async function publish(context: StageContext, outputs: EvaluateOutputs, results: Result[]): Promise<void> {
  const { deps, workspace, runId, run } = context;
  const timestamp = deps.clock.now().getTime();
  const point = (key: string, value: number, step = 0) => ({ key, value, step, timestamp });
  const test = Object.entries(outputs.metrics).map(([name, value]) => point(name, value));
  const compared = Object.entries(outputs.comparison).map(([name, value]) => point(name, value));
  const named = (figures: Record<string, number>, nameOf: (name: string) => string) =>
    Object.entries(figures).map(([name, value]) => point(nameOf(name), value));
  // Under the names that the candidate's child run has them.
  const folds = results.find(({ item }) => String(item) === outputs.item)?.crossValidation;
  const held =
    folds === undefined
      ? named(outputs.validation, (name) => `validation_${name}`)
      : [...named(folds.mean, (name) => `cv_${name}`), ...named(folds.deviation, (name) => `cv_${name}_std`)];
  const candidates = results.flatMap((result) =>
    Object.entries(result.validation).map(([name, value]) => point(`candidate_${name}`, value, result.item)),
  );
  // The chosen model's own, under the names that its child run has them.
  const { curves = {} } = results.find(({ item }) => String(item) === outputs.item) ?? {};
  const points = [...test, ...compared, ...held, ...candidates].filter(({ value }) => Number.isFinite(value));
  await deps.runs.logMetrics(workspace, runId, [...points, ...lossPoints(curves, run.startTime)]);
  await deps.runs.setTags(workspace, runId, {
    'model.algorithm': outputs.algorithm,
    'data.testRows': String(outputs.testRows),
    ...partTags(results.find(({ item }) => String(item) === outputs.item)),
  });
  const params = Object.entries({ algorithm: outputs.algorithm, ...outputs.params });
  // Written once: a retry that selects another candidate may not change what an earlier attempt wrote down.
  if (run.params.algorithm === undefined) {
    const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
    await deps.runs.logParams(
      workspace,
      runId,
      Object.fromEntries(params.map(([key, value]) => [key, text(value)])),
    );
  }
  for (const artifact of outputs.artifacts) await deps.runs.addArtifact(workspace, runId, artifact);
}
