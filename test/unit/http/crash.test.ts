import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { makeRequest } from '../../../lib/http/index.ts';
import type { PutOptions } from '../../../lib/store/ports.ts';
import { snapshotOf, type WholeApi, wholeApi } from '../../schemathesis/support/whole.ts';
import { converted } from '../../support/imported.ts';
import { CrashError } from '../../support/memory.ts';
import { ServedObjectStore } from '../../support/mlflow/objects.ts';

/**
 * The function killed at any write of a request, to DynamoDB or to S3, before it or after it, and the request sent again: what is
 * stored is then what the undisturbed request leaves. Below the routes this is held in test/unit/tracking/crash.test.ts (each operation),
 * test/unit/pipeline/collect/crash.test.ts (a poll) and test/chaos (a whole run); here it is held for what one request does in all.
 */
type Mode = 'before' | 'after';

/** S3 whose n-th write from now ends the process. */
class CrashingObjects extends ServedObjectStore {
  writes = 0;
  #fault: { at: number; mode: Mode } | undefined;

  failWrite(fault: { at: number; mode: Mode } | undefined): void {
    this.#fault = fault && { ...fault };
  }

  override put(key: string, body: Uint8Array | string, options: PutOptions): Promise<void> {
    return this.#guarded(() => super.put(key, body, options));
  }

  override remove(key: string): Promise<void> {
    return this.#guarded(() => super.remove(key));
  }

  async #guarded<T>(write: () => Promise<T>): Promise<T> {
    this.writes += 1;
    const fault = this.#fault;
    if (fault) fault.at -= 1;
    if (fault?.at !== 0) return write();
    this.#fault = undefined;
    if (fault.mode === 'after') await write();
    throw new CrashError(`the process ended ${fault.mode} the write`);
  }
}

interface Case {
  name: string;
  method: string;
  path: string;
  body?: object | string;
  headers?: Record<string, string>;
  /** What the repeat may answer; 200 and 202 always. A conflict tells a caller that his first call had done it. */
  again?: readonly number[];
  /** What was done before, undisturbed. */
  first?: Pick<Case, 'method' | 'path' | 'body'>;
  /** Its repeat finds nothing to name the run by, whose snapshot waits for the next change: the table alone is compared. */
  tableOnly?: true;
  /** What it makes is of the moment that it was asked for, which for a repeat is another: the clock stands still. */
  still?: true;
}

let api: WholeApi & { objects: CrashingObjects };
let reset: () => Promise<void>;
let uploads: { csv: string; model: string; source: object };
/** A finished run of the pipeline `grades`, and a prediction of its model that is ten minutes old: old enough to be counted. */
let made: { runId: string; requestId: string };

