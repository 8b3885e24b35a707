import type { Seeds } from './seeds.ts';

/** Where which values belong: a parameter, and the paths in which it means that. */
type Binding = [parameter: string, paths: string, values: keyof Seeds];

const BINDINGS: readonly Binding[] = [
  ['path.name', '^/models/', 'models'],
  ['path.name', '^/pipelines/', 'pipelines'],
  ['path.version', '^/models/', 'versions'],
  ['path.alias', '^/models/', 'aliases'],
  ['path.id', '^/runs/', 'runs'],
  ['path.runId', '.', 'runs'],
  ['path.id', '^/experiments/', 'experiments'],
  ['path.id', '^/predictions/', 'predictions'],
  ['path.id', '^/tokens/', 'tokens'],
  ['path.key', '^/runs/', 'metrics'],
  ['path.path', '^/runs/', 'artifacts'],
  ['path.path', '^/api/2.0/mlflow-artifacts/', 'proxied'],
  ['path.hash', '^/datasets/', 'datasets'],
  ['path.model_id', '^/api/', 'loggedModels'],
  ['query.model', '.', 'models'],
  ['query.version', '^/api/', 'versions'],
  ['query.run_id', '.', 'runs'],
  ['query.experiment_id', '.', 'experiments'],
  ['query.experiment_name', '.', 'experimentNames'],
  ['query.metric_key', '.', 'metrics'],
  ['query.name', '^/api/', 'models'],
  ['body.name', '^/api/2.0/mlflow/(registered-models|model-versions)/', 'models'],
  ['body.version', '.', 'versions'],
  ['body.alias', '^/api/|rollback$', 'aliases'],
  ['body.run_id', '.', 'runs'],
  ['body.run_uuid', '.', 'runs'],
  ['body.experiment_id', '.', 'experiments'],
  ['body.model_id', '.', 'loggedModels'],
  ['body.uploadId', '.', 'uploads'],
  ['body.requestId', '/feedback$', 'predictions'],
];

/**
 * Sound by the document and yet refused: operations of which the gate takes a 400 or 422 as an answer, whatever its words; anywhere else
 * it is a failure. The long run is strict: it takes the words of excuses.ts alone.
 */
const BEYOND_SCHEMAS: readonly [operations: string, why: string][] = [
  ['^/api/2.0/mlflow', "MLflow's rules of names, and its grammars of filters, orders and page tokens"],
  ['/(predict|invocations)$', "a row must have the model's columns; one of alias, version and stage"],
  ['/schema$', 'one of alias, version and stage'],
  [
    '^/pipelines/[^/]+/(runs|data|stages/|download|clean|train|collector|history)',
    'from before to; a collector where one is defined',
  ],
  [
    '^/models/[^/]+/(aliases|rollback|versions|split|batch-predictions)',
    'reserved aliases; the bytes of an upload against what was declared',
  ],
  ['^/models/[^/]+($|/audit|/policy)', 'names of spaces or dots'],
  ['^/(docs|data)/', 'characters that no Unicode version of either side has given a meaning'],
  ['^/datasets', 'digits that name two datasets'],
  ['^/(runs|experiments|models|predictions|tokens|workspaces|me/models)', 'cursors; a time that is over'],
];

/** No model is promoted yet: told as 503 with Retry-After, the one 5xx that is an answer. */
const NOT_READY = '/(predict|invocations|schema|health|ping)$';

const ACCEPTED = ['2xx', '3xx', '400', '401', '403', '404', '409', '413', '415', '422', '503'];
const REJECTED = ['400', '401', '403', '404', '405', '406', '409', '413', '415', '422', '503'];

const quoted = (text: string): string => JSON.stringify(text);

/** schemathesis.toml: what names real things, and for which operations which answer to sound input is no defect. */
export function configOf(
  seeds: Seeds,
  options: { token: string; cases: number; hooks: string; strict?: boolean },
): string {
  const dictionaries = Object.entries(seeds).map(
    ([name, values]) => `[dictionaries.${name}]\nvalues = [${values.map(quoted).join(', ')}]`,
  );
  const operations = BINDINGS.map(([parameter, paths, values]) =>
    [
      '[[operations]]',
      `include-path-regex = ${quoted(paths)}`,
      `parameters = { ${quoted(parameter)} = { dictionary = ${quoted(values)}, probability = 0.6 } }`,
    ].join('\n'),
  );
  const accepted = (options.strict ? [] : BEYOND_SCHEMAS).map(([paths, why]) =>
    [
      `# ${why}`,
      '[[operations]]',
      `include-path-regex = ${quoted(paths)}`,
      '[operations.checks.positive_data_acceptance]',
      `expected-statuses = [${ACCEPTED.map(quoted).join(', ')}]`,
    ].join('\n'),
  );
  const notReady = [
    '[[operations]]',
    `include-path-regex = ${quoted(NOT_READY)}`,
    '[operations.checks.not_a_server_error]',
    'expected-statuses = ["2xx", "3xx", "4xx", "503"]',
  ];
  return [
    'color = false',
    // A generator's own trouble, no answer of the API: a path that is hardly ever sound after percent-decoding.
    'suppress-health-check = ["all"]',
    `hooks = ${quoted(options.hooks)}`,
    `headers = { Authorization = ${quoted(`Bearer ${options.token}`)} }`,
    'max-redirects = 0',
    'continue-on-failure = true',
    // For what hangs, no judgement: this process or the server's may be stopped for minutes by whatever shares the machine.
    'request-timeout = 600',
    '[generation]',
    `max-examples = ${options.cases}`,
    'database = "none"',
    '[checks]',
    'max_response_time = 600',
    '[checks.negative_data_rejection]',
    `expected-statuses = [${REJECTED.map(quoted).join(', ')}]`,
    ...dictionaries,
    ...operations,
    ...accepted,
    ...notReady,
  ].join('\n');
}
