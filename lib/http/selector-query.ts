import * as z from 'zod';
import { InvalidInputError } from '../errors/index.ts';
import type { VersionSelector } from '../tracking/model-reference.ts';
import type { ModelStage } from '../tracking/model-stage.ts';
import { nameParam, stageWord, versionQuery } from './prediction-schemas.ts';

/** The query parameters that say which version of a model; one of them at most. */
export const selectorQuery = {
  alias: nameParam.optional().meta({ description: 'Default `production`' }),
  version: z.union([versionQuery, z.literal('latest')], 'a version number from 1, or latest').optional(),
  stage: stageWord.optional(),
};

/** @throws InvalidInputError where they name more than one version. */
export function selectorOfQuery(query: {
  alias?: string;
  version?: string;
  stage?: ModelStage;
}): VersionSelector | undefined {
  const { alias, version, stage } = query;
  const given = Object.entries({ alias, version, stage }).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    const names = given.map(([name]) => name);
    throw new InvalidInputError(`give one of alias, version and stage, not ${names.join(' and ')}`, {
      field: names.at(-1)!,
    });
  }
  if (stage !== undefined) return { stage };
  if (version !== undefined) return version === 'latest' ? { latest: true } : { version };
  return alias === undefined ? undefined : { alias };
}
