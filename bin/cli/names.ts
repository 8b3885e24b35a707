import { NotFoundError } from '../../lib/errors/index.ts';
import type { ModelList, PipelineList } from './api-types.ts';
import { type ApiClient, ApiError } from './client.ts';
import { nearest } from './nearest.ts';

/** There is no pipeline or model of that name; the remedy names the one that was probably meant. */
export class UnknownNameError extends NotFoundError {
  static override readonly code: string = 'UNKNOWN_NAME';
}

const LISTS = {
  pipeline: async (client: ApiClient) =>
    (await client.get<PipelineList>('/pipelines')).pipelines.map(({ name }) => name),
  model: async (client: ApiClient) => (await client.get<ModelList>('/models')).models.map(({ name }) => name),
};

/**
 * Does `work`; where the API answers 404, and the named thing is indeed not in the list, says which name was near.
 * @throws UnknownNameError
 */
export async function withKnownName<T>(
  client: ApiClient,
  kind: 'pipeline' | 'model',
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    const known = await LISTS[kind](client).catch(() => [] as string[]);
    if (known.includes(name)) throw error;
    throw unknownName(kind, name, known, error);
  }
}

/** The error of a name that is none of `known`. */
export function unknownName(
  kind: 'pipeline' | 'model',
  name: string,
  known: readonly string[],
  cause?: unknown,
): UnknownNameError {
  const near = nearest(name, known);
  return new UnknownNameError(`there is no ${kind} "${name}"`, {
    remedy: near
      ? `Did you mean "${near}"?${known.length > 1 ? ` There are: ${known.join(', ')}.` : ''}`
      : known.length > 0
        ? `There are: ${known.join(', ')}.`
        : `There is no ${kind} yet.`,
    details: { known, ...(near ? { nearest: near } : {}) },
    cause,
  });
}
