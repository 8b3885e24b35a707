/** A refusal of input that is sound by the document: where, in what words, and why JSON Schema cannot say it. */
export interface Excuse {
  /** Of the operation as `GET /runs/{id}`. */
  operations: string;
  /** Of the message of the 400 or 422: another one, at the same operation, is a failure. */
  says: string;
  why: string;
}

/** Read by hooks.py. Every other check holds for these answers, too. */
export const EXCUSES: readonly Excuse[] = [
  {
    operations: '^GET ',
    says: '^the cursor is not one that this list gave out',
    why: 'a cursor is bound to its query; its form is not told',
  },
  {
    operations: ' ',
    says: 'a key named "__proto__" is not taken',
    why: 'a name that JavaScript gives a meaning, at any depth',
  },
  {
    operations: '^[A-Z]+ /(?!api/)',
    says: 'a name without %, /|a file name without path|visible characters|is not allowed: letters, digits',
    why: 'code points that no Unicode version has given a meaning, which the generator takes for letters; 340 bytes; reserved aliases',
  },
  {
    operations: '(predict|invocations|/schema)$',
    says: '^give one of alias, version and stage|^the header Arboleda-Key and the query parameter key differ',
    why: 'parameters of a query have no way to exclude each other',
  },
  {
    operations: '(predict|invocations)$',
    says: 'rows\\[|^row |is missing, and no step of the pipeline|row \\d+|columns?\\b|^(give|send|the body|a table|instances|inputs|dataframe)',
    why: "a row has the columns of the model that the path names, and the model's steps say which may be missing",
  },
  {
    operations: '^(GET|PUT|POST) /pipelines/[^ ]+/collector|^(DELETE|POST) /pipelines/[^ ]+/data$',
    says: 'collects no batches|has no source',
    why: 'some pipelines collect, others do not',
  },
  {
    operations: '^POST /(pipelines/[^ ]+/runs|runs/[^ ]+/rerun)$',
    says: '^from \\(\\w+\\) comes after to',
    why: 'an order of two values',
  },
  {
    operations: '^GET /models/[^ ]+/(traffic|drift)|^GET /predictions',
    says: '^more than \\d+ buckets|^(from|until|to) ',
    why: 'an order and a distance of two times',
  },
  {
    operations: '^POST /runs/[^ ]+/register$',
    says: 'has no candidate',
    why: 'how many candidates the run has',
  },
  {
    operations: '^PUT /models/[^ ]+/split$',
    says: '^the weights sum to|^version \\d+ (is there twice|answers, and is no shadow|is the champion)|^blue-green (is one version|has a guard)',
    why: 'a sum, versions that differ, and which version is the champion',
  },
  {
    operations: '^POST /models/[^ ]+/split/promote$',
    says: '^version \\d+ is not in the split|^say which version of the split',
    why: 'which versions the running split has',
  },
  { operations: '^POST /tokens$', says: '^expiresAt is in the past', why: 'the time of the request' },
  {
    operations: '^PUT /models/[^ ]+/stage$',
    says: '^only Staging and Production have versions to archive',
    why: 'one value excludes another; a union would say it and name the wrong field in its error',
  },
  {
    operations: '^GET /runs/[^ ]+/artifacts/',
    says: '^Invalid path$',
    why: 'a path that leads out, also once its percent signs are read',
  },
  {
    operations: '^GET /models/[^ ]+/diff$',
    says: 'is no reference to a model',
    why: 'references have a grammar',
  },
  {
    operations: '^POST /models/[^ ]+/feedback$',
    says: '^labels?\\b',
    why: "the labels are values of the model's target, as many as the prediction has rows",
  },
  {
    operations: '^GET /datasets',
    says: 'digits name|more than one|name two',
    why: 'how many of the datasets have a hash that begins so',
  },
  {
    operations: ' /api/2.0/mlflow',
    says: "Names? |is not allowed: |Invalid (model|alias|experiment) name|^Invalid value .* for parameter '(key|name)'",
    why: "MLflow's rules of names: paths that they may become, bytes, reserved words",
  },
  {
    operations: ' /api/2.0/mlflow',
    says: "[Mm]issing value for required parameter|^Invalid value null for parameter '(order_by|end_time)'|must specify",
    why: "protobuf's empty text and null are as absent; one of two names of a field must be there",
  },
  {
    operations: ' /api/2.0/mlflow',
    says: 'max_results|num_parts|expiration must be|parts must be numbered|must be an integer, got|^Invalid experiment ID|must be a valid integer|Invalid Model Version stage',
    why: "protobuf's numbers may be text, in several spellings, whose value no pattern bounds",
  },
  {
    operations: ' /api/2.0/mlflow',
    says: "^Invalid value .* for parameter '\\w+' supplied|^If either start step or end step|^end_step must be greater",
    why: "MLflow's assertions judge by value: names of runs, numbers as text, null where another field is wrong; two parameters go together, in an order",
  },
  {
    operations: ' /api/2.0/mlflow',
    says: 'is given two values|URL can.t include fragments|^Exactly one of|refers to a directory',
    why: 'entries of a list that differ; parts of an address; one value or the other; what is stored there',
  },
  {
    operations: ' /api/2.0/mlflow',
    says: 'order.by|filter|Invalid \\w+ key|page.token|not a valid JSON|Could not be parsed|Invalid clause|clause',
    why: 'grammars of filters, orders and page tokens; JSON within text',
  },
  {
    operations: ' /api/2.0/mlflow',
    says: 'already exists|Current state is|model version source|^Invalid path|Presigned upload is not supported|changed|different',
    why: 'what is stored already, where MLflow answers 400; paths that lead out',
  },
];
