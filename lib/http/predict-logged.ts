import * as z from 'zod';
import { InvalidInputError } from '../errors/index.ts';
import type { PredictionEntry, PredictionResult, PredictOptions } from '../serving/index.ts';
import type { VersionSelector } from '../tracking/model-reference.ts';
import type { Principal } from '../tracking/types.ts';
import type { ServingDeps } from './deps.ts';
import { type Context, callerOf } from './route.ts';

const key = z.string().min(1).max(256);

/** What a request may say of its caller and of itself, beside its rows. The key may be a query parameter too. */
export const callerHeaders = {
  'arboleda-key': key.optional().meta({
    description:
      'Your own id of the caller: while traffic is split, the same key is answered by the same version',
  }),
  'arboleda-probe': z.enum(['true', 'false']).optional().meta({
    description:
      'Whether this request tries a version, and is none of its traffic: logged as such, and counted in no figure, drift report or guard',
  }),
};
export type CallerHeaders = { [name in keyof typeof callerHeaders]?: string | undefined };
export const keyQuery = { key: key.optional().meta({ description: 'As the header `Arboleda-Key`' }) };

/** The caller's key. @throws InvalidInputError where header and query have two */
export function keyOf(headers: CallerHeaders, query: { key?: string | undefined }): string | undefined {
  const inHeader = headers['arboleda-key'];
  if (inHeader !== undefined && query.key !== undefined && inHeader !== query.key) {
    throw new InvalidInputError('the header Arboleda-Key and the query parameter key differ', {
      field: 'key',
    });
  }
  return inHeader ?? query.key;
}

/** Whether a request says that it is none of the model's traffic. */
export const isProbe = (headers: CallerHeaders): boolean => headers['arboleda-probe'] === 'true';

/** Which model is asked for what, and by what a split knows the caller. */
export interface Asked extends Pick<PredictOptions, 'explain' | 'key' | 'probe'> {
  name: string;
  body: Parameters<ServingDeps['serving']['predict']>[2];
  selector?: VersionSelector | undefined;
}

/**
 * Predicts and logs it, with one write that is awaited: a function freezes once it has answered, so what is not awaited is lost.
 * A failure of ours is logged too; that its log could not be written does not hide it.
 *
 * @throws as `PredictionService.predict`
 */
export async function predictLogged(
  context: Pick<Context<ServingDeps>, 'deps' | 'request' | 'principal'>,
  { name, body, selector, ...options }: Asked,
): Promise<PredictionResult> {
  const { deps, request } = context;
  const { requestId } = request;
  const caller = callerOf(context);
  const log = (entry: PredictionEntry) => logPrediction(deps, caller, requestId, entry);
  const result = await deps.serving.predict(caller.workspace, name, body, selector, {
    ...options,
    requestId,
    failed: (entry) => log(entry).catch(() => undefined),
  });
  if (result.rows.length > 0) await log(result.entry);
  return result;
}

async function logPrediction(
  deps: ServingDeps,
  { workspace, tokenId }: Principal,
  requestId: string,
  entry: PredictionEntry,
): Promise<void> {
  const record = { requestId, ...entry, at: deps.clock.now().toISOString(), tokenId };
  if (entry.rows.length <= 1) await deps.predictions.record(workspace, record);
  else await deps.predictions.recordBatch(workspace, record);
}
