import { beforeAll, describe, expect, it } from 'vitest';
import { makeRequest } from '../../../../lib/http/index.ts';
import { type WholeApi, wholeApi } from '../../../schemathesis/support/whole.ts';
import { CORPUS, type Hostile } from './corpus.ts';

/** Inputs made to hurt, sent by an admin to the API as it is deployed: each is refused by name, and nothing was written. */
let api: WholeApi;
let run = '';

beforeAll(async () => {
  api = await wholeApi();
  const { items } = await api.deps.runs.list('default', { limit: 1 });
  run = items[0]?.runId ?? '';
  expect(run).toMatch(/^[0-9a-f]{32}$/);
}, 120_000);

const send = async ({ method, path, query = {}, headers = {}, body }: Omit<Hostile, 'name' | 'status'>) => {
  const bytes =
    body === undefined || typeof body === 'string' || body instanceof Uint8Array
      ? body
      : JSON.stringify(body);
  const answer = await api.app.handle(
    makeRequest({
      method,
      path: path.replaceAll('RUN', run),
      query,
      headers: { authorization: `Bearer ${api.admin}`, ...headers },
      body: typeof bytes === 'string' ? bytes.replaceAll('"RUN"', `"${run}"`) : bytes,
      requestId: 'hostile-request',
    }),
  );
  return { ...answer, text: Buffer.from(answer.body).toString('utf8') };
};

/** All that is stored: items with their contents, objects by key and hash of the bytes. */
const held = async (): Promise<string> => {
  const objects = await Promise.all(
    api.objects.keys().map(async (key) => [key, (await api.objects.head(key))?.etag]),
  );
  return JSON.stringify([api.items.dump(), objects]);
};

it('has at least 200 inputs, each once', () => {
  expect(new Set(CORPUS.map(({ name }) => name)).size).toBe(CORPUS.length);
  expect(CORPUS.length).toBeGreaterThanOrEqual(200);
  console.log(`hostile inputs: ${CORPUS.length}`);
});

describe('is refused, and nothing was written', () => {
  it.each(CORPUS.map((hostile) => [hostile.name, hostile] as const))('%s', async (_, hostile) => {
    const before = await held();
    const { status, headers, text } = await send(hostile);
    expect(`${status} ${text.slice(0, 300)}`).toMatch(new RegExp(`^${hostile.status} `));
    expect(await held()).toBe(before);
    expect(api.errors).toEqual([]);
    // In the form of an error, and with nothing of the inside: no stack, no path of this machine, no bucket.
    expect(headers['content-type']).toMatch(/^(application\/json|text\/plain)/);
    expect(text).not.toMatch(/node_modules|\.ts:\d|\bat \w+ \(/);
    expect(Object.keys(headers)).not.toContain('x-injected');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
