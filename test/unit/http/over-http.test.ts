import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addVersion, promote } from './support/engine.ts';
import { type Served, serve } from './support/server.ts';
import { makeWorld, type World } from './support/world.ts';

/** The application behind a real socket: what a client library sends, and sees. */
let world: World;
let served: Served;
let base: string;
let token: string;

beforeAll(async () => {
  world = makeWorld();
  token = await world.token('operator');
  await promote(world, await addVersion(world, { base: 100 }));
  served = await serve(world);
  base = served.url;
});

afterAll(() => served.close());

const send = (path: string, init: RequestInit = {}) =>
  fetch(base + path, {
    redirect: 'manual',
    ...init,
    headers: { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) },
  });

describe('over HTTP', () => {
  it('predicts', async () => {
    const response = await send('/predict/', {
      method: 'POST',
      body: JSON.stringify({ area: 5 }),
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ predicted_price: 105, requestId: 'over-http' });
    expect(response.headers.get('x-request-id')).toBe('over-http');
  });

  it('answers HEAD, an unknown path, a wrong method and a form', async () => {
    expect((await send('/health', { method: 'HEAD' })).status).toBe(200);
    expect((await send('/nothing')).status).toBe(404);
    const wrong = await send('/runs', { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const form = await send('/predict', { method: 'POST', body: new URLSearchParams({ area: '5' }) });
    expect(form.status).toBe(415);
  });

  it('takes names with spaces and letters of any language', async () => {
    await promote(world, await addVersion(world, { name: 'Vivienda ñ 家' }), { name: 'Vivienda ñ 家' });
    const response = await send(`/models/${encodeURIComponent('Vivienda ñ 家')}`);
    expect(await response.json()).toMatchObject({ name: 'Vivienda ñ 家' });
  });

  it('serves many at once from one load of the model', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, area) => {
        const response = await send('/models/housing/predict', {
          method: 'POST',
          body: JSON.stringify({ area }),
          headers: { 'content-type': 'application/json' },
        });
        const { predictions } = (await response.json()) as { predictions: { prediction: number }[] };
        return predictions[0]?.prediction;
      }),
    );
    expect(answers).toEqual(Array.from({ length: 40 }, (_, area) => 100 + area));
  });
});
