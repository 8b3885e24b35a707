import { beforeAll, describe, expect, it, vi } from 'vitest';
import { makeRequest } from '../../../lib/http/index.ts';
import { functionSpecs } from '../../../lib/infra/functions.ts';
import { key, partition } from '../../../lib/tracking/keys.ts';
import { type WholeApi, wholeApi } from '../../schemathesis/support/whole.ts';
import type { MemoryItemStore } from '../../support/memory.ts';

/** What the predict function writes, held against the partitions that its role lets it write in. */
type Action = 'PutItem' | 'UpdateItem' | 'DeleteItem';
const { table, within } = functionSpecs.predict.access;

/** As IAM reads `StringLike`, of which `*` alone is used. */
function like(pattern: string, text: string): boolean {
  const literal = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`, 's').test(text);
}

const allowed = (action: Action, pk: string): boolean =>
  table.includes(action) && (within?.[action] ?? ['*']).some((pattern) => like(pattern, pk));

/** Every write from now on, as the table would be asked for it. */
function recordedWrites(items: MemoryItemStore): () => [Action, string][] {
  const put = vi.spyOn(items, 'put');
  const update = vi.spyOn(items, 'update');
  const batchPut = vi.spyOn(items, 'batchPut');
  const transact = vi.spyOn(items, 'transact');
  return () => [
    ...put.mock.calls.map(([item]): [Action, string] => ['PutItem', item.pk]),
    ...batchPut.mock.calls.flatMap(([all]) => all.map((item): [Action, string] => ['PutItem', item.pk])),
    ...update.mock.calls.map(([at]): [Action, string] => ['UpdateItem', at.pk]),
    ...transact.mock.calls.flatMap(([operations]) =>
      operations.flatMap((operation): [Action, string][] => {
        if ('put' in operation) return [['PutItem', operation.put.pk]];
        if ('update' in operation) return [['UpdateItem', operation.update.pk]];
        return 'remove' in operation ? [['DeleteItem', operation.remove.pk]] : [];
      }),
    ),
  ];
}

describe('what the predict function writes', () => {
  let api: WholeApi;
  let asked = 0;
  const ask = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    api.app.handle(
      makeRequest({
        method,
        path,
        requestId: `request-${++asked}`,
        headers: { authorization: `Bearer ${api.admin}`, 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );

  beforeAll(async () => {
    api = await wholeApi();
  }, 120_000);

  it('is allowed it by its role: log, and the end of a split whose guard was passed', async () => {
    // A bound that nothing keeps: the second warm request of version 1 passes it.
    const guard = { maxErrorRate: 1, maxLatencyMs: 1e-6, minRequests: 1, windowMinutes: 10 };
    const arms = [
      { version: '2', weight: 0 },
      { version: '1', weight: 100 },
    ];
    const split = await ask('PUT', '/models/grades/split', {
      kind: 'blue-green',
      arms,
      shadows: [],
      guard,
      reason: 'to be taken back',
    });
    expect([split.status, split.body]).toEqual([200, expect.anything()]);
    // Only now: whoever loads a model keeps for a while whether its traffic is split.
    const schema = await ask('GET', '/models/grades/schema');
    const row = (JSON.parse(String(schema.body)) as { example: object }).example;
    const writes = recordedWrites(api.items);
    const rows = { rows: Array.from({ length: 400 }, () => row) };
    for (const [path, body] of [
      ['/models/grades/predict', row],
      ['/models/grades/predict', row],
      ['/models/grades/predict', { rows: [row, row] }],
      ['/predict', rows],
      ['/models/grades/invocations', { dataframe_records: [row] }],
      ['/invocations', { dataframe_records: [row] }],
    ] as const) {
      const { status, body: told } = await ask('POST', path, body);
      expect([path, status, told]).toEqual([path, 200, expect.anything()]);
    }
    for (const path of ['/health', '/ping', '/models/grades/schema']) await ask('GET', path);
    const stopped = await ask('GET', '/models/grades/split');
    expect(JSON.parse(String(stopped.body)).split).toMatchObject({ state: 'reverted' });

    const seen = writes();
    expect(seen.filter(([action, pk]) => !allowed(action, pk))).toEqual([]);
    // Each right is used: one that is not would be one too many.
    const used = Object.entries(within ?? {}).flatMap(([action, patterns]) =>
      patterns.filter((pattern) => !seen.some(([did, pk]) => did === action && like(pattern, pk))),
    );
    expect(used).toEqual([]);
  });

  it('may be no alias of another, run, token, label count or watch: their partitions are other kinds', () => {
    const run = '0123456789abcdef0123456789abcdef';
    // Names chosen to look like what is allowed: a part that a caller names ends its key, or has its # escaped.
    const partitions = [
      partition.run('w', run),
      partition.runs('w'),
      partition.tokens('w'),
      partition.experiments('w'),
      partition.monitor('w', 'prediction'),
      partition.watched('w'),
      partition.pipelines('w'),
      partition.workspaces(),
      partition.points('w', run, '#prediction#x'),
      partition.points('w', run, '#models'),
      partition.runIndex('w', '1', 'p', 'w#model#x'),
      partition.runIndex('w', '1', 't', '#models'),
      key.tokenHash('0'.repeat(64)).pk,
    ];
    const open = partitions.filter((pk) => allowed('PutItem', pk) || allowed('UpdateItem', pk));
    expect(open).toEqual([]);
    expect(allowed('UpdateItem', partition.model('w', 'grades'))).toBe(false);
    expect(allowed('PutItem', partition.models('w'))).toBe(false);
    expect(allowed('DeleteItem', partition.models('w'))).toBe(false);
  });
});
