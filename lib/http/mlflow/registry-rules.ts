import { posix } from 'node:path';
import { NotFoundError } from '../../errors/index.ts';
import { ModelExistsError, type RegisteredModel, type Registry } from '../../tracking/index.ts';
import { invalidParameter, MlflowError } from './errors.ts';
import { pyJson, pyString } from './python.ts';
import { checkLength, checkTagKey } from './rules.ts';

/** What MLflow's registry asks of names, versions, aliases and tags, in its words. */

const MAX_TAG_KEY = 250;
const MAX_TAG_VALUE = 100_000;
const MAX_ALIAS = 255;

/** @throws MlflowError */
export function checkName(name: string, parameter = 'name'): string {
  if (name.trim() === '') throw invalidParameter(`Missing value for required parameter '${parameter}'.`);
  if (/[/:]/.test(name)) {
    throw invalidParameter(`Invalid model name '${name}'. Names cannot contain '/' or ':'.`);
  }
  const resolved = posix.normalize(name);
  if (resolved === '.' || resolved.startsWith('..')) {
    throw invalidParameter(
      `Invalid value ${pyJson(name)} for parameter 'name' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to ${pyString(resolved)}`,
    );
  }
  return name;
}

/** A version's number as the store has it: MLflow takes what Python's int() does. @throws MlflowError */
export function versionOf(text: string): string {
  if (!/^\s*[+-]?\d+(_\d+)*\s*$/.test(text)) {
    throw invalidParameter(`Parameter 'version' must be an integer, got '${text}'.`);
  }
  return BigInt(text.replaceAll('_', '').replace(/^\s*\+/, '')).toString();
}

/** An alias that is asked for; `checkNewAlias` for one that is set. @throws MlflowError */
export function checkAliasName(alias: string): void {
  if (!/^[\p{L}\p{N}_-]*$/u.test(alias)) {
    throw invalidParameter(
      `Invalid alias name: '${alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`,
    );
  }
  checkLength('Registered model alias name', MAX_ALIAS, alias);
}

/** @throws MlflowError */
export function checkNewAlias(alias: string): void {
  checkAliasName(alias);
  if (alias.toLowerCase() === 'latest') {
    throw invalidParameter("'latest' alias name (case insensitive) is reserved.");
  }
  if (/^[vV]\d+$/.test(alias)) throw invalidParameter(`Version alias name '${alias}' is reserved.`);
}

/** Tags by name, the last of a name counts. @throws MlflowError */
export function tagsOf(tags: readonly { key?: string | undefined; value?: string | undefined }[]) {
  const named = new Map<string, string>();
  for (const { key = '', value = '' } of tags) {
    checkTag(key, value);
    named.set(key, value);
  }
  return Object.fromEntries(named);
}

/** @throws MlflowError */
export function checkTag(key: string, value: string): void {
  checkTagKey(key);
  checkLength('key', MAX_TAG_KEY, key);
  checkLength('value', MAX_TAG_VALUE, value);
}

/** Prompts live in MLflow's registry as models with this tag. They are not kept here. @throws MlflowError */
export function refusePrompt(tags: Record<string, string>): void {
  if (tags['mlflow.prompt.is_prompt']?.toLowerCase() !== 'true') return;
  throw new MlflowError(
    'NOT_IMPLEMENTED',
    'Arboleda keeps no prompts: this server supports models and their versions.',
  );
}

const noModel = (name: string): MlflowError =>
  new MlflowError('RESOURCE_DOES_NOT_EXIST', `Registered Model with name=${name} not found`);

const noVersion = (name: string, version: string): MlflowError =>
  new MlflowError('RESOURCE_DOES_NOT_EXIST', `Model Version (name=${name}, version=${version}) not found`);

/** What the registry answers, its errors in MLflow's words. @throws MlflowError */
export async function asked<T>(
  subject: { name: string; version?: string },
  answer: () => Promise<T>,
): Promise<T> {
  const { name, version } = subject;
  try {
    if (version !== undefined && !/^[1-9]\d{0,8}$/.test(version)) throw new NotFoundError('no such number');
    return await answer();
  } catch (error) {
    if (error instanceof ModelExistsError) {
      throw new MlflowError('RESOURCE_ALREADY_EXISTS', `Registered Model (name=${name}) already exists.`);
    }
    if (!(error instanceof NotFoundError)) throw error;
    throw version === undefined ? noModel(name) : noVersion(name, version);
  }
}

/** @throws MlflowError where there is no such model */
export const modelOf = (
  registry: Pick<Registry, 'getModel'>,
  workspace: string,
  name: string,
): Promise<RegisteredModel> => asked({ name }, () => registry.getModel(workspace, name));
