import * as z from 'zod';
import { InvalidInputError, NotFoundError, NotReadyError } from '../../errors/index.ts';
import {
  checkHealth,
  inputColumns,
  NOT_READY_REMEDY,
  type ServableModel,
  TooManyRowsError,
} from '../../serving/index.ts';
import { type InvocationType, invocationRows, invocationType } from '../../serving/invocations/index.ts';
import { DEFAULT_LIMITS } from '../../serving/types.ts';
import { PUBLIC_WORKSPACE, type ServingDeps } from '../deps.ts';
import { parseJson } from '../json.ts';
import type { HttpRequest } from '../message.ts';
import { type Asked, callerHeaders, isProbe, keyOf, keyQuery, predictLogged } from '../predict-logged.ts';
import { nameParam } from '../prediction-schemas.ts';
import { type Context, type Reply, type Route, routeFor } from '../route.ts';
import { selectorOfQuery, selectorQuery } from '../selector-query.ts';

const route = routeFor<ServingDeps>();

const rowsBody = z
  .union([
    z.object({
      dataframe_split: z.object({
        columns: z.array(z.string()).optional(),
        index: z.array(z.unknown()).optional(),
        data: z.array(z.array(z.unknown())),
      }),
    }),
    z.object({ dataframe_records: z.array(z.record(z.string(), z.unknown())) }),
    z.object({ instances: z.array(z.unknown()) }),
    z.object({ inputs: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]) }),
  ])
  .meta({
    id: 'InvocationRequest',
    description: "Rows by MLflow's scoring protocol; or CSV with a header, as text/csv",
    examples: [{ dataframe_split: { columns: ['area', 'rooms'], data: [[120, 6]] } }],
  });

const predictions = z
  .object({ predictions: z.array(z.union([z.string(), z.number()])) })
  .meta({ id: 'InvocationAnswer' });

const responses = {
  200: { description: 'A class or a number for each row, in order', schema: predictions },
  409: { description: 'An MLflow client registered this version: it has files, and no model to run here' },
  413: { description: 'Too many rows, or too large a body' },
  415: { description: 'Neither JSON nor CSV', contentType: 'text/plain; charset=utf-8' },
  503: { description: 'No version of this model is promoted yet' },
};

/** How MLflow's server says of its model that it is there. */
const PING = '\n';

/**
 * Serving by MLflow's contract, so that what was written against `mlflow models serve` or a SageMaker endpoint runs here.
 * Errors have MLflow's form; the predictions are logged as those of POST /predict are.
 */
export const invocationRoutes: Route<ServingDeps>[] = [
  route({
    id: 'ping',
    method: 'GET',
    path: '/ping',
    permission: 'public',
    fn: 'predict',
    tag: 'serving',
    summary: "Whether the default model is there, in the answer of MLflow's and SageMaker's servers",
    responses: {
      200: { description: 'The default model is loaded', contentType: 'text/plain; charset=utf-8' },
      404: { description: 'There is no model to serve yet', contentType: 'text/plain; charset=utf-8' },
    },
    handle: async ({ deps }) => {
      const { status } = await checkHealth(deps.serving, PUBLIC_WORKSPACE, deps.defaultModel);
      return {
        status: status === 'ok' ? 200 : 404,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: PING,
      };
    },
  }),
  route({
    id: 'invocationsDefault',
    method: 'POST',
    path: '/invocations',
    permission: 'predict',
    fn: 'predict',
    tag: 'serving',
    summary: "Predict with the default model, by MLflow's scoring protocol",
    request: { query: z.object(keyQuery), headers: z.object(callerHeaders), body: rowsBody },
    dialect: 'mlflow',
    read: (request) => request,
    responses,
    handle: async (context) => {
      const name = context.deps.defaultModel;
      if (name === undefined) {
        throw new NotReadyError('no default model is configured', {
          remedy: 'Set ARBOLEDA_DEFAULT_MODEL, or use POST /models/NAME/invocations.',
        });
      }
      return invoke(context, name, askedIn(context.request, keyQuery)).catch((error: unknown) => {
        // The caller named nothing that could be wrong.
        if (!(error instanceof NotFoundError)) throw error;
        throw new NotReadyError(`the default model: ${error.message}`, {
          remedy: NOT_READY_REMEDY,
          cause: error,
        });
      });
    },
  }),
  route({
    id: 'invocations',
    method: 'POST',
    path: '/models/{name}/invocations',
    permission: 'predict',
    fn: 'predict',
    tag: 'serving',
    summary: "Predict with a registered model, by MLflow's scoring protocol",
    request: {
      params: z.object({ name: nameParam }),
      query: z.object({ ...selectorQuery, ...keyQuery }),
      headers: z.object(callerHeaders),
      body: rowsBody,
    },
    dialect: 'mlflow',
    read: (request) => request,
    responses,
    handle: async (context) => invoke(context, context.params.name, askedIn(context.request, wholeQuery)),
  }),
];

async function invoke(
  context: Pick<Context<ServingDeps>, 'deps' | 'request' | 'principal'>,
  name: string,
  asked: Pick<Asked, 'selector' | 'key' | 'probe'>,
): Promise<Reply> {
  const { request } = context;
  const found = invocationType(request.headers['content-type']);
  if ('refused' in found) {
    return { status: 415, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: found.refused };
  }
  const body = (model: ServableModel) => rowsFor(model, request, found.type);
  const { predictions } = await predictLogged(context, { name, body, ...asked });
  return { body: { predictions: predictions.map(({ prediction }) => prediction) } };
}

/** The request's rows as the model's columns: which these are, only the model can say. */
function rowsFor(
  { manifest }: ServableModel,
  request: HttpRequest,
  type: InvocationType,
): Record<string, unknown>[] {
  const { rowSchema, target, preprocessing } = manifest;
  const columns = inputColumns({ rowSchema, target, ...(preprocessing && { input: preprocessing.input }) });
  const rows = invocationRows(request.body, type, columns, parseJson);
  const limit = DEFAULT_LIMITS.maxRows;
  if (rows.length <= limit) return rows;
  throw new TooManyRowsError(`${rows.length} rows in one request; ${limit} are taken`, {
    field: 'body',
    details: { rows: rows.length, limit },
  });
}

const wholeQuery = { ...selectorQuery, ...keyQuery };

/** What query and header say of the version and the caller: the body is read here, and so are they. @throws InvalidInputError */
function askedIn(
  { query, headers }: HttpRequest,
  known: typeof wholeQuery | typeof keyQuery,
): Pick<Asked, 'selector' | 'key' | 'probe'> {
  const flat = Object.fromEntries(Object.entries(query).map(([name, values]) => [name, values.join(',')]));
  const { key, ...which } = checked(z.strictObject(known), flat, 'query parameter') as z.output<
    z.ZodObject<typeof wholeQuery>
  >;
  const sent = checked(z.object(callerHeaders), headers, 'header');
  return { selector: selectorOfQuery(which), key: keyOf(sent, { key }), probe: isProbe(sent) };
}

function checked<S extends z.ZodObject>(schema: S, given: Record<string, string>, what: string): z.output<S> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = String(issue?.path[0] ?? Object.keys(given)[0]);
  throw new InvalidInputError(`${what} ${field}: ${issue?.message}`, { field });
}
