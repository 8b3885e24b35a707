import { z } from 'zod';
import { NotFoundError, NotReadyError } from '../../errors/index.ts';
import { NOT_READY_REMEDY, type PredictionResult } from '../../serving/index.ts';
import type { Principal } from '../../tracking/types.ts';
import type { ServingDeps } from '../deps.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { nameParam, prediction } from '../schemas.ts';
import { selectorOfQuery, selectorQuery } from '../selector-query.ts';

const route = routeFor<ServingDeps>();

/** Serving reads the body itself: only it knows the model's columns, and its errors name `rows[3].area`. */
export const predictBody = z.record(z.string(), z.unknown()).meta({
  id: 'PredictionRequest',
  description: 'One bare row, or `{"rows": [...]}` with up to 1,000 of them',
  examples: [{ rows: [{ area: 120, rooms: 6 }] }],
});

const warning = z.object({ row: z.number().int(), field: z.string(), code: z.string(), message: z.string() });

/** The answer of every route that predicts with a named model. */
export const predictionAnswer = z
  .object({
    model: z.string(),
    version: z.string(),
    requestId: z.string(),
    predictions: z.array(prediction),
    warnings: z
      .array(warning)
      .meta({ description: 'Unknown categories and missing values, handled as in training' }),
  })
  .meta({ id: 'PredictionAnswer' });

const defaultAnswer = z.looseObject({ ...predictionAnswer.shape }).meta({
  id: 'DefaultPredictionAnswer',
  description: 'For a bare row also `predicted_<target>` at the top level',
});

const responses = (schema: z.ZodType) => ({
  200: { description: 'One prediction a row, in order', schema },
  413: { description: 'Too many rows, or too large a body' },
  503: { description: 'No version of this model is promoted yet' },
});

export const predictRoutes: Route<ServingDeps>[] = [
  route({
    id: 'predictDefault',
    method: 'POST',
    path: '/predict',
    permission: 'predict',
    fn: 'predict',
    tag: 'serving',
    summary: 'Predict with the default model',
    request: { body: predictBody },
    responses: responses(defaultAnswer),
    handle: async (context) => {
      const { deps, body, request } = context;
      const result = await predictDefault(deps, callerOf(context), body);
      await recordPrediction(deps, callerOf(context), request.requestId, result);
      const first = result.predictions[0];
      const extra =
        result.bare && first !== undefined ? { [`predicted_${result.target}`]: first.prediction } : {};
      return { body: { ...extra, ...answerOf(result, request.requestId) } };
    },
  }),
  route({
    id: 'predict',
    method: 'POST',
    path: '/models/{name}/predict',
    permission: 'predict',
    fn: 'predict',
    tag: 'serving',
    summary: 'Predict with a registered model',
    request: {
      params: z.object({ name: nameParam }),
      query: z.object(selectorQuery),
      body: predictBody,
    },
    responses: responses(predictionAnswer),
    handle: async (context) => {
      const { deps, params, query, body, request } = context;
      const caller = callerOf(context);
      const result = await deps.serving.predict(caller.workspace, params.name, body, selectorOfQuery(query));
      await recordPrediction(deps, caller, request.requestId, result);
      return { body: answerOf(result, request.requestId) };
    },
  }),
];

/** No default model, or one that nothing was registered under, is "not ready": the caller named nothing wrong. */
async function predictDefault(
  deps: ServingDeps,
  caller: Principal,
  body: unknown,
): Promise<PredictionResult> {
  const name = deps.defaultModel;
  if (name === undefined) {
    throw new NotReadyError('no default model is configured', {
      remedy: 'Set ARBOLEDA_DEFAULT_MODEL, or use POST /models/NAME/predict.',
    });
  }
  try {
    return await deps.serving.predict(caller.workspace, name, body);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    throw new NotReadyError(`the default model: ${error.message}`, {
      remedy: NOT_READY_REMEDY,
      cause: error,
    });
  }
}

export function answerOf(result: PredictionResult, requestId: string) {
  const { model, version, predictions, warnings } = result;
  return { model, version, requestId, predictions, warnings };
}

/** Awaited: a function freezes once it has answered, so what is not awaited is lost. */
export async function recordPrediction(
  deps: ServingDeps,
  caller: Principal,
  requestId: string,
  result: PredictionResult,
): Promise<void> {
  const { model, version, alias, rows, predictions, warnings } = result;
  const entry = {
    requestId,
    model,
    version,
    ...(alias === undefined ? {} : { alias }),
    at: deps.clock.now().toISOString(),
    rows,
    predictions,
    ...(warnings.length === 0 ? {} : { warnings }),
    tokenId: caller.tokenId,
  };
  if (rows.length === 1) await deps.predictions.record(caller.workspace, entry);
  else await deps.predictions.recordBatch(caller.workspace, entry);
}
