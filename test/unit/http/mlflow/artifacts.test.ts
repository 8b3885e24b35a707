import { beforeEach, describe, expect, it } from 'vitest';
import { fromGatewayEvent } from '../../../../lib/http/gateway.ts';
import { makeWorld, type World } from '../support/world.ts';

const FILES = '/api/2.0/mlflow-artifacts/artifacts';
const MPU = '/api/2.0/mlflow-artifacts/mpu';

describe("artifacts by MLflow's paths", () => {
  let world: World;
  let token: string;
  beforeEach(async () => {
    world = makeWorld();
    token = (await world.tokens.create('default', { role: 'contributor', name: 'c' })).token;
  });
  const handle = (event: object) =>
    world.app.handle(fromGatewayEvent({ headers: { authorization: `Bearer ${token}` }, ...event }));
  const put = (path: string, body: Uint8Array) =>
    handle({
      httpMethod: 'PUT',
      path: `${FILES}/${path}`,
      body: Buffer.from(body).toString('base64'),
      isBase64Encoded: true,
    });
  const json = (path: string, body: object) =>
    handle({
      httpMethod: 'POST',
      path,
      // As a gateway with the binary type */* hands on every body.
      body: Buffer.from(JSON.stringify(body)).toString('base64'),
      isBase64Encoded: true,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
  const get = (path: string, query = {}) => handle({ httpMethod: 'GET', path, queryStringParameters: query });

  it('keeps every byte, and gives it by redirection', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect((await put('1/x.bin', bytes)).status).toBe(200);
    expect([...(await world.objects.get('default/artifacts/1/x.bin'))]).toEqual([...bytes]);
    const answer = await get(`${FILES}/1/x.bin`);
    expect(answer.status).toBe(302);
    expect(new URL(answer.headers.location ?? '').pathname).toBe('/default/artifacts/1/x.bin');
    const listed = await get(FILES, { path: '1' });
    expect(JSON.parse(String(listed.body))).toEqual({
      files: [{ path: 'x.bin', is_dir: false, file_size: 256 }],
    });
    const presigned = JSON.parse(String((await get('/api/2.0/mlflow-artifacts/presigned/1/x.bin')).body));
    expect(presigned).toMatchObject({ headers: {}, file_size: 256 });
  });

  it('leaves neither the token, by whichever way it came, nor a link in the log', async () => {
    await put('1/secret.bin', Uint8Array.of(1));
    const basic = Buffer.from(`user:${token}`).toString('base64');
    const asked = {
      httpMethod: 'GET',
      path: `${FILES}/1/secret.bin`,
      headers: { authorization: `Basic ${basic}` },
    };
    expect((await handle(asked)).status).toBe(302);
    const opened = await json(`${MPU}/create/1`, { path: 'big.bin', num_parts: 2 });
    const { credentials, upload_id: uploadId } = JSON.parse(String(opened.body));
    expect(credentials).toHaveLength(2);
    expect(world.lines.length).toBeGreaterThan(0);
    for (const secret of [token, basic, 'https:', uploadId]) expect(world.logText()).not.toContain(secret);
  });

  it("answers what is not there, and paths that leave, in MLflow's words", async () => {
    const none = await get(`${FILES}/1/none`);
    expect([none.status, JSON.parse(String(none.body))]).toEqual([
      404,
      { error_code: 'RESOURCE_DOES_NOT_EXIST', message: "No such artifact: '1/none'" },
    ]);
    for (const path of ['..%2fx', '%252e%252e/x', '../x', '..%5cx', '%2fetc', 'a/%00']) {
      const answer = await put(path, Uint8Array.of(1));
      expect([answer.status, JSON.parse(String(answer.body)).message], path).toEqual([400, 'Invalid path']);
    }
    expect(world.objects.keys()).toEqual([]);
  });

  it('refuses what the gateway of AWS would not pass, and says what to set', async () => {
    expect((await put('fits', new Uint8Array(4_500_000))).status).toBe(200);
    for (const [size, setting] of [
      [4_500_001, '4194304'],
      [10_000_000, '5242880'],
    ] as const) {
      const answer = await put('large', new Uint8Array(size));
      expect(answer.status).toBe(413);
      const { message } = JSON.parse(String(answer.body));
      expect(message).toContain(`MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE=${setting}`);
    }
    expect(world.objects.keys()).toEqual(['default/artifacts/fits']);
  });

  it('takes a file in parts, where every body comes as base64', async () => {
    const opened = await json(`${MPU}/create/1/a`, { path: '/tmp/big.bin', num_parts: '2' });
    const { upload_id, credentials } = JSON.parse(String(opened.body));
    expect(credentials.map((one: { part_number: number }) => one.part_number)).toEqual([1, 2]);
    const key = 'default/artifacts/1/a/big.bin';
    const parts = ['abcd', 'e'].map((text, i) => ({
      part_number: i + 1,
      etag: world.uploads.putPart(key, upload_id, i + 1, Buffer.from(text)),
      url: credentials[i].url,
    }));
    const done = await json(`${MPU}/complete/1/a`, { path: '/tmp/big.bin', upload_id, parts });
    expect([done.status, String(done.body)]).toEqual([200, '{}']);
    expect(Buffer.from(await world.objects.get(key)).toString()).toBe('abcde');
    const missing = await json(`${MPU}/complete/1/a`, { path: '/tmp/big.bin', upload_id });
    expect([missing.status, JSON.parse(String(missing.body)).error_code]).toEqual([
      400,
      'INVALID_PARAMETER_VALUE',
    ]);
    expect((await json(`${MPU}/abort/1/a`, { path: '/tmp/big.bin', upload_id })).status).toBe(200);
  });
});
