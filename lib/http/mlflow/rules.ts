import { posix } from 'node:path';
import { invalidParameter, MlflowError } from './errors.ts';
import { pyJson, pyString } from './python.ts';

/** What MLflow's server asks of names and values, in its words. Lengths are in characters as Python counts them. */

/** MLflow's Unicode `\w` with what it allows besides. */
const KEY = /^[/\p{L}\p{N}_.\- :]*$/u;

const BAD_CHARACTERS =
  'Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).';

/** The key of a tag: MLflow's characters, and no path that would resolve to another. @throws MlflowError */
export function checkTagKey(key: string, path = 'key'): void {
  if (!KEY.test(key)) throw invalidParameter(`${invalid(path, key)} ${BAD_CHARACTERS}`);
  const resolved = normalPath(key);
  if (resolved === key && resolved !== '.' && !resolved.startsWith('..') && !resolved.startsWith('/')) return;
  throw invalidParameter(
    `${invalid(path, key)} Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to ${pyString(resolved)}`,
  );
}

const invalid = (path: string, value: string): string =>
  `Invalid value ${pyJson(value)} for parameter '${path}' supplied:`;

/** `posixpath.normpath`, which keeps no slash at the end and two at the start. */
function normalPath(path: string): string {
  const normal = posix.normalize(path);
  const cut = normal.length > 1 ? normal.replace(/\/+$/, '') : normal;
  return /^\/\/(?!\/)/.test(path) ? `/${cut}` : cut;
}

/** @throws MlflowError */
export function checkLength(name: string, limit: number, value: string): void {
  if (value.length <= limit || [...value].length <= limit) return;
  throw invalidParameter(`'${name}' exceeds the maximum length of ${limit} characters`);
}

/** A tag of an experiment. @throws MlflowError */
export function checkExperimentTag(key: string, value: string): void {
  checkTagKey(key);
  checkLength('key', 250, key);
  checkLength('value', 20_000, value);
}

/** An id that the store can hold: none other names an experiment. */
export const isHeldId = (id: string): boolean => /^\d{1,19}$/.test(id);

/** The id of an experiment that may be there. @throws MlflowError */
export function knownExperimentId(text: string): string {
  const id = experimentIdOf(text);
  if (isHeldId(id)) return id;
  throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `No Experiment with id=${id} exists`);
}

/** An experiment's id as the store has it: MLflow takes what Python's int() does. @throws MlflowError */
export function experimentIdOf(text: string): string {
  if (!/^\s*[+-]?\d+(_\d+)*\s*$/.test(text)) {
    throw invalidParameter(`Invalid experiment ID '${text}'. Experiment ID must be a valid integer.`);
  }
  return BigInt(text.replaceAll('_', '').replace(/^\s*\+/, '')).toString();
}

/** The greatest page that MLflow gives of experiments and runs. */
export const MAX_RESULTS = 50_000;

/** @throws MlflowError */
export function checkMaxResults(value: number, limit: number = MAX_RESULTS): number {
  if (value >= 1 && value <= limit) return value;
  const rule = value < 1 ? 'It must be a positive integer' : `It must be at most ${limit}`;
  throw invalidParameter(`Invalid value ${value} for parameter 'max_results' supplied. ${rule}`);
}
