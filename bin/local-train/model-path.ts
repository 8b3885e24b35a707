import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
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

/**
 * A file's bytes.
 *
 * @throws InvalidInputError where it cannot be read, or has more than `most` bytes
 */
export async function readWhole(
  path: string,
  remedy: string,
  most = Number.POSITIVE_INFINITY,
): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size <= most) return await readFile(path);
    throw new InvalidInputError(`${path} has ${size} bytes, and ${most} are read at most`, {
      field: 'file',
      remedy,
    });
  } catch (cause) {
    if (cause instanceof InvalidInputError) throw cause;
    throw new InvalidInputError(`${path} cannot be read (${codeOf(cause)})`, {
      cause,
      field: 'file',
      remedy,
    });
  }
}

/** Does what writes to `path`. @throws InvalidInputError where the system refuses */
export async function writing(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    throw new InvalidInputError(`${path} cannot be written (${codeOf(cause)})`, {
      cause,
      field: 'out',
      remedy: 'Name a place that can be written to, in a folder that is there.',
    });
  }
}

/** Before the work that would be lost: a folder can be made there. @throws InvalidInputError where a file is in the way */
export async function refuseFileInTheWay(out: string): Promise<void> {
  for (let path = resolve(out); ; path = dirname(path)) {
    const info = await stat(path).catch(() => undefined);
    if (info === undefined && dirname(path) !== path) continue;
    if (info?.isDirectory()) return;
    throw new InvalidInputError(`${out} cannot be made a folder: ${path} is a file`, {
      field: 'out',
      remedy: 'Name another folder; it is made where it is not there.',
    });
  }
}

const codeOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? 'unreadable';
