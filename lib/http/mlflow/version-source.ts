import { InvalidInputError, NotFoundError } from '../../errors/index.ts';
import { artifactUriOf, decodeOnce } from '../../tracking/artifacts/index.ts';
import {
  isOwn,
  type ModelVersion,
  type OwnModel,
  parseModelReference,
  sourceOf,
} from '../../tracking/index.ts';
import type { LoggedModel } from '../../tracking/logged-models/index.ts';
import type { ApiDeps } from '../deps.ts';
import { invalidParameter, MlflowError } from './errors.ts';
import { refuseHost, uriParts } from './locations.ts';

/** What a client says of where a version comes from. */
export interface GivenOrigin {
  source: string;
  runId?: string | undefined;
  modelId?: string | undefined;
}

/** The same, found and checked. */
export interface Origin {
  source: string;
  runId?: string;
  modelId?: string;
  /** Where the files are, if `source` is a reference to another model. */
  storageLocation?: string;
  /** The model file of the version that it is a copy of, if Arboleda reads it. */
  own?: OwnModel;
}

const invalid = (source: string, why: string): MlflowError =>
  invalidParameter(`Invalid model version source: '${source}'. ${why}`);

const notOf = (source: string, field: 'run_id' | 'model_id'): MlflowError =>
  invalid(source, `The ${field} request parameter must identify the resource that contains the source.`);

/**
 * Where a new version comes from. MLflow's rules: a source in our own store has to lie in the artifacts of the run or the
 * logged model that is named with it, a path of somebody's machine is none, and none climbs out of where it points.
 *
 * @throws MlflowError in MLflow's words.
 */
export async function originOf(deps: ApiDeps, ws: string, given: GivenOrigin): Promise<Origin> {
  const { source } = given;
  const uri = uriParts(source);
  const { scheme } = uri;
  refuseHost(uri, 'source');
  const referred = scheme === 'models' ? await ofReference(deps, ws, given) : undefined;
  const { runId, modelId } = referred ?? given;
  const loggedModel = modelId ? await checkModel(deps, ws, referred?.source ?? source, modelId) : undefined;
  if (!modelId) await checkRun(deps, ws, referred?.source ?? source, runId);
  const run = runId || loggedModel?.sourceRunId;
  return {
    ...(referred ?? { source }),
    ...(run && { runId: run }),
    ...(modelId && { modelId }),
    ...(scheme === 'models' && !referred && loggedModel && { storageLocation: loggedModel.artifactLocation }),
  };
}

/** A reference to a registered version stands for what that version comes from. Undefined for a logged model's id. */
async function ofReference(deps: ApiDeps, ws: string, given: GivenOrigin): Promise<Origin | undefined> {
  const { source, runId, modelId } = given;
  const { authority, path } = uriParts(source);
  if (authority !== '') throw invalid(source, 'Registered model sources must use the active model registry.');
  if (/^\/[^/@]+$/.test(path)) return undefined;
  const held = await referredVersion(deps, ws, source);
  if (
    (runId !== undefined && runId !== (held.runId ?? '')) ||
    (modelId !== undefined && modelId !== (held.modelId ?? ''))
  ) {
    throw invalid(
      source,
      'The run_id and model_id request parameters must match the referenced model version.',
    );
  }
  const { modelKey, modelSha256, sizeBytes, algorithm, task } = held;
  return {
    source: `models:/${held.name}/${held.version}`,
    storageLocation: held.storageLocation ?? sourceOf(held),
    ...(held.runId !== undefined && { runId: held.runId }),
    ...(held.modelId !== undefined && { modelId: held.modelId }),
    ...(isOwn(held) && { own: { modelKey, modelSha256, sizeBytes, algorithm, task } as OwnModel }),
  };
}

async function referredVersion(deps: ApiDeps, ws: string, source: string): Promise<ModelVersion> {
  const reference = readReference(source);
  try {
    const { model } = reference;
    if (reference.kind === 'version') return await deps.registry.getVersion(ws, model, reference.version);
    if (reference.kind === 'alias') return await deps.registry.resolve(ws, model, { alias: reference.alias });
    if (reference.kind === 'stage') return await deps.registry.resolve(ws, model, { stage: reference.stage });
    return await deps.registry.resolve(ws, model, { latest: true });
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    const { model } = reference;
    const message =
      reference.kind === 'version'
        ? `Model Version (name=${model}, version=${reference.version}) not found`
        : `Registered Model with name=${model} not found`;
    throw new MlflowError('RESOURCE_DOES_NOT_EXIST', message);
  }
}