const send = async ({ method, path, body, headers = {} }: Omit<Case, 'name'>) => {
  const answer = await api.app.handle(
    makeRequest({
      method,
      path,
      headers: { authorization: `Bearer ${api.admin}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      requestId: 'one-request',
    }),
  );
  return { status: answer.status, text: Buffer.from(answer.body).toString('utf8') };
};

async function upload(bytes: Uint8Array): Promise<string> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const opened = await send({
    method: 'POST',
    path: '/data/uploads',
    body: { fileName: 'file', bytes: bytes.length, sha256 },
  });
  const { uploadId } = JSON.parse(opened.text) as { uploadId: string };
  await api.objects.put(`default/uploads/${uploadId}`, bytes, { contentType: 'application/octet-stream' });
  return uploadId;
}

beforeAll(async () => {
  api = await wholeApi(new CrashingObjects());
  const imported = await converted('sklearn-boosting', { name: 'iris' });
  const csv = new TextEncoder().encode('hours,absences,tutor,school,note,grade\n1,2,true,north,quiet,low\n');
  uploads = { csv: await upload(csv), model: await upload(imported.body), source: imported.source };
  await send({ method: 'PUT', path: '/models/grades/aliases/challenger', body: { version: '1' } });
  const { runs } = JSON.parse((await send({ method: 'GET', path: '/runs' })).text) as {
    runs: { runId: string; pipeline?: string }[];
  };
  const runId = runs.find(({ pipeline }) => pipeline === 'grades')?.runId ?? '';
  made = { runId, requestId: await predictedBefore(10 * 60_000) };
  reset = await snapshotOf(api);
}, 120_000);

/** @returns the request of a prediction that was made so many milliseconds ago */
async function predictedBefore(age: number): Promise<string> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - age });
  try {
    const row = { hours: 1, absences: 2, tutor: true, school: 'north', note: 'quiet' };
    const answer = await send({ method: 'POST', path: '/models/grades/predict', body: row });
    expect(answer.status, answer.text).toBe(200);
    return (JSON.parse(answer.text) as { requestId: string }).requestId;
  } finally {
    vi.useRealTimers();
  }
}

/** All that is stored, but for when it was and for what is drawn by lot. */
async function held(tableOnly = false): Promise<string[]> {
  const keys = tableOnly ? [] : api.objects.keys();
  const objects = await Promise.all(
    keys.map(async (key) => {
      const text = Buffer.from(await api.objects.get(key)).toString('latin1');
      return `${key} ${/\.(json|jsonl)$|MLmodel$/.test(key) ? text : createHash('sha256').update(text).digest('hex')}`;
    }),
  );
  const passing = new Set(['ttl', 'rev', 'updates']);
  const items = api.items
    .dump()
    .map((item) =>
      JSON.stringify(Object.fromEntries(Object.entries(item).filter(([name]) => !passing.has(name)))),
    );
  return [...items, ...objects]
    .map((text) =>
      text
        .replaceAll(/\d{4}-\d\d-\d\d[T ][\d:.]+Z?/g, 'TIME')
        // Newest first: keys count time backwards.
        .replaceAll(/\b092233702\d{11}\b/g, 'BACKWARDS')
        .replaceAll(/(?<="|\\u0001)z_r[\w-]{27}(?=")/g, 'ORDER')
        .replaceAll(/\b1[6-9]\d{11}\b/g, 'MS')
        .replaceAll(/:[0-9a-f]{16}(?=["#])/g, ':HOME'),
    )
    .sort();
}

const SPLIT = '/models/grades/split';
const arms = (first: number) => [
  { version: '1', weight: first },
  { version: '2', weight: 100 - first },
];
const running = { method: 'PUT', path: SPLIT, body: { kind: 'ab', arms: arms(20), reason: 'try' } };

const cases = (): Case[] => [
  {
    name: 'start a batch prediction',
    method: 'POST',
    path: '/models/grades/batch-predictions',
    body: { uploadId: uploads.csv, format: 'csv' },
  },
  { ...running, name: 'split the traffic', body: { ...running.body, revision: null }, again: [409] },
  { ...running, name: 'split the traffic from wherever it is' },
  { ...running, name: 'change a split', first: running, body: { ...running.body, arms: arms(60) } },
  { name: 'stop a split', method: 'DELETE', path: SPLIT, first: running },
  {
    name: 'promote out of a split',
    method: 'POST',
    path: `${SPLIT}/promote`,
    body: { version: '1', reason: 'better' },
    first: running,
  },
  {
    name: 'promote beside a split, which ends it',
    method: 'PUT',
    path: '/models/grades/aliases/production',
    body: { version: '1' },
    first: running,
  },

  {
    name: 'promote',
    method: 'PUT',
    path: '/models/grades/aliases/production',
    body: { version: '1', expectedVersion: '2' },
  },
  {
    name: 'promote from wherever it is',
    method: 'PUT',
    path: '/models/grades/aliases/production',
    body: { version: '1' },
  },
  {
    name: 'roll back',
    method: 'POST',
    path: '/models/grades/rollback',
    body: { expectedVersion: '2' },
    again: [409],
  },
  {
    name: 'roll back with the data',
    method: 'POST',
    path: '/models/grades/rollback',
    body: { expectedVersion: '2', withData: true },
    again: [409],
  },
  {
    name: 'promote by stage, archiving the others',
    method: 'PUT',
    path: '/models/grades/versions/1/stage',
    body: { stage: 'Production', archiveExisting: true },
  },
  {
    name: 'tell what turned out to be true',
    method: 'POST',
    path: '/models/grades/feedback',
    body: { requestId: made.requestId, label: 'low' },
  },
  {
    name: 'correct what turned out to be true',
    method: 'POST',
    path: '/models/grades/feedback',
    body: { requestId: made.requestId, label: 'high' },
    first: {
      method: 'POST',
      path: '/models/grades/feedback',
      body: { requestId: made.requestId, label: 'low' },
    },
  },
  { name: 'look at a model', method: 'POST', path: '/models/grades/monitor', still: true },
  {
    name: "make another candidate's model a version of another name",
    method: 'POST',
    path: `/runs/${made.runId}/register`,
    body: { model: 'beside', candidate: 1 },
    // Files of a logged model name the moment in which it was made.
    still: true,
  },
  {
    name: 'run again from a stage under a key',
    method: 'POST',
    path: `/runs/${made.runId}/rerun`,
    body: { from: 'evaluate' },
    headers: { 'idempotency-key': 'once-more' },
  },
  { name: 'set the policy', method: 'PUT', path: '/models/grades/policy', body: { requireStaging: true } },
  {
    name: 'register a model from elsewhere',
    method: 'POST',
    path: '/models/iris/versions',
    body: { uploadId: uploads.model, source: uploads.source },
  },
  { name: 'push data', method: 'POST', path: '/pipelines/grades/data', body: { uploadId: uploads.csv } },
  {
    name: 'start a run under a key',
    method: 'POST',
    path: '/pipelines/grades/runs',
    body: {},
    headers: { 'idempotency-key': 'once' },
  },
  { name: 'pause a schedule', method: 'PUT', path: '/pipelines/grades/schedule', body: { state: 'paused' } },
  {
    name: "move an alias by MLflow's protocol",
    method: 'POST',
    path: '/api/2.0/mlflow/registered-models/alias',
    body: { name: 'grades', alias: 'production', version: '1' },
  },
  {
    name: "take an alias away by MLflow's protocol",
    method: 'DELETE',
    path: '/api/2.0/mlflow/registered-models/alias',
    body: { name: 'grades', alias: 'production' },
  },
  {
    name: "promote by MLflow's protocol",
    method: 'POST',
    path: '/api/2.0/mlflow/model-versions/transition-stage',
    body: { name: 'grades', version: '1', stage: 'Production', archive_existing_versions: true },
  },
  {
    name: 'rename a model',
    method: 'POST',
    path: '/api/2.0/mlflow/registered-models/rename',
    body: { name: 'grades', new_name: 'marks' },
    again: [404],
    tableOnly: true,
  },
  {
    name: 'delete a version',
    method: 'DELETE',
    path: '/api/2.0/mlflow/model-versions/delete',
    body: { name: 'grades', version: '2' },
    again: [404],
    tableOnly: true,
  },
  {
    name: 'delete a model',
    method: 'DELETE',
    path: '/api/2.0/mlflow/registered-models/delete',
    body: { name: 'grades' },
    again: [404],
    tableOnly: true,
  },
];

describe('a function killed at any write of a request', () => {
  it('leaves what the request sent again makes right', async () => {
    const counted: Record<string, number> = {};
    for (const one of cases()) {
      if (one.still) vi.useFakeTimers({ toFake: ['Date'] });
      const begin = async () => {
        await reset();
        if (one.first !== undefined) expect((await send(one.first)).status, one.name).toBe(200);
      };
      await begin();
      const [items, objects] = [api.items.writes, api.objects.writes];
      const calm = await send(one);
      expect(calm.status, `${one.name}: ${calm.text}`).toBeLessThan(300);
      const writes = { items: api.items.writes - items, objects: api.objects.writes - objects };
      expect(writes.items, one.name).toBeGreaterThan(0);
      const wanted = await held(one.tableOnly);
      for (const store of ['items', 'objects'] as const) {
        for (let at = 1; at <= writes[store]; at++) {
          for (const mode of ['before', 'after'] as const) {
            const where = `${one.name}: killed ${mode} write ${at} of ${writes[store]} to ${store}`;
            await begin();
            api[store].failWrite({ at, mode });
            const killed = await send(one);
            api[store].failWrite(undefined);
            expect(killed.status, `${where}: ${killed.text}`).toBe(500);
            const again = await send(one);
            expect([200, 202, ...(one.again ?? [])], `${where}: ${again.text}`).toContain(again.status);
            expect(await held(one.tableOnly), where).toEqual(wanted);
            counted[one.name] = (counted[one.name] ?? 0) + 1;
          }
        }
      }
      vi.useRealTimers();
    }
    console.log('killed and sent again:', JSON.stringify(counted));
    expect(Object.values(counted).reduce((sum, count) => sum + count)).toBeGreaterThan(60);
  });
});
