/** What a stubbed service answers to one call. */
export interface Answer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** Thrown in place of an answer: a broken connection. */
  error?: Error;
}

export interface Sent {
  method: string;
  path: string;
  hostname: string;
  query: Record<string, unknown>;
  headers: Record<string, string>;
  /** The operation's short name for the JSON protocols. */
  target: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into requests of many shapes.
  body: any;
}

/** Configuration of an SDK client whose calls go to `answers` in turn (the last one repeats), and are kept in `sent`. */
export function fakeAws(...answers: Answer[]) {
  const sent: Sent[] = [];
  const handle = async (request: Record<string, unknown>) => {
    const headers = request.headers as Record<string, string>;
    const text = request.body === undefined ? '' : Buffer.from(request.body as Uint8Array).toString();
    sent.push({
      method: request.method as string,
      path: request.path as string,
      hostname: request.hostname as string,
      query: request.query as Record<string, unknown>,
      headers,
      target: (headers['x-amz-target'] ?? '').split('.').at(-1) ?? '',
      body: text.startsWith('{') ? JSON.parse(text) : text,
    });
    const answer = answers[Math.min(sent.length, answers.length) - 1] ?? {};
    if (answer.error) throw answer.error;
    const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {});
    const { Readable } = await import('node:stream');
    return {
      response: {
        statusCode: answer.status ?? 200,
        headers: { 'content-type': 'application/x-amz-json-1.0', ...answer.headers },
        body: Readable.from([Buffer.from(body)]),
      },
    };
  };
  const config = {
    region: 'eu-west-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
    maxAttempts: 1,
    requestHandler: { handle, metadata: { handlerProtocol: 'http/1.1' } } as never,
  };
  return { sent, config };
}

/** An error as the JSON protocols tell it. */
export function awsFailure(type: string, status = 400, more: object = {}): Answer {
  return { status, body: { __type: `com.amazonaws#${type}`, message: type, ...more } };
}
