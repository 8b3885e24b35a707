import { createHash, randomBytes, randomInt } from 'node:crypto';
import { InvalidNameError } from '../errors.ts';

const FORBIDDEN = ['/', ':', '.', '%', '"', "'"];
/** The longest that MLflow's column holds. */
const LONGEST_NAME = 500;

export const isLoggedModelId = (id: string): boolean => /^m-[0-9a-f]{32}$/.test(id);

export const randomModelId = (): string => `m-${randomBytes(16).toString('hex')}`;

/** The id that follows from what it stands for, so that whoever logs the same model twice logs one. */
export const modelIdOf = (...parts: readonly string[]): string =>
  `m-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`;

/** In MLflow's words. @throws InvalidNameError */
export function checkLoggedModelName(name: string): string {
  if (name === '' || FORBIDDEN.some((char) => name.includes(char))) {
    const shown =
      name.includes("'") && !name.includes('"') ? `"${name}"` : `'${name.replaceAll("'", "\\'")}'`;
    throw new InvalidNameError(
      `Invalid model name (${shown.slice(0, 600)}) provided. Model name must be a non-empty string and cannot contain the ` +
        `following characters: ('/', ':', '.', '%', '"', "'")`,
      { field: 'name' },
    );
  }
  if (name.length > LONGEST_NAME) {
    throw new InvalidNameError(
      `Invalid model name: it exceeds the length limit of ${LONGEST_NAME} characters`,
      {
        field: 'name',
      },
    );
  }
  return name;
}

const WHICH =
  'airy amber ashen birch brisk calm cedar clear dewy early fresh golden green hazel leafy mellow mossy quiet rustic sunny'.split(
    ' ',
  );
const TREE =
  'alder ash aspen beech birch cedar cherry elm fir hazel larch linden maple oak olive pine poplar rowan spruce willow'.split(
    ' ',
  );
const one = (words: readonly string[]): string => words[randomInt(words.length)]!;

/** A name for what nobody named: `mossy-larch-417`. */
export const randomName = (): string => `${one(WHICH)}-${one(TREE)}-${randomInt(1_000)}`;
