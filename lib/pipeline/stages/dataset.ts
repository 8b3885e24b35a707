import { IntegrityError } from '../../errors/index.ts';
import type { ObjectStore } from '../../store/ports.ts';
import {
  type FittedPreprocessing,
  fittedPreprocessingSchema,
  readParquet,
  type Table,
  writeParquet,
} from '../../table/index.ts';
import { canonicalJson, sha256 } from '../definition/index.ts';
import { keys } from '../keys.ts';
import type { DatasetManifest, PartRef } from './types.ts';

/** Writes a table under the hash of its bytes; the same table is written once. */
export async function storeTable(objects: ObjectStore, workspace: string, table: Table): Promise<PartRef> {
  const bytes = writeParquet(table);
  const sha = sha256(bytes);
  const key = keys.clean(workspace, sha);
  await objects.putIfAbsent(key, bytes, { contentType: 'application/vnd.apache.parquet' });
  return { key, sha256: sha, rows: table.rowCount, bytes: bytes.byteLength };
}

/** Reads a table and refuses bytes that are not what their name says. @throws IntegrityError, NotFoundError */
export async function loadTable(objects: ObjectStore, part: { key: string; sha256: string }): Promise<Table> {
  const bytes = await objects.get(part.key);
  if (sha256(bytes) !== part.sha256) throw new IntegrityError(`${part.key} is not what its hash says`);
  return readParquet(bytes);
}

/** Writes JSON under the hash of its canonical text, so that equal content is one object. */
export async function storeJson(
  objects: ObjectStore,
  keyOf: (sha: string) => string,
  value: unknown,
): Promise<{ key: string; sha256: string }> {
  const text = canonicalJson(value);
  const sha = sha256(text);
  const key = keyOf(sha);
  await objects.putIfAbsent(key, text, { contentType: 'application/json' });
  return { key, sha256: sha };
}

async function readJson(objects: Pick<ObjectStore, 'get'>, key: string, sha?: string): Promise<unknown> {
  const bytes = await objects.get(key);
  if (sha !== undefined && sha256(bytes) !== sha)
    throw new IntegrityError(`${key} is not what its hash says`);
  return JSON.parse(new TextDecoder().decode(bytes));
}

export async function readDataset(
  objects: Pick<ObjectStore, 'get'>,
  reference: { datasetKey: string; datasetSha256: string },
): Promise<DatasetManifest> {
  return (await readJson(objects, reference.datasetKey, reference.datasetSha256)) as DatasetManifest;
}

export async function readPreprocessing(objects: ObjectStore, key: string): Promise<FittedPreprocessing> {
  return fittedPreprocessingSchema.parse(await readJson(objects, key)) as FittedPreprocessing;
}
