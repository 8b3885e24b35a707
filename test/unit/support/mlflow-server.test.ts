import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MlflowServer, startMlflowServer } from '../../support/mlflow/server.ts';

let server: MlflowServer;
beforeAll(async () => {
  server = await startMlflowServer();
});
afterAll(() => server.close());

describe('the API in memory', () => {
  it('answers by its own token, and by no other', async () => {
    const ask = async (token: string) =>
      (await fetch(`${server.url}/experiments`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect([await ask(server.token), await ask('another')]).toEqual([200, 401]);
  });

  it('answers the URLs that its store signs', async () => {
    const options = { seconds: 60, contentType: 'text/plain' };
    const put = await server.objects.presignPut('default/a b/ü.txt', options);
    expect((await fetch(put, { method: 'PUT', body: 'content' })).status).toBe(200);
    const get = await fetch(await server.objects.presignGet('default/a b/ü.txt', { seconds: 60 }));
    expect([get.status, await get.text()]).toEqual([200, 'content']);
    const none = await fetch(await server.objects.presignGet('default/none', { seconds: 60 }));
    expect([none.status, await none.text()]).toEqual([404, '<Error><Code>NoSuchKey</Code></Error>']);
  });
});
