import { Readable } from 'node:stream';
import { parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { beforeEach, describe, expect, it } from 'vitest';
import { predictRows, readModelFile } from '../../../lib/learn/index.ts';
import { planCsv } from '../../../lib/pipeline/batch/csv.ts';
import { joinBatch } from '../../../lib/pipeline/batch/join.ts';
import { planBatch } from '../../../lib/pipeline/batch/plan.ts';
import { predictChunk } from '../../../lib/pipeline/batch/predict-chunk.ts';
import { batchStatus } from '../../../lib/pipeline/batch/status.ts';
import { cancelRun, retryRun } from '../../../lib/pipeline/control/cancel.ts';
import { closeRun } from '../../../lib/pipeline/control/close.ts';
import { readParquet, tableToRows, writeParquet } from '../../../lib/table/index.ts';
import type { Table } from '../../../lib/table/types.ts';
import { driveBatch, serveModel, uploadAndStart } from '../../support/batch.ts';
import { CrashError } from '../../support/memory.ts';
import { type PipelineWorld, pipelineWorld } from '../../support/pipeline.ts';
import { houseFile, treeFile } from '../learn/model-fixture.ts';

let world: PipelineWorld;
let model: Uint8Array;
const WS = 'default';

beforeEach(async () => {
  world = pipelineWorld([]);
  model = await houseFile();
  await serveModel(world.deps, 'houses', model, 'regression');
});

const row = (i: number) => ({
  area: 40 + i,
  rooms: 1 + (i % 5),
  quarter: ['north', 'south', 'harbour'][i % 3]!,
  age: i % 7,
});
const lineOf = (i: number) => `${Object.values(row(i)).join(',')},"note ""${i}"", with a comma,\nand a line"`;
const csv = (count: number, change: (line: string, i: number) => string = (line) => line) =>
  Buffer.from(
    `${['area,rooms,quarter,age,note', ...Array.from({ length: count }, (_, i) => change(lineOf(i), i))].join(
      '\n',
    )}\n`,
  );
const object = async (path: string) => Buffer.from(await world.objects.get(path)).toString('utf8');
const resultOf = (runId: string) => object(`${WS}/batches/${runId}/predictions.csv`);
const failuresOf = async (runId: string) =>
  (await object(`${WS}/batches/${runId}/failures.jsonl`))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const expected = (rows: unknown[]) =>
  predictRows(readModelFile(model), rows).predictions.map(({ prediction }) => prediction);

describe('a CSV file', () => {
  it('comes back with each row as it was and its prediction behind it', async () => {
    const started = await uploadAndStart(world.deps, 'houses', csv(50));
    const run = await driveBatch(world.deps, started, { sizes: { bytes: 300 } });
    expect(run.status).toBe('FINISHED');
    const answers = expected(Array.from({ length: 50 }, (_, i) => row(i)));
    const lines = Array.from({ length: 50 }, (_, i) => `${lineOf(i)},${answers[i]}`);
    expect(await resultOf(started.runId)).toBe(
      `${['area,rooms,quarter,age,note,prediction', ...lines].join('\n')}\n`,
    );
    expect(await failuresOf(started.runId)).toEqual([]);
    const status = await batchStatus(world.deps, WS, 'houses', started.runId);
    expect(status).toMatchObject({ status: 'FINISHED', rows: 50, predicted: 50, failed: 0, version: '1' });
    expect(status.chunks.done).toBe(status.chunks.total);
    expect(status.chunks.total).toBeGreaterThan(5);
    expect(status.result?.fileName).toBe('rows.predictions.csv');
  });

  it('has the same bytes whatever the size and order of its chunks', async () => {
    const results: string[] = [];
    for (const [bytes, order] of [
      [200, (ids: string[]) => ids],
      [200, (ids: string[]) => ids.toReversed()],
      [1_000, (ids: string[]) => ids],
      [1e6, (ids: string[]) => ids],
    ] as const) {
      const one = pipelineWorld([]);
      await serveModel(one.deps, 'houses', model, 'regression');
      const started = await uploadAndStart(one.deps, 'houses', csv(40));
      await driveBatch(one.deps, started, { sizes: { bytes }, order });
      results.push(
        Buffer.from(await one.objects.get(`${WS}/batches/${started.runId}/predictions.csv`)).toString(),
      );
    }
    expect(new Set(results).size).toBe(1);
  });

  it('lists every row that could not be predicted, and predicts all others', async () => {
    const wrong: Record<number, string> = {
      3: 'wide,2,north,4,x',
      11: '80,2,north',
      20: '"80"x,2,north,4,y',
      29: '-5,2,north,4,too small',
    };
    const started = await uploadAndStart(
      world.deps,
      'houses',
      csv(30, (line, i) => wrong[i] ?? line),
    );
    expect((await driveBatch(world.deps, started, { sizes: { bytes: 400 } })).status).toBe('FINISHED');
    const failures = await failuresOf(started.runId);
    // Each row before it has two lines, the wrong ones one; the header is the first.
    expect(failures).toMatchObject([
      { row: 4, line: 8, field: 'area', code: 'INVALID_INPUT', raw: wrong[3] },
      { row: 12, line: 23, code: 'WRONG_FIELD_COUNT', message: 'the header has 5 fields, the record 3' },
      { row: 21, line: 40, code: 'BAD_QUOTES' },
      { row: 30, line: 57, field: 'area', raw: wrong[29] },
    ]);
    const good = Array.from({ length: 30 }, (_, i) => i).filter((i) => wrong[i] === undefined);
    const answers = expected(good.map(row));
    expect(
      (await resultOf(started.runId)).split('\n').filter((line) => line.startsWith('and a line')),
    ).toEqual(good.map((_, k) => `and a line",${answers[k]}`));
    expect(await batchStatus(world.deps, WS, 'houses', started.runId)).toMatchObject({
      predicted: 26,
      failed: 4,
    });
  });

  it('keeps its delimiter, its ends of lines and its mark, and names no column twice', async () => {
    const text = '\uFEFFprediction;area;rooms;quarter;age\r\nx;80;3;north;4\r\ny;81;3;south;\r\n';
    const started = await uploadAndStart(world.deps, 'houses', Buffer.from(text));
    await driveBatch(world.deps, started);
    const [header, first, second] = (await resultOf(started.runId)).split('\r\n');
    const answers = expected([
      { area: 80, rooms: 3, quarter: 'north', age: 4 },
      { area: 81, rooms: 3, quarter: 'south', age: null },
    ]);
    expect(header).toBe('\uFEFFprediction;area;rooms;quarter;age;prediction_2');
    expect([first, second]).toEqual([`x;80;3;north;4;${answers[0]}`, `y;81;3;south;;${answers[1]}`]);
  });

  it('has the probability of each class', async () => {
    await serveModel(world.deps, 'trees', await treeFile(), 'classification');
    const started = await uploadAndStart(
      world.deps,
      'trees',
      Buffer.from('height,leaf\n20,broad\n8,needle\n'),
    );
    await driveBatch(world.deps, started);
    const [header, first] = (await resultOf(started.runId)).split('\n');
    expect(header).toBe('height,leaf,prediction,probability___proto__,probability_alder,probability_birch');
    const cells = first!.split(',');
    expect(cells.slice(0, 3)).toEqual(['20', 'broad', 'birch']);
    expect(
      cells
        .slice(3)
        .map(Number)
        .reduce((a, b) => a + b),
    ).toBeCloseTo(1, 9);
  });

  it.each([
    ['without rows', 'area,rooms,quarter,age\n', 'INVALID_INPUT', /no rows/],
    [
      'without a column of the model',
      'area,rooms,age\n1,2,3\n',
      'INVALID_INPUT',
      /lacks 1 of the model's columns: "quarter"/,
    ],
    ['with a name twice', 'area,area,rooms,quarter,age\n', 'DUPLICATE_COLUMN', /more than once/],
    ['of another kind', 'PAR1 and so on', 'INVALID_INPUT', /Parquet, not CSV/],
    ['that is empty', '', 'INVALID_INPUT', /is empty/],
  ])('%s is refused as a whole', async (_, text, code, message) => {
    const started = await uploadAndStart(world.deps, 'houses', Buffer.from(text));
    const run = await driveBatch(world.deps, started);
    expect(run.status).toBe('FAILED');
    expect(run.error).toMatchObject({ stage: 'plan', code, message: expect.stringMatching(message) });
  });

  it('of which no row can be predicted fails, and says why', async () => {
    const text = `area,rooms,quarter,age\n${'x,1,north,1\n'.repeat(5)}`;
    const started = await uploadAndStart(world.deps, 'houses', Buffer.from(text));
    const run = await driveBatch(world.deps, started);
    expect(run.error).toMatchObject({ stage: 'join', code: 'NO_ROW_PREDICTED' });
    expect(run.error?.message).toMatch(/none of the 5 rows.*area/);
    const status = await batchStatus(world.deps, WS, 'houses', started.runId);
    expect(status.result).toBeUndefined();
    expect(status.failures?.fileName).toBe('rows.failures.jsonl');
    expect(await failuresOf(started.runId)).toHaveLength(5);
  });

  it('that is not the declared one is refused', async () => {
    const bytes = csv(3);
    const started = await uploadAndStart(world.deps, 'houses', bytes, {
      file: { name: 'rows.csv', bytes: bytes.length, sha256: 'f'.repeat(64) },
    });
    expect((await driveBatch(world.deps, started)).error).toMatchObject({ code: 'INTEGRITY' });
  });
});

describe('a Parquet file', () => {
  const table = (count: number): Table => {
    const rows = Array.from({ length: count }, (_, i) => row(i));
    return {
      rowCount: count,
      columns: [
        {
          name: 'id',
          kind: 'text',
          categories: rows.map((_, i) => `id ${i}`),
          codes: Int32Array.from(rows.keys()),
        },
        {
          name: 'area',
          kind: 'number',
          values: Float64Array.from(rows, ({ area }, i) => (i === 4 ? -1 : area)),
        },
        { name: 'rooms', kind: 'integer', values: Float64Array.from(rows, ({ rooms }) => rooms) },
        {
          name: 'quarter',
          kind: 'category',
          categories: ['north', 'south', 'harbour'],
          codes: Int32Array.from(rows, (_, i) => i % 3),
        },
        {
          name: 'age',
          kind: 'integer',
          values: Float64Array.from(rows, ({ age }, i) => (i === 6 ? Number.NaN : age)),
        },
      ],
    };
  };

  it('comes back as Parquet, its columns as they were and the predictions behind them', async () => {
    const bytes = writeParquet(table(40));
    const started = await uploadAndStart(world.deps, 'houses', bytes, { format: 'parquet' });
    const run = await driveBatch(world.deps, started, {
      sizes: { rows: 7 },
      order: (ids) => ids.toReversed(),
    });
    expect(run.error).toBeUndefined();
    const result = await readParquet(
      await world.objects.get(`${WS}/batches/${started.runId}/predictions.parquet`),
    );
    expect(result.columns.map(({ name, kind }) => [name, kind])).toEqual([
      ['id', 'text'],
      ['area', 'number'],
      ['rooms', 'integer'],
      ['quarter', 'category'],
      ['age', 'integer'],
      ['prediction', 'number'],
    ]);
    const rows = Array.from({ length: 40 }, (_, i) => ({ ...row(i), age: i === 6 ? null : i % 7 }));
    const good = rows.filter((_, i) => i !== 4);
    const answers = expected(good);
    expect(tableToRows(result).map(({ id, ...rest }) => rest)).toEqual(
      good.map((one, k) => ({ ...one, prediction: answers[k] })),
    );
    expect(await failuresOf(started.runId)).toMatchObject([{ row: 5, field: 'area', raw: { area: -1 } }]);
    expect(await batchStatus(world.deps, WS, 'houses', started.runId)).toMatchObject({
      predicted: 39,
      failed: 1,
      chunks: { done: 6, total: 6 },
    });
  });

  it('keeps identifiers of 64 bits that no double holds', async () => {
    const ids = Array.from({ length: 10 }, (_, i) => 2n ** 53n + 1n + BigInt(i));
    const rows = ids.map((_, i) => row(i));
    const of = (name: 'area' | 'rooms' | 'quarter' | 'age') => rows.map((one) => one[name]);
    const bytes = parquetWriteBuffer({
      columnData: [
        { name: 'id', data: ids, type: 'INT64' },
        { name: 'area', data: of('area'), type: 'DOUBLE' },
        { name: 'rooms', data: of('rooms'), type: 'INT32' },
        { name: 'quarter', data: of('quarter'), type: 'STRING' },
        { name: 'age', data: of('age'), type: 'INT32' },
      ],
    });
    const started = await uploadAndStart(world.deps, 'houses', new Uint8Array(bytes), { format: 'parquet' });
    await driveBatch(world.deps, started, { sizes: { rows: 4 } });
    const path = `${WS}/batches/${started.runId}/predictions.parquet`;
    const file = new Uint8Array(await world.objects.get(path)).buffer;
    const answers = expected(rows);
    expect(await parquetReadObjects({ file })).toEqual(
      rows.map((one, i) => ({ id: ids[i], ...one, prediction: answers[i] })),
    );
  });

  it('has the same columns from a chunk in which no row could be predicted', async () => {
    await serveModel(world.deps, 'trees', await treeFile(), 'classification');
    // Infinity is refused; the first chunk is of such rows alone.
    const heights = [Infinity, Infinity, 20, 8, Infinity, 12];
    const bytes = parquetWriteBuffer({
      columnData: [
        { name: 'height', data: heights, type: 'DOUBLE' },
        { name: 'leaf', data: heights.map(() => 'broad'), type: 'STRING' },
      ],
    });
    const more = { format: 'parquet' as const };
    const started = await uploadAndStart(world.deps, 'trees', new Uint8Array(bytes), more);
    const run = await driveBatch(world.deps, started, { sizes: { rows: 2 } });
    expect(run.error).toBeUndefined();
    const result = await world.objects.get(`${WS}/batches/${started.runId}/predictions.parquet`);
    const rows = tableToRows(await readParquet(result));
    expect(rows.map(({ height }) => height)).toEqual([20, 8, 12]);
    const answers = predictRows(
      readModelFile(await treeFile()),
      rows.map(({ height, leaf }) => ({ height, leaf })),
    ).predictions;
    expect(rows.map(({ prediction }) => prediction)).toEqual(answers.map(({ prediction }) => prediction));
    expect(rows.map((one) => one.probability_birch)).toEqual(
      answers.map(({ probabilities }) => probabilities!.birch),
    );
  });

  it('that is none is refused as a whole', async () => {
    const started = await uploadAndStart(world.deps, 'houses', csv(3), { format: 'parquet' });
    expect((await driveBatch(world.deps, started)).error).toMatchObject({ stage: 'plan', code: 'INTEGRITY' });
  });
});

describe('the run', () => {
  it('is the same for the same file and version, and is done once', async () => {
    const first = await uploadAndStart(world.deps, 'houses', csv(10));
    const again = await uploadAndStart(world.deps, 'houses', csv(10), { uploadId: 'a'.repeat(32) });
    expect(first.created).toBe(true);
    expect(again).toEqual({ ...first, created: false });
    await driveBatch(world.deps, first);
    const after = await uploadAndStart(world.deps, 'houses', csv(10));
    expect(after).toMatchObject({ runId: first.runId, status: 'FINISHED', attempt: 1, created: false });
    expect((await uploadAndStart(world.deps, 'houses', csv(11))).runId).not.toBe(first.runId);
  });

  it('is followed by another where its result has expired, and has no link to it then', async () => {
    const first = await uploadAndStart(world.deps, 'houses', csv(10));
    await driveBatch(world.deps, first);
    const whole = await resultOf(first.runId);
    const kept = world.objects.keys().filter((key) => key.startsWith(`${WS}/batches/${first.runId}/`));
    await world.objects.removeAll(kept);
    const status = await batchStatus(world.deps, WS, 'houses', first.runId);
    expect([status.status, status.result, status.failures]).toEqual(['FINISHED', undefined, undefined]);

    const second = await uploadAndStart(world.deps, 'houses', csv(10));
    expect(second).toMatchObject({ status: 'RUNNING', attempt: 1, created: true });
    expect(second.runId).not.toBe(first.runId);
    expect(await uploadAndStart(world.deps, 'houses', csv(10))).toEqual({ ...second, created: false });
    await driveBatch(world.deps, second);
    expect(await resultOf(second.runId)).toBe(whole);
    const again = await uploadAndStart(world.deps, 'houses', csv(10));
    expect(again).toMatchObject({ runId: second.runId, status: 'FINISHED', created: false });
  });

  it('goes on after a cancel with the chunks that are left', async () => {
    const started = await uploadAndStart(world.deps, 'houses', csv(40));
    const input = { workspace: WS, runId: started.runId, attempt: 1 };
    const sizes = { bytes: 400 };
    const { chunks } = await planBatch(world.deps, input, sizes);
    await predictChunk(world.deps, { ...input, chunk: '00000' });
    await predictChunk(world.deps, { ...input, chunk: '00001' });
    const half = await batchStatus(world.deps, WS, 'houses', started.runId);
    expect(half).toMatchObject({ status: 'RUNNING', rows: 40, chunks: { done: 2, total: chunks } });
    expect(half.predicted).toBeGreaterThan(0);
    expect((await cancelRun(world.deps, WS, started.runId)).status).toBe('KILLED');
    await expect(predictChunk(world.deps, { ...input, chunk: '00002' })).rejects.toMatchObject({
      code: 'CANCELLED',
    });

    const next = await retryRun(world.deps, WS, started.runId);
    expect(next).toMatchObject({ attempt: 2, status: 'RUNNING' });
    expect(await driveBatch(world.deps, next, { sizes })).toMatchObject({ status: 'FINISHED', attempt: 2 });
    const records = await world.deps.stages.list(WS, started.runId);
    const statuses = records.filter(({ stage }) => stage === 'predict').map(({ status }) => status);
    expect(statuses.filter((status) => status === 'SKIPPED')).toHaveLength(2);
    expect(statuses.filter((status) => status === 'DONE')).toHaveLength(chunks - 2);
    expect((await resultOf(started.runId)).split('\n')).toHaveLength(2 * 40 + 2);
  });

  it('does a chunk again whose result is gone', async () => {
    const started = await uploadAndStart(world.deps, 'houses', csv(10));
    const input = { workspace: WS, runId: started.runId, attempt: 1 };
    await planBatch(world.deps, input);
    await predictChunk(world.deps, { ...input, chunk: '00000' });
    const key = `${WS}/batches/${started.runId}/chunks/00000.csv`;
    const before = await object(key);
    await world.objects.remove(key);
    await predictChunk(world.deps, { ...input, chunk: '00000' });
    expect(await object(key)).toBe(before);
  });

  it('does not read another file that was put in the place of the planned one', async () => {
    const started = await uploadAndStart(world.deps, 'houses', csv(10));
    const input = { workspace: WS, runId: started.runId, attempt: 1 };
    await planBatch(world.deps, input);
    const { uploadId } = { uploadId: (await world.deps.runs.get(WS, started.runId)).tags['batch.uploadId'] };
    await world.objects.put(
      `${WS}/uploads/${uploadId}`,
      csv(10, (line) => line.replace('north', 'south')),
      {
        contentType: 'text/csv',
      },
    );
    await expect(predictChunk(world.deps, { ...input, chunk: '00000' })).rejects.toThrow(/another was put/);
  });

  it('cuts short records by their number', async () => {
    const text = Buffer.from(`a,b\n${'1,2\n'.repeat(120_000)}`);
    const { chunks } = await planCsv(Readable.from([text]));
    expect(chunks.map(({ rows, firstRow }) => [firstRow, rows])).toEqual([
      [0, 50_000],
      [50_000, 50_000],
      [100_000, 20_000],
    ]);
    expect(chunks.every(({ end, start, rows }) => end - start === 4 * rows)).toBe(true);
  });

  it('joins again what was cut off while it joined, to the same bytes', async () => {
    const cut = pipelineWorld([]);
    await serveModel(cut.deps, 'houses', model, 'regression');
    const started = await uploadAndStart(cut.deps, 'houses', csv(40));
    const input = { workspace: WS, runId: started.runId, attempt: 1 };
    const { list } = await planBatch(cut.deps, input, { bytes: 400 });
    const chunks = JSON.parse(Buffer.from(await cut.objects.get(list)).toString()) as { chunk: string }[];
    for (const { chunk } of chunks) await predictChunk(cut.deps, { ...input, chunk });
    const path = `${WS}/batches/${started.runId}/predictions.csv`;
    const { objects } = cut;
    for (const stop of [1, 3, chunks.length]) {
      const dying = new Proxy(objects, {
        get: (target, name) =>
          name === 'putPieces'
            ? async (key: string, pieces: AsyncIterable<Uint8Array>, options: { contentType: string }) => {
                async function* some(): AsyncGenerator<Uint8Array> {
                  let left = stop;
                  for await (const piece of pieces) {
                    if (key === path && left-- === 0) throw new CrashError('killed');
                    yield piece;
                  }
                }
                await target.putPieces(key, some(), options);
              }
            : Reflect.get(target, name).bind(target),
      });
      await expect(joinBatch({ ...cut.deps, objects: dying }, input)).rejects.toThrow(CrashError);
      expect(await objects.head(path)).toBeUndefined();
    }
    await joinBatch(cut.deps, input);
    const calm = await uploadAndStart(world.deps, 'houses', csv(40));
    await driveBatch(world.deps, calm);
    expect(Buffer.from(await objects.get(path)).toString()).toBe(await resultOf(calm.runId));
    expect(await cut.deps.runs.listArtifacts(WS, started.runId)).toHaveLength(2);
  });

  it('tells the first failure of a batch that has nothing else, however long its record', async () => {
    const long = (i: number) => `"${'""\u0001'.repeat(1_500)}",2,north,4,${i}`;
    const started = await uploadAndStart(
      world.deps,
      'houses',
      csv(3, (_, i) => long(i)),
    );
    const run = await driveBatch(world.deps, started);
    expect(run.error).toMatchObject({ code: 'NO_ROW_PREDICTED' });
    expect(run.error?.message).toMatch(/none of the 3 rows could be predicted; the first: .*area/);
  });

  it('does not join a chunk that was not done', async () => {
    const started = await uploadAndStart(world.deps, 'houses', csv(40));
    const input = { workspace: WS, runId: started.runId, attempt: 1 };
    await planBatch(world.deps, input, { bytes: 400 });
    await predictChunk(world.deps, { ...input, chunk: '00000' });
    await expect(joinBatch(world.deps, input)).rejects.toMatchObject({ code: 'INTEGRITY' });
  });

  it('publishes its end, and frees no pipeline', async () => {
    const started = await uploadAndStart(world.deps, 'houses', csv(5));
    const run = await driveBatch(world.deps, started);
    expect(world.events.events).toMatchObject([{ detailType: 'Run Finished', detail: { runId: run.runId } }]);
    await closeRun(world.deps, { workspace: WS, runId: run.runId, attempt: 1 }, { outcome: 'finished' });
    expect(world.events.events).toHaveLength(1);
  });

  it('is not found under another model, nor a run of another kind', async () => {
    const started = await uploadAndStart(world.deps, 'houses', csv(5));
    await expect(batchStatus(world.deps, WS, 'trees', started.runId)).rejects.toMatchObject({ status: 404 });
    await expect(batchStatus(world.deps, WS, 'houses', 'b'.repeat(32))).rejects.toMatchObject({
      status: 404,
    });
  });

  it('of a model without a champion is not ready, and of an unknown one not found', async () => {
    await world.deps.registry.createModel(WS, { name: 'empty' });
    await expect(uploadAndStart(world.deps, 'empty', csv(5))).rejects.toMatchObject({ code: 'NOT_READY' });
    await expect(uploadAndStart(world.deps, 'nothing', csv(5))).rejects.toMatchObject({ status: 404 });
  });
});
