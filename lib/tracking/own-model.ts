import { ForeignModelError } from './errors.ts';
import type { ModelVersion, OwnModel } from './types.ts';

/** Whether the version has a model file that Arboleda reads and serves. */
export const isOwn = <T extends Pick<ModelVersion, 'modelSha256'>>(version: T): version is T & OwnModel =>
  version.modelSha256 !== undefined;

/** The version with its model file. @throws ForeignModelError where it was registered from files of another flavour. */
export function ownModel<T extends ModelVersion>(version: T): T & OwnModel {
  if (isOwn(version)) return version;
  const { name, version: number, source } = version;
  throw new ForeignModelError(
    `Arboleda does not run Python pickles: version ${number} of model ${name} was registered by an MLflow client${source === undefined ? '' : ` from ${source}`}, and is kept, versioned and given out as it is`,
    { details: { model: name, version: number, ...(source !== undefined && { source }) } },
  );
}
