import type { MiddlewareObj } from '@middy/core';
import type { z } from 'zod';
import { InvalidInputError } from '../../errors/index.ts';
import { bodyTooLarge } from '../body-limit.ts';
import { InvalidJsonError, UnsupportedMediaTypeError } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import { parseJson } from '../json.ts';
import { MAX_BODY_BYTES } from '../limits.ts';
import type { HttpRequest, HttpResponse } from '../message.ts';

/** Parses every part of the request by the route's schemas before the handler runs: a handler sees only what is right. */
export function validation<D>(): MiddlewareObj<Exchange<D>, HttpResponse> {
  return {
    before: (step) => {
      const exchange = step.event;
      const { request, match } = exchange;
      if (match === undefined) throw new Error('validation ran before routing');
      const spec = match.route.request;
      if (request.body.length > MAX_BODY_BYTES) throw bodyTooLarge(request, request.body.length);
      if (match.route.read !== undefined) {
        exchange.params = match.params;
        exchange.body = match.route.read(request);
        return;
      }
      exchange.params =
        spec.params === undefined ? match.params : check(spec.params, { ...match.params }, '');
      exchange.query = checkQuery(spec.query, request.query);
      exchange.headers =
        spec.headers === undefined ? undefined : check(spec.headers, { ...request.headers }, '');
      exchange.body =
        spec.body === undefined ? undefined : check(spec.body, readBody(request, spec.body), '');
    },
  };
}

/** A parameter that no schema names is refused: `?alais=staging` must not quietly serve production. */
function checkQuery(schema: z.ZodObject | undefined, query: Record<string, string[]>): unknown {
  const shape = schema?.shape ?? {};
  const flat: Record<string, unknown> = {};
  for (const [name, values] of Object.entries(query)) {
    if (!Object.hasOwn(shape, name)) {
      const known = Object.keys(shape).join(', ') || 'none';
      throw new InvalidInputError(`unknown query parameter "${name.slice(0, 100)}"; known: ${known}`, {
        field: name.slice(0, 100),
      });
    }
    if (values.length !== 1) {
      throw new InvalidInputError(`query parameter "${name}" is given ${values.length} times`, {
        field: name,
      });
    }
    flat[name] = values[0];
  }
  return schema === undefined ? undefined : check(schema, flat, '');
}

function readBody(request: HttpRequest, schema: z.ZodType): unknown {
  if (request.body.length === 0) {
    // A schema that takes undefined describes an optional body.
    if (schema.safeParse(undefined).success) return undefined;
    throw new InvalidJsonError('this route needs a JSON body', { field: 'body' });
  }
  const type = request.headers['content-type'];
  if (type !== undefined && !/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type.trim())) {
    throw new UnsupportedMediaTypeError(`the body's type is ${type.slice(0, 100)}, not JSON`, {
      field: 'content-type',
    });
  }
  return parseJson(request.body);
}

/** Parses, or throws the first issue as an InvalidInputError whose field is a path such as `rows[3].area`. */
function check(schema: z.ZodType, value: unknown, prefix: string): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, 10).map((issue) => ({
    field: fieldPath(prefix, issue.path, issue),
    message: issue.message,
  }));
  const [first] = issues as [{ field: string; message: string }];
  const more = parsed.error.issues.length > 1 ? { details: { issues } } : {};
  throw new InvalidInputError(`${first.field}: ${first.message}`, { field: first.field, ...more });
}

function fieldPath(prefix: string, path: readonly PropertyKey[], issue: z.core.$ZodIssue): string {
  const whole = issue.code === 'unrecognized_keys' ? [...path, issue.keys[0] ?? ''] : path;
  let text = prefix;
  for (const part of whole) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? String(part) : `.${String(part)}`;
  }
  return text === '' ? 'body' : text;
}