function readReference(source: string) {
  try {
    return parseModelReference(source);
  } catch {
    throw notOf(source, 'model_id');
  }
}

/** @throws MlflowError where the source is not the logged model's. */
async function checkModel(deps: ApiDeps, ws: string, source: string, modelId: string): Promise<LoggedModel> {
  if (isLocal(source)) throw local(source, 'model_id');
  checkPath(source);
  const { scheme, authority, path } = uriParts(source);
  if (scheme === 'models' && (authority !== '' || (/^\/[^/@]+$/.test(path) && path.slice(1) !== modelId))) {
    throw notOf(source, 'model_id');
  }
  if (scheme === 'runs') throw notOf(source, 'model_id');
  const model = await deps.loggedModels.get(ws, modelId).catch((error: unknown) => {
    if (!(error instanceof NotFoundError || error instanceof InvalidInputError)) throw error;
    // Of a source elsewhere it is only asked that there is such a model.
    if (scheme !== 'mlflow-artifacts') throw unknownModel(modelId);
    throw notOf(source, 'model_id');
  });
  if (scheme === 'mlflow-artifacts' && !within(source, model.artifactLocation))
    throw notOf(source, 'model_id');
  return model;
}

/** @throws MlflowError where the source is not the run's. */
async function checkRun(deps: ApiDeps, ws: string, source: string, runId: string | undefined): Promise<void> {
  if (isLocal(source)) throw local(source, 'run_id');
  checkPath(source);
  const { scheme, authority, path } = uriParts(source);
  if (scheme === 'runs') {
    const named = path.split('/').find((part) => part !== '');
    if (authority !== '' || !runId || named !== runId) throw notOf(source, 'run_id');
  }
  // A logged model by its id alone: which one it is has to be said.
  if (scheme === 'models' && /^\/[^/@]+$/.test(path)) throw notOf(source, 'model_id');
  if (scheme !== 'mlflow-artifacts') return;
  if (!runId) throw notOf(source, 'run_id');
  const run = await deps.runs.get(ws, runId).catch((error: unknown) => {
    if (error instanceof NotFoundError || error instanceof InvalidInputError) throw notOf(source, 'run_id');
    throw error;
  });
  if (!within(source, artifactUriOf(run))) throw notOf(source, 'run_id');
}

const unknownModel = (modelId: string): MlflowError =>
  new MlflowError('RESOURCE_DOES_NOT_EXIST', `Logged model with ID '${modelId}' not found.`);

const local = (source: string, field: 'run_id' | 'model_id'): MlflowError =>
  invalid(
    source,
    `To use a local path as a model version source, the ${field} request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the ${field}.`,
  );

/** A path of the machine that it is on: without a scheme, or `file:`. */
const isLocal = (source: string): boolean => /^(?![a-z][a-z0-9+.-]*:)|^file:/i.test(source);

function checkPath(source: string): void {
  const plain = unquoted(source);
  const path = uriParts(plain).path.replace(/\/+$/, '').replaceAll(/\/+/g, '/');
  const climbs = plain.split('/').some((part) => part === '..') || path.split('/').includes('.');
  if (!climbs && !plain.includes('\0')) return;
  throw invalid(
    source,
    'If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path.',
  );
}

/** Percent-decoded until nothing is left to decode: what is encoded twice is looked at too. */
function unquoted(text: string): string {
  let before = text;
  for (let times = 0; times < 20; times += 1) {
    const after = decodeOnce(before);
    if (after === before) return after;
    before = after;
  }
  return before;
}

/** Whether the source is the root, or lies below it. */
function within(source: string, root: string): boolean {
  const [a, b] = [uriParts(source), uriParts(root)];
  const parts = (path: string) =>
    path
      .split('/')
      .filter((part) => part !== '')
      .map(unquoted);
  const [inner, outer] = [parts(a.path), parts(b.path)];
  return (
    a.scheme === b.scheme &&
    a.authority.toLowerCase() === b.authority.toLowerCase() &&
    outer.length > 0 &&
    outer.every((part, i) => inner[i] === part)
  );
}
