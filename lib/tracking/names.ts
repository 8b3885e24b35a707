import { InvalidNameError } from './errors.ts';

/** Controls, format characters, lone surrogates, unassigned: nothing that a list could not show. */
const INVISIBLE = /[\p{C}\u2028\u2029]/u;

function must(ok: boolean, field: string, value: unknown, rule: string): void {
  if (ok) return;
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : typeof value;
  throw new InvalidNameError(`${field} ${shown} is not allowed: ${rule}`, { field });
}

const matches = (value: unknown, rule: RegExp): boolean => typeof value === 'string' && rule.test(value);
const bytes = (value: string): number => Buffer.byteLength(value);

/** A workspace: the start of every key. Lower-case letters, digits and hyphens, so that no key part can pose as one. */
export function checkWorkspace(ws: string): string {
  must(
    matches(ws, /^[a-z0-9][a-z0-9-]{0,62}$/),
    'workspace',
    ws,
    'a-z, 0-9 and -, at most 63, no - at the start',
  );
  return ws;
}

/** A pipeline's name: a folder under data/. */
export function checkPipelineName(name: string): string {
  must(matches(name, /^[a-z0-9][a-z0-9_-]{0,62}$/), 'pipeline', name, 'a-z, 0-9, _ and -, at most 63');
  return name;
}

/** A registered model's name: what MLflow allows (no `/` or `:`), visible, at most 256 characters of 340 bytes. */
export function checkModelName(name: string): string {
  const ok = typeof name === 'string' && name.trim() === name && name !== '' && name !== '.' && name !== '..';
  // A `%` or `#` takes three bytes of a sort key, which has 1,024.
  const fits =
    ok && name.length <= 256 && bytes(name) <= 340 && !/[/:\\]/.test(name) && !INVISIBLE.test(name);
  must(
    fits,
    'model',
    name,
    'visible characters without /, : and \\, no space at the ends, at most 256 (340 bytes)',
  );
  return name;
}

/** Where a model's versions live: `:` and 16 hex digits, which no name can be; in models from before homes, their first name. */
export function checkHome(home: string): string {
  return matches(home, /^:[0-9a-f]{16}$/) ? home : checkModelName(home);
}

/** An alias: MLflow's rule, and a dot; `latest` and `v1`, `v2`, ... are reserved. */
export function checkAlias(alias: string): string {
  const ok = matches(alias, /^[\p{L}\p{N}_-][\p{L}\p{N}_.-]{0,254}$/u) && !/^(latest|v\d+)$/i.test(alias);
  must(ok, 'alias', alias, 'letters, digits, _, . and -, at most 255; `latest` and `v<digits>` are reserved');
  return alias;
}

/** A version: decimal digits counting from 1. */
export function checkVersion(version: string): string {
  must(matches(version, /^[1-9]\d{0,8}$/), 'version', version, 'a decimal number from 1');
  return version;
}

/** Whether a run may have this id: clients ask for any text. */
export const isRunId = (runId: string): boolean => matches(runId, /^[0-9a-f]{32}$/);

/** A run id: 32 lower-case hex digits. */
export function checkRunId(runId: string): string {
  must(isRunId(runId), 'runId', runId, '32 lower-case hex digits');
  return runId;
}

/** A logged model's id, as MLflow's server makes them. */
export function checkLoggedModelId(id: string): string {
  must(matches(id, /^m-[0-9a-f]{32}$/), 'modelId', id, '`m-` and 32 lower-case hex digits');
  return id;
}

/** An experiment id: decimal digits. */
export function checkExperimentId(id: string): string {
  must(matches(id, /^\d{1,19}$/), 'experimentId', id, 'decimal digits');
  return id;
}

/** An experiment's name: visible, at most 500 characters as in MLflow. */
export function checkExperimentName(name: string): string {
  const ok = typeof name === 'string' && name.trim() !== '' && name.length <= 500 && !INVISIBLE.test(name);
  must(ok, 'experiment', name, 'visible characters, at most 500');
  return name;
}

/** The same as MLflow has it: any text of 1 to 500 characters, even a blank one. @throws InvalidNameError in its words */
export function checkMlflowExperimentName(name: string): string {
  if (name === '' || !name.isWellFormed()) {
    throw new InvalidNameError(`Invalid experiment name: '${name.toWellFormed()}'`, { field: 'name' });
  }
  if ([...name].length > 500) {
    throw new InvalidNameError("'name' exceeds the maximum length of 500 characters", { field: 'name' });
  }
  return name;
}

/** The key of a param, tag or metric: MLflow's limit of 250 characters. */
export function checkEntryKey(key: string, field: string): string {
  const ok = typeof key === 'string' && key !== '' && key.length <= 250 && !INVISIBLE.test(key);
  must(ok, field, key, 'visible characters, 1 to 250');
  return key;
}

/** A path of an artifact within its run: relative, normal, no traversal, at most 900 bytes. */
export function checkArtifactPath(path: string): string {
  const rule = 'a relative path of visible names, without `.`, `..`, `\\` or empty parts';
  must(isArtifactPath(path), 'path', path, rule);
  return path;
}

/** Whether `checkArtifactPath` takes it. */
export function isArtifactPath(path: string): boolean {
  if (typeof path !== 'string' || path === '' || bytes(path) > 900) return false;
  if (INVISIBLE.test(path) || path.includes('\\')) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** A request's id as API Gateway or Lambda makes them. */
export function checkRequestId(id: string): string {
  must(
    matches(id, /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/),
    'requestId',
    id,
    'letters, digits, _ and -, at most 128',
  );
  return id;
}

/** A batch within a pass of its source: `b` and its number, or `w` and the number of its time window. */
export function checkBatchName(batch: string): string {
  must(matches(batch, /^[bw]\d{12}$/), 'batch', batch, 'b or w and 12 digits');
  return batch;
}

/** A token's public id. */
export function checkTokenId(id: string): string {
  must(matches(id, /^[0-9a-f]{16}$/), 'tokenId', id, '16 hex digits');
  return id;
}

/** A content key or other SHA-256: 64 hex digits. */
export function checkSha256(value: string, field: string): string {
  must(matches(value, /^[0-9a-f]{64}$/), field, value, '64 lower-case hex digits');
  return value;
}

/** A Map item's id as `plan` gives it out. */
export function checkItemName(item: string): string {
  must(matches(item, /^[A-Za-z0-9_-]{1,64}$/), 'item', item, 'letters, digits, _ and -, at most 64');
  return item;
}
