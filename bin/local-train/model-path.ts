import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInputError } from '../../lib/errors/index.ts';
import { type LoadedModel, readModelFile } from '../../lib/learn/index.ts';

const remedy = 'Name a model file, or the folder that `npx arboleda train --out DIR` made.';

/**
 * A model from its file, or from the folder that `train` or `model import` made.
 *
 * @throws InvalidInputError where there is none, IntegrityError where its bytes were changed
 */
export async function modelAt(path: string): Promise<LoadedModel> {
  const info = await stat(path).catch(() => undefined);
  const file = info?.isDirectory() ? join(path, 'model.arbm') : path;
  return readModelFile(new Uint8Array(await readWhole(file, remedy)));
}

/** A file's bytes. @throws InvalidInputError where it cannot be read */
export async function readWhole(path: string, remedy: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new InvalidInputError(`${path} cannot be read (${code})`, { cause, field: 'file', remedy });
  }
}
