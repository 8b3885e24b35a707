import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { newToken, type RawAnswer, raw } from './api.ts';

const API = '/api/2.0/mlflow';
const FILES = '/api/2.0/mlflow-artifacts';

/**
 * MLflow's protocol through a gateway, in a workspace of its own: what differs from one gateway, table or bucket to the next (bytes
 * both ways, statuses, redirections, transactions that race). The protocol itself is held to the real client in test/conformance.
 */
export function mlflowThroughTheGateway(): void {
  let token: string;
  let experiment: string;
  let runId: string;

  const call = (method: string, path: string, body?: unknown): Promise<RawAnswer> =>
    raw(method, path, { token, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const post = async (path: string, body: unknown) => {
    const answer = await call('POST', `${API}/${path}`, body);
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.text}`);
    return answer.body;
  };
  const newRun = async () =>
    (await post('runs/create', { experiment_id: experiment, start_time: Date.now() })).run.info.run_id;

  beforeAll(async () => {
    token = (await newToken('operator', `mlflow-${randomUUID().slice(0, 8)}`)).token;
    experiment = (await post('experiments/create', { name: 'gateway' })).experiment_id;
    runId = await newRun();
  });

  describe('files', () => {
    const put = (path: string, body: Uint8Array<ArrayBuffer>, type: string) =>
      raw('PUT', `${FILES}/artifacts/${path}`, { token, body, headers: { 'content-type': type } });
    const download = async (path: string): Promise<Buffer> => {
      const answer = await call('GET', `${FILES}/artifacts/${path}`);
      expect(answer.status, answer.text).toBe(302);
      // As a client does where files and API share a host: it keeps its header on the way.
      const headers = { authorization: `Bearer ${token}` };
      const file = await fetch(answer.headers.get('location') ?? '', { headers });
      expect(file.status).toBe(200);
      return Buffer.from(await file.arrayBuffer());
    };

    it.each([
      'application/octet-stream',
      'image/png',
      'text/plain',
      'application/json',
      'application/x-yaml',
    ])('of type %s come back byte for byte', async (type) => {
      // Not UTF-8, and each byte: a gateway that takes it for text changes it.
      const bytes = Uint8Array.from({ length: 1024 }, (_, i) => (i * 7) % 256);
      const path = `${experiment}/${runId}/artifacts/types/${type.replace('/', '-')}`;
      expect((await put(path, bytes, type)).status).toBe(200);
      expect(await download(path)).toEqual(Buffer.from(bytes));
    });

    it('are listed by folder, and removed', async () => {
      const list = async (query: string) =>
        (await call('GET', `${API}/artifacts/list?run_id=${runId}${query}`)).body.files ?? [];
      expect(await list('')).toEqual([{ path: 'types', is_dir: true }]);
      const files = await list('&path=types');
      expect(files).toHaveLength(5);
      expect(files[0]).toEqual({ path: 'types/application-json', is_dir: false, file_size: 1024 });
      await call('DELETE', `${FILES}/artifacts/${experiment}/${runId}/artifacts/types/image-png`);
      expect(await list('&path=types')).toHaveLength(4);
    });

    it('go in parts, straight to the bucket', async () => {
      const parts = [randomBytes(5 * 1024 * 1024), randomBytes(1000)];
      // The address names the folder, the body the file in it.
      const folder = `${experiment}/${runId}/artifacts`;
      const created = await call('POST', `${FILES}/mpu/create/${folder}`, {
        path: 'large.bin',
        num_parts: 2,
      });
      expect(created.status, created.text).toBe(200);
      const { upload_id, credentials } = created.body;
      const done = [];
      for (const [i, part] of parts.entries()) {
        const { url, part_number, headers } = credentials[i];
        const sent = await fetch(url, { method: 'PUT', body: part, headers });
        expect(sent.status).toBe(200);
        done.push({ part_number, etag: sent.headers.get('etag') });
      }
      const complete = { path: 'large.bin', upload_id, parts: done };
      expect((await call('POST', `${FILES}/mpu/complete/${folder}`, complete)).status).toBe(200);
      const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
      expect(hash(await download(`${folder}/large.bin`))).toBe(hash(Buffer.concat(parts)));
    });

    it('that a gateway would refuse are refused with what to set', async () => {
      const answer = await put(
        `${experiment}/${runId}/artifacts/big`,
        new Uint8Array(4_600_000),
        'application/octet-stream',
      );
      expect(answer.status).toBe(413);
      expect(answer.text).toContain('MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE=');
    });
  });

  describe('races', () => {
    it('lose nothing of eight writers of one run', async () => {
      const race = await newRun();
      await Promise.all(
        Array.from({ length: 8 }, (_, writer) =>
          post('runs/log-batch', {
            run_id: race,
            metrics: [
              { key: 'shared', value: writer, step: writer, timestamp: 1 },
              { key: `own ${writer}`, value: writer, step: 0, timestamp: 1 },
            ],
            params: [{ key: `p${writer}`, value: String(writer) }],
            tags: [{ key: `t${writer}`, value: String(writer) }],
          }),
        ),
      );
      const { data } = (await call('GET', `${API}/runs/get?run_id=${race}`)).body.run;
      expect(data.params).toHaveLength(8);
      expect(data.metrics).toHaveLength(9);
      expect(data.metrics.find(({ key }: { key: string }) => key === 'shared')).toMatchObject({ value: 7 });
      const history = await call('GET', `${API}/metrics/get-history?run_id=${race}&metric_key=shared`);
      expect(history.body.metrics.map(({ step }: { step: number }) => step)).toEqual([
        0, 1, 2, 3, 4, 5, 6, 7,
      ]);
    });

    it('number versions without a gap, and leave one in production', async () => {
      await post('registered-models/create', { name: 'raced' });
      const made = await Promise.all(
        Array.from({ length: 10 }, () =>
          post('model-versions/create', {
            name: 'raced',
            source: `mlflow-artifacts:/${experiment}/${runId}/artifacts/model`,
            run_id: runId,
          }),
        ),
      );
      const versions = made.map(({ model_version }) => Number(model_version.version));
      expect(versions.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      for (const version of ['3', '7']) {
        await post('model-versions/transition-stage', {
          name: 'raced',
          version,
          stage: 'Production',
          archive_existing_versions: true,
        });
      }
      const { model_versions } = (
        await call('GET', `${API}/model-versions/search?filter=${encodeURIComponent("name='raced'")}`)
      ).body;
      const stages = Object.fromEntries(
        model_versions.map((one: { version: string; current_stage: string }) => [
          one.version,
          one.current_stage,
        ]),
      );
      expect([stages['3'], stages['7']]).toEqual(['Archived', 'Production']);
    });
  });

  it('searches by filter and order, page by page', async () => {
    const accuracies = [0.5, 0.9, 0.7, Number.NaN];
    for (const accuracy of accuracies) {
      const run_id = await newRun();
      const value = Number.isNaN(accuracy) ? 'NaN' : accuracy;
      await post('runs/log-batch', {
        run_id,
        metrics: [{ key: 'accuracy', value, timestamp: 1, step: 0 }],
        params: [{ key: 'kind', value: 'tree' }],
      });
    }
    const request = {
      experiment_ids: [experiment],
      filter: "params.kind = 'tree'",
      order_by: ['metrics.accuracy DESC'],
      max_results: 3,
    };
    const value = (run: { data: { metrics: { value: number | string }[] } }) => run.data.metrics[0]?.value;
    const first = await post('runs/search', request);
    expect(first.runs.map(value)).toEqual([0.9, 0.7, 0.5]);
    const second = await post('runs/search', { ...request, page_token: first.next_page_token });
    expect(second.runs.map(value)).toEqual(['NaN']);
    expect(second.next_page_token).toBeUndefined();
  });

  it('answers what is wrong in its own form, with its own statuses', async () => {
    expect(await call('GET', `${API}/experiments/get?experiment_id=999`)).toMatchObject({
      status: 404,
      body: { error_code: 'RESOURCE_DOES_NOT_EXIST' },
    });
    expect(await call('POST', `${API}/experiments/create`, { name: 'gateway' })).toMatchObject({
      status: 400,
      body: { error_code: 'RESOURCE_ALREADY_EXISTS' },
    });
    expect(await raw('POST', `${API}/runs/search`, { token: '', body: '{}' })).toMatchObject({
      status: 401,
      body: { error_code: 'UNAUTHENTICATED' },
    });
  });
}
