import { ArboledaError, InvalidInputError, NotFoundError } from '../../errors/index.ts';
import type { ObjectStore } from '../../store/ports.ts';
import {
  InvalidReferenceError,
  type ModelReference,
  PRODUCTION_ALIAS,
  parseModelReference,
  type Registry,
  type Runs,
  selectorOf,
} from '../../tracking/index.ts';
import type { ModelVersion, Run } from '../../tracking/types.ts';
import { type Difference, differences, diffRuns } from '../control/diff.ts';
import { readManifest } from './describe.ts';
import { type DatasetDiff, diffDatasets } from './diff.ts';

interface VersionSide {
  model: string;
  version: string;
  runId?: string;
  createdAt: string;
}

/** What differs between two model versions. */
export interface VersionDiff {
  a: VersionSide;
  b: VersionSide;
  /** The same model file. */
  same: boolean;
  /** Algorithm, size and the like: what differs only. */
  facts: Difference[];
  /** Every metric of either, and the change from a to b; null where one has it not. */
  metrics: { key: string; a: number | null; b: number | null; change: number | null }[];
  params: Difference[];
  data: Difference[];
  code: Difference[];
  /** The data that they were trained on; null where it is the same, or one is not known (an imported model). */
  dataset: DatasetDiff | null;
}

interface Deps {
  objects: Pick<ObjectStore, 'get'>;
  registry: Pick<Registry, 'resolve'>;
  runs: Pick<Runs, 'get'>;
}

/** The version that a reference means; a name alone means the one in production. @throws NotFoundError */
export const resolveReference = (
  registry: Deps['registry'],
  workspace: string,
  reference: ModelReference,
): Promise<ModelVersion> =>
  registry.resolve(workspace, reference.model, selectorOf(reference) ?? { alias: PRODUCTION_ALIAS });

/**
 * A version of `model` by its number, `latest`, a stage, or an alias after `@`; or of another model by a whole reference.
 *
 * @param field what the caller called the text
 * @throws InvalidReferenceError that names the field, whichever part of the text is wrong
 */
export function referenceWithin(model: string, text: string, field: string): ModelReference {
  try {
    return read(model, text);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new InvalidReferenceError(error.message, { field, remedy: error.remedy, cause: error });
  }
}

function read(model: string, text: string): ModelReference {
  if (text.startsWith('@')) return parseModelReference(`${model}${text}`);
  if (/[/@:]/.test(text)) return parseModelReference(text);
  try {
    return parseModelReference(`${model}/${text}`);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return parseModelReference(`${model}@${text}`);
  }
}

export async function diffVersions(
  deps: Deps,
  workspace: string,
  a: ModelVersion,
  b: ModelVersion,
): Promise<VersionDiff> {
  const [before, after] = await Promise.all([a, b].map((one) => deps.runs.get(workspace, runOf(one))));
  const runs = diffRuns(before as Run, after as Run);
  return {
    a: sideOf(a),
    b: sideOf(b),
    same: a.modelSha256 === b.modelSha256,
    facts: differences(factsOf(a), factsOf(b)),
    metrics: metricsOf(a.metrics, b.metrics),
    params: runs.params,
    data: runs.data,
    code: runs.code,
    dataset: await datasetOf(deps.objects, workspace, before as Run, after as Run),
  };
}

/** @throws NotFoundError where the version was registered without a run. */
function runOf({ name, version, runId }: ModelVersion): string {
  if (runId !== undefined) return runId;
  throw new NotFoundError(`version ${version} of model ${name} was registered without a run`);
}

const sideOf = ({ name: model, version, runId, createdAt }: ModelVersion): VersionSide => ({
  model,
  version,
  runId,
  createdAt,
});

const factsOf = ({ algorithm, task, sizeBytes, modelSha256, stage }: ModelVersion) => ({
  algorithm,
  task,
  sizeBytes,
  modelSha256,
  stage,
});

function metricsOf(a: Record<string, number>, b: Record<string, number>): VersionDiff['metrics'] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return names.map((key) => {
    const [before, after] = [a[key] ?? null, b[key] ?? null];
    return { key, a: before, b: after, change: before === null || after === null ? null : after - before };
  });
}

async function datasetOf(
  objects: Deps['objects'],
  workspace: string,
  { lineage: a }: Run,
  { lineage: b }: Run,
): Promise<DatasetDiff | null> {
  const [one, other] = [a.datasetSha256, b.datasetSha256];
  if (one === undefined || other === undefined || one === other) return null;
  const read = async (sha256: string) => ({
    sha256,
    manifest: await readManifest(objects, workspace, sha256),
  });
  try {
    return diffDatasets(await read(one), await read(other));
  } catch (error) {
    // The versions can be compared though a manifest is gone.
    if (error instanceof ArboledaError && !error.transient && error.status === 404) return null;
    throw error;
  }
}
