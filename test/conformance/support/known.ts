/** A difference from `mlflow server` that is meant. */
export interface Known {
  /** `area: title` of the case; a RegExp for several. */
  case: string | RegExp;
  /** The path of the field in what the case shows. */
  path: string | RegExp;
  /** Why Arboleda does otherwise, for its users. */
  reason: string;
}

/**
 * All documented differences. Each must still be one whenever its cases run: a row that no longer matches fails the lane, so that
 * the table says neither too little nor too much.
 */
export const KNOWN: readonly Known[] = [
  {
    case: /./,
    path: /\.(error_class|sqlstate)$/,
    reason:
      "Errors have MLflow's two documented fields; those that 3.17 began to add beside them repeat the code.",
  },
  {
    case: /^experiments: (a name is taken|rename)/,
    path: /^(taken|renamed to a deleted one's)\.message$/,
    reason: "Where MLflow's message is its database's, Arboleda's says what is taken.",
  },
  {
    case: 'experiments: tags that are refused on create',
    path: /^(no objects|number as a value)\./,
    reason:
      'A field that does not parse is refused and named; MLflow drops it, and what follows it, without a word.',
  },
  {
    case: 'runs: create: bare request and its defaults',
    path: /^(tags no list|no experiment)\./,
    reason: 'The same; and where MLflow answers by its database, Arboleda names the field.',
  },
  {
    case: 'runs: metrics: what is refused',
    path: /^(time with a point|metrics\.point)/,
    reason: 'A time is a whole number of milliseconds; MLflow keeps 0 in its place.',
  },
  {
    case: 'runs: log-batch: limits, and nothing written where a part is wrong',
    path: /^(metric of a word|no objects|over 1 MB)/,
    reason: 'Refused as the documentation of MLflow says; its server takes them or answers 500.',
  },
  {
    case: "runs: log_model's old way: runs/log-model",
    path: 'tag',
    reason: 'The same request again adds nothing: a client that retries doubles no model.',
  },
  {
    case: 'experiments: unknown fields, camel case, an empty body, no JSON, another type',
    path: 'a list.0',
    reason: 'A body that is a list is a 400, not a 500.',
  },
  {
    case: 'experiments: methods and paths that are none',
    path: 'preview',
    reason: "The paths of clients before 1.0 are answered; MLflow's server has dropped them.",
  },
  {
    case: /^(experiments: search: what is refused|runs: metric history: pages|logged_models: search)$/,
    path: /^token\./,
    reason: 'A token that no search gave out is a 400 that says so; MLflow shows its bytes, or answers 500.',
  },
  {
    case: 'search: what is refused',
    path: /^(id number|max 1\.5|max None|metrics\. > 1|token)\./,
    reason:
      'A field of another type, a metric without a name and a token that is none are refused and named.',
  },
  {
    case: 'search: order: several keys, missing and NaN last',
    path: /^run_name DESC\./,
    reason: 'A key of order given twice is a 400 that says so, not a 500.',
  },
  {
    case: 'search: datasets',
    path: /^experiment's datasets\./,
    reason: "An endpoint of MLflow's own page, which Arboleda does not serve.",
  },
  {
    case: 'logged_models: search',
    path: /^(colour = 'a'|metrics\.acc = 'x'|status = '(READY|PENDING)')/,
    reason: 'A wrong filter is a 400, not a 500; a status is found by its name, which MLflow finds by none.',
  },
  {
    case: 'logged_models: what is refused',
    path: 'metric of an unknown model.body.message',
    reason: "MLflow's message is empty.",
  },
  {
    case: /^artifacts: (the proxy: paths that would leave|what the list refuses)$/,
    path: /^(list|path) (a\\\.\.|%00|%2fetc|\.\.%5cx)/,
    reason: 'Backslashes, control characters and absolute paths are refused by every method.',
  },
  {
    case: 'registry: models: what is refused',
    path: /^name 6\./,
    reason: "A model's name has at most 256 bytes: it stands in keys.",
  },
  {
    case: 'registry: versions: what is refused',
    path: /^an unknown model id\./,
    reason: 'A logged model that is not there is a 404, not a 500.',
  },
  {
    case: /^(registry: stages: transitions|logged_models: log_model and load_model|lab: task 4)/,
    path: /^(latest as POST\.body\.model_versions\.0\.aliases|version\.aliases|stages\.\d\.2)$/,
    reason: 'The version in Production holds the alias production.',
  },
  {
    case: 'registry: search of models',
    path: 'token.body.message',
    reason: 'As with the other tokens.',
  },
];

/** The row that documents a difference. */
export const knownFor = (name: string, path: string): Known | undefined =>
  KNOWN.find((row) => matches(row.case, name) && matches(row.path, path));

export const matches = (pattern: string | RegExp, text: string): boolean =>
  typeof pattern === 'string' ? pattern === text : pattern.test(text);
