import { ArboledaError, type ErrorBody } from '../../lib/errors/index.ts';
import { findTarget, type Target } from './target.ts';

/** The API's own error, with the code, status and remedy that it sent. */
export class ApiError extends ArboledaError {
  override readonly code: string;
  override readonly status: number;

  constructor(status: number, body: ErrorBody) {
    super(body.message, { remedy: body.remedy, field: body.field, details: body.details });
    this.code = body.code;
    this.status = status;
  }
}

/** Nothing answers at the API's address. */
export class UnreachableError extends ArboledaError {
  static override readonly code: string = 'UNREACHABLE';
  static override readonly remedy: string =
    'Check that the stack is up: `npx arboleda up` starts the local one (its data is kept); ARBOLEDA_API_URL names another.';
}

export type Query = Record<string, string | number | boolean | undefined>;

/** Says of a prediction that it tries a version, and is none of the model's traffic. */
export const PROBE = { 'arboleda-probe': 'true' } as const;

export interface RequestOptions {
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
  /** Statuses besides 2xx that are an answer, not an error. */
  accept?: readonly number[];
}

/** The HTTP API as the command line calls it. */
export class ApiClient {
  readonly target: Target;

  constructor(target: Target) {
    this.target = target;
  }

  get = <T>(path: string, query?: Query): Promise<T> => this.send<T>('GET', path, { query });
  post = <T>(path: string, body?: unknown, options: RequestOptions = {}): Promise<T> =>
    this.send<T>('POST', path, { ...options, body: body ?? {} });
  put = <T>(path: string, body: unknown): Promise<T> => this.send<T>('PUT', path, { body });
  delete = <T>(path: string): Promise<T> => this.send<T>('DELETE', path, {});

  /**
   * Where a route redirects to: a presigned URL, to be fetched without the token.
   * @throws ApiError, UnreachableError
   */
  async location(path: string): Promise<string> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.target.apiUrl + path, {
        headers: { authorization: `Bearer ${this.target.token}` },
        redirect: 'manual',
        signal: AbortSignal.timeout(60_000),
      });
      text = await response.text();
    } catch (cause) {
      throw new UnreachableError(`${this.target.apiUrl} does not answer (${reason(cause)})`, { cause });
    }
    const location = response.headers.get('location');
    if (response.status === 302 && location !== null) return new URL(location, response.url).href;
    throw new ApiError(response.status, errorOf(response.status, parse(text), text));
  }

  /** @throws ApiError with the API's code; UnreachableError. */
  async send<T>(method: string, path: string, options: RequestOptions): Promise<T> {
    const url = new URL(this.target.apiUrl + path);
    for (const [name, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        method,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${this.target.token}`,
          ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...options.headers,
        },
        body: options.body === undefined ? undefined : JSON.stringify(options.body),
        signal: AbortSignal.timeout(60_000),
      });
      text = await response.text();
    } catch (cause) {
      throw new UnreachableError(`${this.target.apiUrl} does not answer (${reason(cause)})`, { cause });
    }
    const body = parse(text);
    if (response.ok || options.accept?.includes(response.status)) return body as T;
    throw new ApiError(response.status, errorOf(response.status, body, text));
  }
}

/** A client of the stack that the options and the environment name. */
export const connect = async (stack?: string): Promise<ApiClient> => new ApiClient(await findTarget(stack));

/** A path with every part encoded. @example path`/models/${name}` */
export const path = (strings: TemplateStringsArray, ...values: (string | number)[]): string =>
  String.raw({ raw: strings }, ...values.map((value) => encodeURIComponent(value)));

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorOf(status: number, body: unknown, text: string): ErrorBody {
  const outer = body as { error?: Partial<ErrorBody> } & Partial<ErrorBody>;
  const inner = outer?.error ?? outer;
  if (inner && typeof inner.code === 'string' && typeof inner.message === 'string') {
    return {
      ...inner,
      code: inner.code,
      message: inner.message,
      remedy: inner.remedy ?? 'Read /docs of the API.',
    };
  }
  const seen = text.replace(/\s+/g, ' ').slice(0, 200) || 'an empty body';
  return {
    code: status === 403 || status === 401 ? 'UNAUTHENTICATED' : 'BAD_ANSWER',
    message: `the API answered ${status} with ${seen}`,
    remedy:
      'Check that the address is that of an Arboleda stack and that the stack is up (`npx arboleda up`).',
  };
}

function reason(cause: unknown): string {
  const inner = (cause as { cause?: { code?: string; message?: string } }).cause;
  return inner?.code ?? inner?.message ?? (cause as Error).message;
}
