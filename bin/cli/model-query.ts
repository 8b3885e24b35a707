import { InvalidInputError } from '../../lib/errors/index.ts';
import { parseModelReference, selectorOf } from '../../lib/tracking/model-reference.ts';
import type { Query } from './client.ts';

/**
 * A reference to a model as the API takes it: the name for the path, the version for the query. The API resolves a stage
 * or an alias itself, so that a promotion is seen as soon as by any caller.
 *
 * @throws InvalidReferenceError; InvalidInputError where `--alias` or `--version` stands beside a reference that names one
 * @example referenceQuery('models:/housing/Staging') // { model: 'housing', query: { stage: 'Staging' } }
 */
export function referenceQuery(
  text: string,
  options: { alias?: string; version?: string } = {},
): { model: string; query: Query } {
  const reference = parseModelReference(text);
  const { alias, version } = options;
  const selector = selectorOf(reference);
  if (selector === undefined) return { model: reference.model, query: { alias, version } };
  if (alias !== undefined || version !== undefined) {
    throw new InvalidInputError(`${text} names the version already`, {
      field: alias === undefined ? '--version' : '--alias',
      remedy: `Give the reference alone, or the name ${reference.model} with --alias or --version.`,
    });
  }
  return { model: reference.model, query: 'latest' in selector ? { version: 'latest' } : { ...selector } };
}
