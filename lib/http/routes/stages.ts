import * as z from 'zod';
import { NotFoundError, NotReadyError } from '../../errors/index.ts';
import { STEPS, type Step } from '../../pipeline/control/start-stage.ts';
import { accepted } from '../accepted.ts';
import type { ApiDeps } from '../deps.ts';
import { predictLogged } from '../predict-logged.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { idempotencyHeader, nameParam, startedRun } from '../schemas.ts';
import { answerOf, predictBody, predictionAnswer } from './predict.ts';

const route = routeFor<ApiDeps>();
const params = z.object({ name: nameParam });
const body = z
  .strictObject({
    force: z.boolean().optional().meta({ description: 'Run the stage though its inputs are unchanged' }),
  })
  .optional();

const responses = {
  202: {
    description: 'Started, or started before by the same key; Location holds the run',
    schema: startedRun,
  },
  409: {
    description:
      'MISSING_STAGE: what it needs was never made, or is older than what it was made from; `details.call` lists what to ' +
      'call. RUN_IN_PROGRESS: another run of this pipeline is active',
  },
};

const SUMMARIES: Record<Step, string> = {
  ingest: "Bring the pipeline's data in, as a run of its own",
  clean: 'Clean and split the data that was brought in last',
  train: 'Train every candidate on the data that was cleaned last, and evaluate them: the best is chosen',
  register: 'Register the model that was chosen last, and promote it where the gate of the pipeline allows',
};

/** The words that such systems had before, each a path of its own. */
const WORDS: readonly { word: string; step: Step }[] = [
  { word: 'download', step: 'ingest' },
  { word: 'clean', step: 'clean' },
  { word: 'train', step: 'train' },
];

const stepRoute = (id: string, path: string, step: Step, summary: string): Route<ApiDeps> =>
  route({
    id,
    method: 'POST',
    path,
    permission: 'operate',
    fn: 'api',
    tag: 'pipelines',
    summary,
    request: { params, headers: idempotencyHeader, body },
    responses,
    handle: async (context) => {
      const { deps, request, params, body } = context;
      const key = context.headers['idempotency-key'];
      const started = await deps.control.startStep(callerOf(context), params.name, step, {
        ...body,
        ...(key === undefined ? {} : { idempotencyKey: key }),
      });
      return accepted(request, started);
    },
  });

const titled = (word: string): string => `${word[0]?.toUpperCase()}${word.slice(1)}`;

/** Each stage by itself, and predictions by the pipeline's name. */
export const stageRoutes: Route<ApiDeps>[] = [
  ...STEPS.map((step) =>
    stepRoute(`run${titled(step)}`, `/pipelines/{name}/stages/${step}`, step, SUMMARIES[step]),
  ),
  ...WORDS.map(({ word, step }) =>
    stepRoute(word, `/pipelines/{name}/${word}`, step, `The same as \`stages/${step}\``),
  ),
  route({
    id: 'predictByPipeline',
    method: 'POST',
    path: '/pipelines/{name}/predict',
    permission: 'predict',
    fn: 'api',
    tag: 'pipelines',
    summary: "Predict with the pipeline's model that holds `production`; answered at once, and stored",
    request: { params, body: predictBody },
    responses: {
      200: { description: 'One prediction a row, in order', schema: predictionAnswer },
      409: { description: 'MISSING_STAGE: there is no model yet; `details.call` lists what to call' },
      413: { description: 'Too many rows, or too large a body' },
      503: { description: 'Every stage was run, and no version holds `production`' },
    },
    handle: async (context) => {
      const { deps, params, body, request } = context;
      const caller = callerOf(context);
      const { model } = await deps.control.describe(caller, params.name);
      try {
        const result = await predictLogged(context, { name: model, body });
        return { body: answerOf(result, request.requestId) };
      } catch (error) {
        if (!(error instanceof NotFoundError || error instanceof NotReadyError)) throw error;
        // Which stage is missing says more than that there is no model.
        await deps.control.requireModel(caller, params.name);
        throw new NotReadyError(`no version of model ${model} holds production`, {
          remedy: `Promote one: PUT /models/${encodeURIComponent(model)}/aliases/production.`,
          cause: error,
        });
      }
    },
  }),
];
