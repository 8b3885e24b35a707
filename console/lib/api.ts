/** The API as the page calls it: the token in a header, never in an address. */

export type Query = Record<string, string | number | undefined>;

/** The API's own error, or what stands for one where no answer came. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly remedy: string | undefined;
  readonly field: string | undefined;

  /** @param body in our own form, or in MLflow's (`error_code`) */
  constructor(
    status: number,
    body: { code?: unknown; error_code?: unknown; message?: unknown; remedy?: unknown; field?: unknown },
  ) {
    super(typeof body.message === 'string' ? body.message : `the API answered ${status}`);
    this.status = status;
    const code = body.code ?? body.error_code;
    this.code = typeof code === 'string' ? code : 'BAD_ANSWER';
    this.remedy = typeof body.remedy === 'string' ? body.remedy : undefined;
    this.field = typeof body.field === 'string' ? body.field : undefined;
  }
}

export interface ApiOptions {
  /** Where the API's root is, without a slash at the end. */
  base: string;
  token: string;
  fetch?: typeof fetch;
  /** Told of every answer 401: the token is no longer good. */
  onUnauthorized?: () => void;
}

/** The address of the API's root, from that of the page: whatever stage prefix, with or without a last slash. */
export const baseOf = ({ origin, pathname }: { origin: string; pathname: string }): string =>
  origin + pathname.replace(/\/+$/, '');

/** A path with every part encoded. @example path`/models/${name}` */
export const path = (strings: TemplateStringsArray, ...values: (string | number)[]): string =>
  String.raw({ raw: strings }, ...values.map((value) => encodeURIComponent(value)));

/** One caller's view of the API. */
export class Api {
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  get = <T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> =>
    this.#send<T>('GET', path, query, undefined, signal);
  /** `signal` is for a POST that only reads, such as a search. */
  post = <T>(path: string, body: unknown, query: Query = {}, signal?: AbortSignal): Promise<T> =>
    this.#send<T>('POST', path, query, body, signal);

  /** A POST that is done once, however often it is sent: `key` is its Idempotency-Key. */
  postOnce = <T>(path: string, body: unknown, key: string): Promise<T> =>
    this.#send<T>('POST', path, {}, body, undefined, { 'idempotency-key': key });
  put = <T>(path: string, body: unknown, query: Query = {}): Promise<T> =>
    this.#send<T>('PUT', path, query, body);
  patch = <T>(path: string, body: unknown, query: Query = {}): Promise<T> =>
    this.#send<T>('PATCH', path, query, body);
  delete = <T>(path: string, query: Query = {}, body?: unknown): Promise<T> =>
    this.#send<T>('DELETE', path, query, body);

  /** @throws Problem; AbortError where `signal` says so */
  async #send<T>(
    method: string,
    path: string,
    query: Query,
    body: unknown,
    signal?: AbortSignal,
    more: Record<string, string> = {},
  ): Promise<T> {
    const { base, token, fetch: send = fetch } = this.#options;
    const url = new URL(base + path);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const headers: Record<string, string> = {
      accept: 'application/json',
      authorization: `Bearer ${token}`,
      ...more,
    };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const init: RequestInit = { method, headers, credentials: 'omit', cache: 'no-store', redirect: 'error' };
    if (body !== undefined) init.body = JSON.stringify(body);
    if (signal !== undefined) init.signal = signal;
    let response: Response;
    try {
      response = await send(url, init);
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Problem(0, {
        code: 'UNREACHABLE',
        message: 'The API does not answer.',
        remedy: 'Check that the stack is up and that you are online; then try again.',
      });
    }
    const answer = (await response.json().catch(() => ({}))) as T;
    if (response.status === 401) this.#options.onUnauthorized?.();
    if (!response.ok) throw new Problem(response.status, answer as object);
    return answer;
  }
}

/** A token as HTTP can carry it; what else was pasted would make every request fail without a reason. */
export const isToken = (text: string): boolean => /^[\x21-\x7e]{1,512}$/.test(text);

/** An Idempotency-Key of its own; `crypto.randomUUID` is not there on a plain http address. */
export const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
