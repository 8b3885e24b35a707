import type { PipelineDescription, PipelineSummary } from '../../lib/http/types.ts';
import type { ModelList, RunDetail } from './api-types.ts';
import { type ApiClient, path } from './client.ts';
import { CHIEF, figure, table } from './output.ts';

/** Figures of another library on the same data, as a pipeline's definition names them. */
export interface Reference {
  by: string;
  metrics: Record<string, number>;
}

/** One pipeline's line of the table that `npm start` ends with. */
export interface PipelineOutcome {
  pipeline: string;
  runId: string;
  status: string;
  rows?: number;
  synthetic: boolean;
  /** Stages by how they ended; a Map's stage counts once. */
  stages: { done: number; skipped: number };
  /** Wall time from the push of the data to the end of the run. */
  seconds: number;
  metrics: Record<string, number>;
  /** Only beside real rows: figures on others compare nothing. */
  reference?: Reference;
  modelBytes?: number;
  /** The version of the model that this run stands for. */
  version?: string;
  /** The aliases that it holds. */
  aliases: string[];
}

const MODEL_FILE = 'model/model.arbm';

/** What there is to tell of a run that has ended. */
export async function outcomeOf(
  client: ApiClient,
  { name, model }: PipelineSummary,
  run: RunDetail,
  seconds: number,
): Promise<PipelineOutcome> {
  const [{ models }, { definition }] = await Promise.all([
    client.get<ModelList>('/models'),
    client.get<PipelineDescription>(path`/pipelines/${name}`),
  ]);
  const whole = run.stages.filter(({ item }) => item === undefined);
  const count = (status: string) => whole.filter((stage) => stage.status === status).length;
  const rows = Number(run.tags['data.rows'] ?? Number.NaN);
  const synthetic = run.tags['data.synthetic'] === 'true';
  const version = run.tags['model.version'];
  const held = models.find((one) => one.name === model)?.aliases ?? {};
  const { reference } = definition as { reference?: Reference };
  const size = run.artifacts.find((artifact) => artifact.path === MODEL_FILE)?.size;
  return {
    pipeline: name,
    runId: run.runId,
    status: run.status,
    ...(Number.isFinite(rows) && { rows }),
    synthetic,
    stages: { done: count('DONE'), skipped: count('SKIPPED') },
    seconds: Number(seconds.toFixed(1)),
    metrics: run.metrics,
    ...(reference && !synthetic && { reference }),
    ...(size !== undefined && { modelBytes: size }),
    ...(version !== undefined && { version }),
    aliases: Object.keys(held).filter((alias) => held[alias] === version),
  };
}

/** The table of all pipelines, and by whom the figures beside theirs are. */
export function outcomesText(outcomes: readonly PipelineOutcome[]): string {
  const head = [
    'pipeline',
    'run',
    'rows',
    'data',
    'stages',
    'seconds',
    'on test',
    'here',
    'reference',
    'model',
    'version',
  ];
  const notes = new Set(outcomes.flatMap(({ reference }) => reference?.by ?? []));
  const drawn = table(head, outcomes.map(rowOf));
  return notes.size === 0 ? drawn : `${drawn}reference: ${[...notes].join('; ')}\n`;
}

function rowOf(one: PipelineOutcome): unknown[] {
  const names = shownMetrics(one);
  const lines = (metrics: Record<string, number> = {}) =>
    names.map((name) => (metrics[name] === undefined ? '' : figure(metrics[name]))).join('\n');
  const { done, skipped } = one.stages;
  return [
    one.pipeline,
    one.status,
    one.rows?.toLocaleString('en-US'),
    one.synthetic ? 'synthetic' : 'real',
    skipped === 0 ? `${done}` : `${done}, ${skipped} skipped`,
    one.seconds,
    names.join('\n'),
    lines(one.metrics),
    lines(one.reference?.metrics),
    one.modelBytes === undefined ? '' : sizeText(one.modelBytes),
    [one.version, ...one.aliases.map((alias) => `(${alias})`)].filter(Boolean).join(' '),
  ];
}

/** What the reference has a figure of comes first; then what the run is judged by most often. */
function shownMetrics({ metrics, reference }: PipelineOutcome): string[] {
  const named = Object.keys(reference?.metrics ?? {});
  return [...named, ...CHIEF.filter((name) => name in metrics && !named.includes(name))];
}

const sizeText = (bytes: number): string =>
  bytes < 1_000_000 ? `${figure(bytes / 1000)} kB` : `${figure(bytes / 1_000_000)} MB`;
