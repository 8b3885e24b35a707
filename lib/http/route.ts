import type { z } from 'zod';
import type { Principal } from '../tracking/types.ts';
import type { HttpRequest } from './message.ts';
import type { Permission } from './permissions.ts';

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

/** Forms of errors other than our own. */
export type Dialect = 'mlflow';

/** What a handler gives back: an object becomes JSON; a string or bytes need a content type. */
export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** One possible answer, for the OpenAPI document and for the tests that hold handlers to it. */
export interface ResponseSpec {
  description: string;
  schema?: z.ZodType;
  /** Default `application/json` where there is a schema. */
  contentType?: string;
}

/** The zod schemas of a request. Absent parts take nothing: an unknown query parameter is a 400. */
export interface RequestSpec {
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: z.ZodType;
}

/** What a handler is given: parsed values only, and the dependencies of its application. */
export interface Context<D, P = unknown, Q = unknown, H = unknown, B = unknown> {
  deps: D;
  request: HttpRequest;
  params: P;
  query: Q;
  headers: H;
  body: B;
  /** Never undefined behind a permission other than `public`. */
  principal: Principal | undefined;
}

/** One line of the route table. Router, OpenAPI, access decision and authorization matrix derive from it. */
export interface Route<D = never> {
  /** The operation's name: unique, camelCase. */
  id: string;
  method: Method;
  /** `/runs/{id}`; a last `{path+}` takes the rest, slashes included. */
  path: string;
  permission: Permission;
  /** The function that the gateway sends it to; `api` holds every route. */
  fn: 'api' | 'predict';
  tag: string;
  summary: string;
  request: RequestSpec;
  /** Whose form and words its errors have; absent: our own. */
  dialect?: Dialect;
  /**
   * Reads the request in place of the schemas, which then only document it; the handler gets the result as its body, and
   * the path's parameters as texts. Throws what the caller is to see.
   */
  read?(request: HttpRequest): unknown;
  responses: Record<number, ResponseSpec>;
  handle(context: Context<D>): Promise<Reply> | Reply;
}

type Out<S> = S extends z.ZodType ? z.output<S> : undefined;

/** A route as it is written: the handler sees the types that its schemas parse to. */
export interface RouteDefinition<
  D,
  P extends z.ZodObject | undefined,
  Q extends z.ZodObject | undefined,
  H extends z.ZodObject | undefined,
  B extends z.ZodType | undefined,
> extends Omit<Route<D>, 'request' | 'handle'> {
  request?: { params?: P; query?: Q; headers?: H; body?: B };
  handle(context: Context<D, Out<P>, Out<Q>, Out<H>, Out<B>>): Promise<Reply> | Reply;
}

/**
 * Makes a typed constructor of routes for handlers that need `D`.
 *
 * @example
 * const route = routeFor<{ greeting: string }>();
 * route({ id: 'hello', method: 'GET', path: '/hello', ..., handle: ({ deps }) => ({ body: { text: deps.greeting } }) });
 */
export const routeFor =
  <D>() =>
  <
    P extends z.ZodObject | undefined = undefined,
    Q extends z.ZodObject | undefined = undefined,
    H extends z.ZodObject | undefined = undefined,
    B extends z.ZodType | undefined = undefined,
  >(
    definition: RouteDefinition<D, P, Q, H, B>,
  ): Route<D> => {
    const { request, handle, ...rest } = definition;
    // The cast forgets the parsed types on purpose: the table is uniform, and validation runs before every handler.
    return {
      ...rest,
      request: { ...request } as RequestSpec,
      handle: handle as unknown as Route<D>['handle'],
    };
  };

/** The caller, for handlers behind a permission. The authentication middleware has seen to it that there is one. */
export function callerOf(context: { principal: Principal | undefined }): Principal {
  if (context.principal === undefined) throw new Error('a protected route ran without a principal');
  return context.principal;
}
