import * as z from 'zod';
import { NotFoundError, NotReadyError } from '../../errors/index.ts';
import { NOT_READY_REMEDY, type PredictionResult } from '../../serving/index.ts';
import type { ServingDeps } from '../deps.ts';
import { type Asked, callerHeaders, isProbe, keyOf, keyQuery, predictLogged } from '../predict-logged.ts';
import { nameParam, prediction } from '../prediction-schemas.ts';
import { type Route, routeFor } from '../route.ts';
import { selectorOfQuery, selectorQuery } from '../selector-query.ts';

const route = routeFor<ServingDeps>();

/** Serving reads the body itself: only it knows the model's columns, and its errors name `rows[3].area`. */
export const predictBody = z.record(z.string(), z.unknown()).meta({
  id: 'PredictionRequest',
  description: 'One bare row, or `{"rows": [...]}` with up to 1,000 of them',
  examples: [{ rows: [{ area: 120, rooms: 6 }] }],
});

const warning = z.object({ row: z.number().int(), field: z.string(), code: z.string(), message: z.string() });

const numbers = z.record(z.string(), z.number());
const rowExplanation = z
  .object({
    space: z.enum(['value', 'probability', 'log-odds', 'score']).meta({
      description:
        'What the numbers are: the value of a regression; a probability; the log-odds of the second of two classes; a score before softmax',
    }),
    output: z
      .union([z.number(), numbers])
      .meta({ description: 'What the model said: a number, or one a class' }),
    base: z
      .union([z.number(), numbers])
      .meta({ description: 'What it says on average over its training rows' }),
    contributions: z
      .union([numbers, z.record(z.string(), numbers)])
      .meta({ description: 'Of each column of the row (by class): base plus all of them is the output' }),
  })
  .meta({ id: 'RowExplanation' });

const explainQuery = {
  explain: z.enum(['true', 'false']).optional().meta({
    description: 'Whether each prediction is taken apart into what each column added (SHAP values)',
  }),
};

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
    explanations: z
      .array(rowExplanation)
      .optional()
      .meta({ description: 'With `?explain=true`: one a row, in the order of the predictions' }),
  })
  .meta({ id: 'PredictionAnswer' });

const defaultAnswer = z.looseObject({ ...predictionAnswer.shape }).meta({
  id: 'DefaultPredictionAnswer',
  description: 'For a bare row also `predicted_<target>` at the top level',
});

const responses = (schema: z.ZodType) => ({
  200: { description: 'One prediction a row, in order', schema },
  409: { description: 'An MLflow client registered this version: it has files, and no model to run here' },
  413: { description: 'Too many rows, or too many to explain, or too large a body' },
  422: { description: 'With `?explain=true`: a model that cannot be explained' },
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
    request: {
      query: z.object({ ...explainQuery, ...keyQuery }),
      headers: z.object(callerHeaders),
      body: predictBody,
    },
    responses: responses(defaultAnswer),
    handle: async (context) => {
      const { body, query, headers, request } = context;
      const result = await predictDefault(context, {
        body,
        key: keyOf(headers, query),
        probe: isProbe(headers),
        explain: query.explain === 'true',
      });
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
      query: z.object({ ...selectorQuery, ...explainQuery, ...keyQuery }),
      headers: z.object(callerHeaders),
      body: predictBody,
    },
    responses: responses(predictionAnswer),
    handle: async (context) => {
      const { params, query, headers, body, request } = context;
      const { explain, key, ...which } = query;
      const result = await predictLogged(context, {
        name: params.name,
        body,
        selector: selectorOfQuery(which),
        key: keyOf(headers, { key }),
        probe: isProbe(headers),
        explain: explain === 'true',
      });
      return { body: answerOf(result, request.requestId) };
    },
  }),
];

/** No default model, or one that nothing was registered under, is "not ready": the caller named nothing wrong. */
async function predictDefault(
  context: Parameters<typeof predictLogged>[0],
  asked: Omit<Asked, 'name'>,
): Promise<PredictionResult> {
  const name = context.deps.defaultModel;
  if (name === undefined) {
    throw new NotReadyError('no default model is configured', {
      remedy: 'Set ARBOLEDA_DEFAULT_MODEL, or use POST /models/NAME/predict.',
    });
  }
  try {
    return await predictLogged(context, { ...asked, name });
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    throw new NotReadyError(`the default model: ${error.message}`, {
      remedy: NOT_READY_REMEDY,
      cause: error,
    });
  }
}

export function answerOf(result: PredictionResult, requestId: string) {
  const { model, version, predictions, warnings, explanations } = result;
  return { model, version, requestId, predictions, warnings, ...(explanations && { explanations }) };
}
