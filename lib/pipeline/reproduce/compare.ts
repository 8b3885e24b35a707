import type { CleanOutputs, EvaluateOutputs } from '../stages/types.ts';
import { type JsonDifference, jsonDifferences } from './json-differences.ts';
import { type ModelDifference, modelDifference } from './model-difference.ts';
import { REPEATED, type RunRecord, type Surroundings } from './record.ts';

type Value = string | number | null;

/** One thing that was looked at; null where that side does not have it. */
export interface Check {
  key: string;
  recorded: Value;
  again: Value;
  same: boolean;
}

export interface Reproduction {
  runId: string;
  pipeline: string;
  /** Results are the same bytes and the same figures, under the same conditions. */
  identical: boolean;
  /** Definition, code of each stage, lock file, Node.js and seed are those of the recorded run. */
  sameConditions: boolean;
  /** Data, models, metrics and reports are the same. */
  sameResults: boolean;
  conditions: Check[];
  /** Where the definitions differ, as far as JSON tells. */
  definition: JsonDifference[];
  /** Delivered bytes, rows, each side of the split, the dataset. */
  data: Check[];
  /** The model file of each candidate. */
  candidates: Check[];
  /** The selected model: parameters and file. */
  model: Check[];
  modelDifference: ModelDifference | null;
  metrics: Check[];
  /** The files under reports/ and data/. */
  reports: Check[];
  /** Why the run could not be done again, where it could not. */
  failure: { stage: string; code: string; message: string } | null;
}

/** Lays what a run left beside what the same work left now. */
export function compare(recorded: RunRecord, again: RunRecord, here: Surroundings): Reproduction {
  const { run } = recorded;
  const conditions = conditionsOf(recorded, here);
  const groups = {
    data: dataOf(recorded, again),
    candidates: candidatesOf(recorded, again),
    model: modelOf(recorded, again),
    metrics: checks(run.metrics, again.run.metrics),
    reports: checks(reportsOf(recorded), reportsOf(again)),
  };
  const { error } = again.run;
  const failure =
    error === undefined ? null : { stage: error.stage, code: error.code, message: error.message };
  const sameConditions = conditions.every(({ same }) => same);
  const sameResults =
    failure === null &&
    Object.values(groups)
      .flat()
      .every(({ same }) => same);
  const sameDefinition = conditions.find(({ key }) => key === 'definition')?.same === true;
  return {
    runId: run.runId,
    pipeline: run.pipeline ?? '',
    identical: sameConditions && sameResults,
    sameConditions,
    sameResults,
    conditions,
    definition: sameDefinition ? [] : jsonDifferences(recorded.definition, plainJson(here.definition)),
    ...groups,
    modelDifference:
      recorded.model && again.model ? (modelDifference(recorded.model, again.model) ?? null) : null,
    failure,
  };
}

/** Every key of either side, each compared exactly. */
export function checks(
  recorded: Record<string, Value | undefined>,
  again: Record<string, Value | undefined>,
): Check[] {
  const keys = [...new Set([...Object.keys(recorded), ...Object.keys(again)])];
  return keys.map((key) => {
    const [a, b] = [own(recorded, key), own(again, key)];
    return { key, recorded: a, again: b, same: Object.is(a, b) };
  });
}

const own = (values: Record<string, Value | undefined>, key: string): Value =>
  Object.hasOwn(values, key) ? (values[key] ?? null) : null;

function conditionsOf({ run, definition }: RunRecord, here: Surroundings): Check[] {
  const { lineage } = run;
  // A run that began at a later stage took the earlier results as they were: their code is in the run that made them.
  const repeated = REPEATED.filter((stage) => lineage.codeVersions?.[stage] !== undefined);
  const code = (versions: Record<string, string> | undefined) =>
    Object.fromEntries(repeated.map((stage) => [`code of ${stage}`, versions?.[stage]]));
  return checks(
    {
      definition: lineage.definitionSha256,
      seed: seedOf(definition),
      ...code(lineage.codeVersions),
      'lock file': lineage.lockfileSha256,
      'Node.js': lineage.nodeVersion,
    },
    {
      definition: here.definitionSha256,
      seed: seedOf(here.definition),
      ...code(here.codeVersions),
      'lock file': here.lockfileSha256,
      'Node.js': here.nodeVersion,
    },
  );
}

const seedOf = (definition: unknown): number | undefined =>
  (definition as { split?: { seed?: number } } | undefined)?.split?.seed;

function dataOf(recorded: RunRecord, again: RunRecord): Check[] {
  // Only what the recorded run wrote down: an earlier release told less.
  const known = dataFacts(recorded);
  const found = dataFacts(again);
  return checks(known, Object.fromEntries(Object.keys(known).map((key) => [key, found[key]])));
}

function dataFacts({ run, stages }: RunRecord): Record<string, Value | undefined> {
  const clean = stages.find(({ stage, item }) => stage === 'clean' && item === undefined);
  const { rows, features, splits } = (clean?.outputs ?? {}) as Partial<CleanOutputs>;
  const facts: Record<string, Value | undefined> = {
    source: run.lineage.sourceSha256,
    synthetic: run.tags['data.synthetic'],
    'rows delivered': run.tags['data.rows'],
    'rows set aside': run.tags['data.badRows'],
    'rows used': rows,
    features,
    dataset: run.lineage.datasetSha256,
  };
  for (const [side, part] of Object.entries(splits ?? {})) {
    facts[`${side} rows`] = part.rows;
    facts[`${side} content`] = part.sha256;
  }
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

function candidatesOf(recorded: RunRecord, again: RunRecord): Check[] {
  const models = ({ candidates }: RunRecord) =>
    Object.fromEntries(
      (candidates ?? []).map(({ item, algorithm, modelSha256 }) => [`${item} ${algorithm}`, modelSha256]),
    );
  return checks(models(recorded), models(again));
}

function modelOf(recorded: RunRecord, again: RunRecord): Check[] {
  const facts = ({ run, stages }: RunRecord): Record<string, Value | undefined> => {
    const outputs = stages.find(({ stage }) => stage === 'evaluate')?.outputs as
      | Partial<EvaluateOutputs>
      | undefined;
    const params = Object.entries(run.params).map(([key, value]) => [`param ${key}`, value]);
    if (outputs?.modelSha256 === undefined) return Object.fromEntries(params);
    return { ...Object.fromEntries(params), bytes: outputs.sizeBytes, sha256: outputs.modelSha256 };
  };
  return checks(facts(recorded), facts(again));
}

function reportsOf({ artifacts }: RunRecord): Record<string, string | undefined> {
  const compared = artifacts.filter(
    ({ path }) => path.startsWith('reports/') || path === 'data/profile.json',
  );
  return Object.fromEntries(compared.map(({ path, sha256 }) => [path, sha256]));
}

/** As it looks once it went through JSON: without functions and undefined members. */
const plainJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
