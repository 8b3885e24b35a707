import * as z from 'zod';
import type { Principal } from '../../tracking/types.ts';
import type { ApiDeps } from '../deps.ts';
import type { HttpRequest } from '../message.ts';
import type { Permission } from '../permissions.ts';
import { callerOf, type Method, type Reply, type Route } from '../route.ts';
import { type Input, type Shape, zodOf } from './fields.ts';
import { mlflowJson } from './json.ts';
import { readInput } from './request.ts';

/** What a handler of MLflow's protocol is given. */
export interface MlflowContext<D, S extends Shape> {
  deps: D;
  /** The request's fields; what was not sent is undefined, or an empty list. */
  input: Input<S>;
  /** The path's parameters, decoded. */
  params: Record<string, string>;
  workspace: string;
  principal: Principal;
  request: HttpRequest;
}

/** An answer that is not 200 with a JSON body: a redirect, a file. */
export class MlflowReply {
  readonly reply: Reply;

  constructor(reply: Reply) {
    this.reply = reply;
  }
}

/** A route of MLflow's protocol as it is written. */
export interface MlflowRouteDefinition<D, S extends Shape> {
  /** Unique in the whole table: begin it with `mlflow`. */
  id: string;
  method: Method;
  path: string;
  permission: Permission;
  /** Default `api`. */
  fn?: 'api' | 'predict';
  summary: string;
  /** In the order in which MLflow's server asserts them. Absent: the handler reads the request itself. */
  fields?: S;
  /** Default: 200 with a JSON object. */
  responses?: Route['responses'];
  /** What becomes the JSON body: names in snake_case, undefined left out, NaN as text. */
  handle(context: MlflowContext<D, S>): Promise<object> | object;
}

/**
 * Makes a typed constructor of MLflow's routes for handlers that need `D`; `mlflowRoute` is the one of the whole table.
 *
 * @example
 * mlflowRoute({
 *   id: 'mlflowGetExperiment', method: 'GET', path: '/api/2.0/mlflow/experiments/get', permission: 'read', summary: '...',
 *   fields: { experiment_id: string('required', 'string') },
 *   handle: async ({ deps, workspace, input }) => ({ experiment: await ...(workspace, input.experiment_id) }),
 * });
 */
export const mlflowRouteFor =
  <D>() =>
  <S extends Shape = Record<never, never>>(definition: MlflowRouteDefinition<D, S>): Route<D> => {
    const { fields, handle, fn = 'api', ...rest } = definition;
    const names = [...rest.path.matchAll(/\{(\w+)\+?\}/g)].map((found) => found[1] as string);
    const part = rest.method === 'GET' ? 'query' : 'body';
    const shape = fields === undefined ? undefined : zodOf(fields, part);
    // No body is an empty one, as MLflow's server has it: where nothing in it is required, it is not either, unless the
    // type of the content must be said (request.ts).
    const typed = rest.method === 'POST' || rest.method === 'PUT';
    const mayLack = part === 'body' && !typed && shape?.safeParse({}).success === true;
    const documented = mayLack ? shape.optional() : shape;
    return {
      ...rest,
      fn,
      tag: 'mlflow',
      dialect: 'mlflow',
      request: {
        ...(names.length === 0
          ? {}
          : { params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) }),
        ...(documented === undefined ? {} : { [part]: documented }),
      },
      responses: rest.responses ?? {
        200: { description: "As MLflow's REST API has it", schema: z.looseObject({}) },
      },
      read: (request) => (fields === undefined ? {} : readInput(fields, request)),
      handle: async (context) => {
        const principal = callerOf(context);
        const answer = await handle({
          deps: context.deps,
          input: context.body as Input<S>,
          params: context.params as Record<string, string>,
          workspace: principal.workspace,
          principal,
          request: context.request,
        });
        if (answer instanceof MlflowReply) return answer.reply;
        return { body: mlflowJson(answer), headers: { 'content-type': 'application/json' } };
      },
    };
  };

/** The constructor for routes of the api function. */
export const mlflowRoute = mlflowRouteFor<ApiDeps>();
