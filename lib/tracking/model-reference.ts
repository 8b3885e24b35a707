import { InvalidInputError } from '../errors/index.ts';
import { type ModelStage, readStage } from './model-stage.ts';
import { checkAlias, checkModelName, checkVersion } from './names.ts';

/** Which version of a registered model a text means. */
export type ModelReference =
  | { kind: 'version'; model: string; version: string }
  | { kind: 'alias'; model: string; alias: string }
  | { kind: 'stage'; model: string; stage: ModelStage }
  /** The version with the highest number, whatever its stage. */
  | { kind: 'latest'; model: string }
  /** The name alone: whoever asks has a default, `production` where models are served. */
  | { kind: 'model'; model: string };

/** Which version of a model, its name aside. */
export type VersionSelector =
  | { version: string }
  | { alias: string }
  | { stage: ModelStage }
  | { latest: true };

/** The selector that a reference names; undefined for a name alone. */
export function selectorOf(reference: ModelReference): VersionSelector | undefined {
  if (reference.kind === 'version') return { version: reference.version };
  if (reference.kind === 'alias') return { alias: reference.alias };
  if (reference.kind === 'stage') return { stage: reference.stage };
  return reference.kind === 'latest' ? { latest: true } : undefined;
}

/** A reference to a model that is not of its form. */
export class InvalidReferenceError extends InvalidInputError {
  static override readonly code: string = 'INVALID_REFERENCE';
  static override readonly remedy: string =
    'Write models:/NAME/Staging (or Production, Archived, None, latest), models:/NAME@ALIAS or models:/NAME/3.';
}

const SCHEME = 'models:';

/**
 * Reads MLflow's model URIs (`models:/NAME/STAGE`, `models:/NAME/VERSION`, `models:/NAME/latest`, `models:/NAME@ALIAS`) and
 * the same without `models:/`; there the name alone is a reference too. Stages in any case; `Development` is `None`.
 * `models:/NAME` is refused: in MLflow it names a logged model by its id. As in MLflow, nothing is percent-decoded, and an
 * `@` in a name is read as part of it where a `/` follows.
 *
 * @throws InvalidReferenceError or InvalidNameError, naming the part that is wrong.
 * @example
 * parseModelReference('models:/housing/Staging') // { kind: 'stage', model: 'housing', stage: 'Staging' }
 * parseModelReference('housing@champion')        // { kind: 'alias', model: 'housing', alias: 'champion' }
 */
export function parseModelReference(text: string): ModelReference {
  const wrong = (why: string): never => {
    throw new InvalidReferenceError(
      `${JSON.stringify(text.slice(0, 300))} is no reference to a model: ${why}`,
      {
        field: 'model',
      },
    );
  };
  const isUri = text.slice(0, SCHEME.length).toLowerCase() === SCHEME;
  if (isUri && !/^\/(?!\/)/.test(text.slice(SCHEME.length))) wrong('one / follows models:');
  const [name = '', which, ...more] = (isUri ? text.slice(SCHEME.length + 1) : text).split('/');
  if (more.length > 0) wrong('after the name stands one part: a version, a stage or `latest`');
  if (which !== undefined) {
    if (name.trim() === '') wrong('it names no model');
    if (which.trim() === '') wrong('a version, a stage or `latest` follows the last /');
    return suffixOf(checkModelName(name), which, wrong);
  }
  const at = name.lastIndexOf('@');
  if ((at === -1 ? name : name.slice(0, at)).trim() === '') wrong('it names no model');
  if (at !== -1) {
    const alias = name.slice(at + 1);
    if (alias === '') wrong('an alias follows the @');
    return { kind: 'alias', model: checkModelName(name.slice(0, at)), alias: checkAlias(alias) };
  }
  if (isUri) wrong('it names no version, stage or alias');
  return { kind: 'model', model: checkModelName(name) };
}

function suffixOf(model: string, which: string, wrong: (why: string) => never): ModelReference {
  if (/^\d+$/.test(which)) return { kind: 'version', model, version: checkVersion(which) };
  if (which.toLowerCase() === 'latest') return { kind: 'latest', model };
  const stage = readStage(which);
  if (stage !== undefined) return { kind: 'stage', model, stage };
  return wrong(
    `${JSON.stringify(which)} is neither a version number nor \`latest\` nor a stage (None, Staging, Production, Archived); an alias is written NAME@ALIAS`,
  );
}

/** The reference as MLflow writes it; the name alone where it names no more. `parseModelReference` reads it back. */
export function formatModelReference(reference: ModelReference): string {
  const { kind, model } = reference;
  if (kind === 'model') return model;
  if (kind === 'alias') return `models:/${model}@${reference.alias}`;
  if (kind === 'latest') return `models:/${model}/latest`;
  return `models:/${model}/${kind === 'version' ? reference.version : reference.stage}`;
}
