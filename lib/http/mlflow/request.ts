import { checkDepth } from '../json.ts';
import { MAX_JSON_DEPTH } from '../limits.ts';
import type { HttpRequest } from '../message.ts';
import { invalidParameter } from './errors.ts';
import type { Check, CustomCheck, Field, Input, Shape } from './fields.ts';
import { PyFloat, parsePython, pyJson, pyType } from './python.ts';
import { camelCase, readMessage } from './values.ts';

const SEE_DOCS = ' See the API docs for more information about request parameters.';

type Json = Record<string, unknown>;

/**
 * Reads a request the way MLflow's server does: a GET's query, else a JSON body; unknown fields are ignored. Wrong input
 * is refused in its words. Two of its habits are not followed: a value of the wrong type that no assertion names is
 * refused too, where MLflow drops it and every field after it in silence; and a body that is no JSON object is refused with 400,
 * where MLflow answers 500.
 *
 * @throws MlflowError INVALID_PARAMETER_VALUE
 */
export function readInput<S extends Shape>(shape: S, request: HttpRequest): Input<S> {
  const fromQuery = request.method === 'GET' && Object.keys(request.query).length > 0;
  const text = fromQuery ? '' : bodyText(request);
  const body = fromQuery ? undefined : bodyValue(text);
  const sent = fromQuery ? queryObject(shape, request.query) : isObject(body) ? body : {};
  refuseTwoSpellings(shape, sent);
  const wrong = new Set<string>();
  const input = readMessage(shape, sent, (name) => wrong.add(name));
  /** Messages quote numbers as they were sent, which JSON.parse forgets. */
  const quotable = (): Json => (fromQuery ? sent : bodyObject(text, parsePython));
  assertFields(shape, sent, wrong, quotable);
  for (const name of wrong) {
    const raw = quotable();
    throw invalidParameter(invalidValue(name, raw[name] ?? raw[camelCase(name)]) + SEE_DOCS);
  }
  // After the assertions, whose words come first where a field is required.
  if (text.trim() !== '' && !isObject(body))
    throw invalidParameter('Bad Request. The body must be a JSON object.');
  return input as Input<S>;
}

/** `Invalid value 5 for parameter 'name' supplied:  Hint: Value was of type 'int'.` */
export function invalidValue(name: string, value: unknown): string {
  const type = pyType(value);
  return `Invalid value ${pyJson(value)} for parameter '${name}' supplied:  Hint: Value was of type '${type}'.`;
}

/** MLflow's assertions, in the order in which the fields are written down. Types were judged already: `wrong` says whose. */
function assertFields(shape: Shape, sent: Json, wrong: ReadonlySet<string>, quotable: () => Json): void {
  for (const [name, field] of Object.entries(shape)) {
    const isRequired = field.checks.includes('required');
    if (!Object.hasOwn(sent, name) && !isRequired) continue;
    const alias = name === 'run_id' && (sent.run_id ?? undefined) === undefined ? 'run_uuid' : name;
    for (const check of field.checks) {
      // As in MLflow, a wrong type anywhere makes it judge the types of all.
      if (TYPE_CHECKS.has(check) && wrong.size === 0) continue;
      if (holds(check, sent[alias])) continue;
      if (check === 'required') {
        throw invalidParameter(`Missing value for required parameter '${name}'.${SEE_DOCS}`);
      }
      const message =
        (typeof check === 'object' ? said(check, sent[alias]) : undefined) ??
        invalidValue(name, quotable()[alias]);
      throw invalidParameter(message + SEE_DOCS);
    }
  }
}

const said = ({ message }: CustomCheck, value: unknown): string | undefined =>
  typeof message === 'function' ? message(value) : message;

const TYPE_CHECKS: ReadonlySet<Check> = new Set<Check>(['string', 'int', 'float', 'bool', 'array']);

function holds(check: Check, value: unknown): boolean {
  switch (check) {
    case 'required':
      return value !== undefined && value !== null && value !== '';
    case 'string':
      return typeof value === 'string';
    case 'int':
      return typeof value === 'number' || typeof value === 'boolean' || isNumeral(value, /^\s*[+-]?\d+\s*$/);
    case 'float':
      return typeof value === 'number' || typeof value === 'boolean' || isNumeral(value, FLOAT);
    case 'bool':
      return typeof value === 'boolean';
    case 'array':
      return Array.isArray(value);
    case 'dict':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'keys':
      return Array.isArray(value) && value.every((entry) => holds('required', (entry as Json | null)?.key));
    default:
      return quietly(() => check.holds(value));
  }
}

const FLOAT = /^\s*[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|inf(inity)?|nan)\s*$/i;
const isNumeral = (value: unknown, pattern: RegExp): boolean =>
  typeof value === 'string' && pattern.test(value);

function quietly(test: () => boolean): boolean {
  try {
    return test();
  } catch {
    return false;
  }
}

/** Only the names of the .proto count in a query. */
function queryObject(shape: Shape, query: Record<string, string[]>): Json {
  const sent: Json = {};
  for (const [name, field] of Object.entries(shape)) {
    const values = query[name];
    if (values === undefined) continue;
    sent[name] = field.repeated ? values : fromText(field, values[0] ?? '');
  }
  return sent;
}

function fromText(field: Field<unknown, boolean>, text: string): unknown {
  if (field.type !== 'bool') return text;
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  throw invalidParameter(`Invalid boolean value: ${text}, must be 'true' or 'false'.`);
}

/** @throws MlflowError where a POST or PUT does not say that it is JSON, or nests too deep */
function bodyText(request: HttpRequest): string {
  if (request.method === 'POST' || request.method === 'PUT') {
    const type = request.headers['content-type'];
    if (type === undefined || type === '') {
      throw invalidParameter('Bad Request. Content-Type header is missing.');
    }
    if (type.split(';')[0] !== 'application/json') {
      throw invalidParameter("Bad Request. Content-Type must be one of ['application/json'].");
    }
  }
  checkDepth(request.body, MAX_JSON_DEPTH);
  return Buffer.from(request.body).toString('utf8');
}

/** What is not JSON, or no object, is an empty one. */
function bodyObject(text: string, parse?: (text: string) => unknown): Json {
  const value = bodyValue(text, parse);
  return isObject(value) ? value : {};
}

/** Old clients encode the object twice. */
function bodyValue(text: string, parse: (text: string) => unknown = JSON.parse): unknown {
  const once = parseLoosely(text, parse);
  return typeof once === 'string' ? parseLoosely(once, parse) : once;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof PyFloat);

/** Python writes NaN and infinities bare, which is not JSON; protobuf's JSON has them as text. */
function parseLoosely(text: string, parse: (text: string) => unknown): unknown {
  if (text.trim() === '') return undefined;
  try {
    return parse(text);
  } catch {
    const quoted = text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:Infinity|NaN)\b/g, (part) =>
      part.startsWith('"') ? part : `"${part}"`,
    );
    try {
      return parse(quoted);
    } catch {
      return undefined;
    }
  }
}

/** One field under both its spellings is ambiguous: refused, in messages below too. */
function refuseTwoSpellings(shape: Shape, sent: unknown): void {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) return;
  for (const [name, field] of Object.entries(shape)) {
    const other = camelCase(name);
    if (other !== name && Object.hasOwn(sent, name) && Object.hasOwn(sent, other)) {
      throw invalidParameter(`Request specifies both '${name}' and '${other}'; provide only one of them.`);
    }
    if (field.shape === undefined) continue;
    const value = (sent as Json)[name] ?? (sent as Json)[other];
    for (const item of Array.isArray(value) ? value : [value]) refuseTwoSpellings(field.shape, item);
  }
}
