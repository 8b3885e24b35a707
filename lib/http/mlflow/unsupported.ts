import type { ArboledaError } from '../../errors/index.ts';
import { isMlflowPath } from './dialect.ts';
import { MlflowError } from './errors.ts';

/** The parts of MLflow's API that this server does not have, by the first word of their path after `mlflow/`. */
const AREAS: Readonly<Record<string, string>> = {
  traces: 'Tracing',
  'unified-traces': 'Tracing',
  'get-online-trace-details': 'Tracing',
  'get-trace-artifact': 'Tracing',
  assessments: 'Tracing',
  datasets: 'Evaluation datasets',
  gateway: 'The AI gateway',
  'gateway-proxy': 'The AI gateway',
  webhooks: 'Webhooks',
  scorers: 'Scorers',
  scorer: 'Scorers',
  genai: 'Evaluation of generative AI',
  'prompt-optimization': 'Prompt optimization',
  'label-schemas': 'Labelling',
  'review-queues': 'Labelling',
  issues: 'Issue detection',
  jobs: 'Server jobs',
  demo: 'Demo data',
  workspaces: 'Workspaces',
};

/**
 * What a caller of a path without a route is told. Where MLflow has such a part and this server has not, that is its own
 * NOT_IMPLEMENTED, which no client retries; elsewhere the path is simply unknown.
 */
export function routingErrorOf(segments: readonly string[], error: ArboledaError): ArboledaError {
  if (!isMlflowPath(segments)) return error;
  const area = areaOf(segments);
  if (area === undefined) return error;
  return new MlflowError(
    'NOT_IMPLEMENTED',
    `${area} ${/s$/.test(area) ? 'are' : 'is'} not supported by this server. docs/mlflow.md lists what is.`,
  );
}

function areaOf([first, , third, fourth]: readonly string[]): string | undefined {
  if (first === 'graphql') return 'GraphQL';
  if (first === 'v1') return 'Tracing';
  const area = third === 'mlflow' && fourth !== undefined ? named(fourth) : undefined;
  // What MLflow's own page calls, it calls below ajax-api: this server has a page of its own.
  if (first === 'ajax-api') return area ?? "The API of MLflow's own page";
  return area;
}

const named = (word: string): string | undefined => (Object.hasOwn(AREAS, word) ? AREAS[word] : undefined);
