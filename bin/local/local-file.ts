import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { localDir } from './paths.ts';

const localFileSchema = z.object({
  /** Where the AWS calls go, such as http://127.0.0.1:4566. */
  endpoint: z.url(),
  /** The platform's HTTP API, without a slash at its end. */
  apiUrl: z.url(),
  adminToken: z.string().min(1),
  region: z.string(),
  stackName: z.string(),
  outputs: z.record(z.string(), z.string()),
});

/** `.arboleda/local.json`: how to reach the local stack. Readable by its owner alone, as it holds the admin token. */
export type LocalFile = z.infer<typeof localFileSchema>;

const path = (dir: string): string => join(dir, 'local.json');

/** The file's content; undefined where there is none or it is not ours. */
export function readLocalFile(dir = localDir()): LocalFile | undefined {
  try {
    return localFileSchema.parse(JSON.parse(readFileSync(path(dir), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Writes it at once: a reader sees the old one or the new one. */
export function writeLocalFile(content: LocalFile, dir = localDir()): void {
  mkdirSync(dirname(path(dir)), { recursive: true, mode: 0o700 });
  const temporary = `${path(dir)}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, path(dir));
}

export function removeLocalFile(dir = localDir()): void {
  rmSync(path(dir), { force: true });
}
