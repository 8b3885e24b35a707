import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { PredictionAnswer, RunDetail } from '../../bin/cli/api-types.ts';
import type { PredictedBatch } from '../../bin/cli/predict-batch.ts';
import type { BatchStatus } from '../../lib/pipeline/batch/status.ts';
import { readParquet, tableToRows, writeParquet } from '../../lib/table/index.ts';
import { runCli } from '../support/cli.ts';
import { admin, finishRun, newToken, raw } from './support/api.ts';
import { pushAmes } from './support/houses.ts';

/** The houses of Ames, so often that their rows are several chunks of 4 MB. */
const TIMES = 120;
const env = () => ({ ARBOLEDA_LOCAL_DIR: inject('stack').dir });

let folder: string;
let rows: { rooms: number; area: number; age: number }[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'arboleda-batch-'));
  await pushAmes();
  await finishRun('housing');
  const file = await readFile(new URL('../../data/housing/ames_rooms_area_age.csv.gz', import.meta.url));
  const [header = '', ...lines] = gunzipSync(file).toString('utf8').trim().split(/\r?\n/);
  const at = Object.fromEntries(header.split(',').map((name, place) => [name, place]));
  rows = lines.map((line) => {
    const cells = line.split(',').map(Number);
    return { rooms: cells[at.rooms!]!, area: cells[at.area!]!, age: cells[at.age!]! };
  });
}, 300_000);
afterAll(() => rm(folder, { recursive: true }));

const predicted = async (some: object[]) =>
  (await admin().post<PredictionAnswer>('/models/housing/predict', { rows: some })).predictions.map(
    ({ prediction }) => prediction,
  );

async function predictFile(name: string, bytes: Uint8Array | string): Promise<PredictedBatch> {
  const file = join(folder, name);
  await writeFile(file, bytes);
  const done = await runCli(['predict-batch', 'housing', file, '--json'], env());
  expect(done.code, done.stdout + done.stderr).toBe(0);
  return JSON.parse(done.stdout) as PredictedBatch;
}

describe('a file of real rows', () => {
  it('comes back in order from several chunks, with every wrong row listed and the same answers as one by one', async () => {
    const line = ({ rooms, area, age }: (typeof rows)[number], i: number) =>
      `${rooms},${area},${age},"house ${i}, ""as written""\nin Ames"`;
    const lines = Array.from({ length: TIMES * rows.length }, (_, i) => line(rows[i % rows.length]!, i));
    lines[7] = 'seven,120,3,x';
    lines[lines.length - 2] = '5,120';
    const done = await predictFile('ames.csv', `rooms,area,age,note\n${lines.join('\n')}\n`);
    expect(done).toMatchObject({ rows: lines.length, predicted: lines.length - 2, failed: 2 });
    const status = await admin().get<BatchStatus>(`/models/housing/batch-predictions/${done.runId}`);
    expect(status.chunks.total).toBeGreaterThan(1);
    const failures = (await readFile(done.failures!, 'utf8'))
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(failures).toMatchObject([
      { row: 8, field: 'rooms' },
      { row: lines.length - 1, code: 'WRONG_FIELD_COUNT' },
    ]);
    const text = await readFile(done.out, 'utf8');
    const answers = await predicted(rows.slice(0, 1_000));
    const good = lines.filter((_, i) => i !== 7 && i !== lines.length - 2);
    let at = 'rooms,area,age,note,prediction\n'.length;
    for (const [k, one] of good.entries()) {
      expect(text.startsWith(`${one},`, at), `row ${k}`).toBe(true);
      const end = text.indexOf('\n', at + one.length);
      const place = (k < 7 ? k : k + 1) % rows.length;
      if (place < 1_000) expect(Number(text.slice(at + one.length + 1, end))).toBe(answers[place]);
      at = end + 1;
    }
    expect(at).toBe(text.length);
    const run = await admin().get<RunDetail>(`/runs/${done.runId}`);
    expect(run).toMatchObject({ status: 'FINISHED', tags: { 'arboleda.kind': 'batch-prediction' } });
    expect(run.artifacts.map(({ path }) => path).sort()).toEqual(['failures.jsonl', 'predictions.csv']);
  }, 300_000);

  it('comes back as Parquet where it was Parquet', async () => {
    const some = rows.slice(0, 500);
    const column = (name: 'rooms' | 'area' | 'age') => ({
      name,
      kind: 'number' as const,
      values: Float64Array.from(some, (row) => row[name]),
    });
    const bytes = writeParquet({
      rowCount: some.length,
      columns: [column('rooms'), column('area'), column('age')],
    });
    const done = await predictFile('ames.parquet', bytes);
    const result = tableToRows(await readParquet(await readFile(done.out)));
    const answers = await predicted(some);
    expect(result).toEqual(some.map((row, i) => ({ ...row, prediction: answers[i] })));
  }, 120_000);

  it('is answered from what is there where it is sent again', async () => {
    const text = 'rooms,area,age\n6,120,20\n';
    const first = await predictFile('one.csv', text);
    const again = await predictFile('one.csv', text);
    expect(again).toEqual(first);
    expect((await admin().get<RunDetail>(`/runs/${first.runId}`)).attempt).toBe(1);
  }, 120_000);
});

describe('a file that cannot be predicted', () => {
  it('ends as a failed run that says why, and the command with the run and a remedy', async () => {
    const file = join(folder, 'other.csv');
    await writeFile(file, 'colour\nred\n');
    const done = await runCli(['predict-batch', 'housing', file, '--json'], env());
    expect(done.code).not.toBe(0);
    expect(done.stdout).toMatch(/lacks .* of the model's columns/);
  }, 120_000);

  it('is refused before any work without the role, and where nothing was put', async () => {
    const { token } = await newToken('predictor');
    const body = JSON.stringify({ uploadId: 'a'.repeat(32) });
    const path = '/models/housing/batch-predictions';
    expect((await raw('POST', path, { body, token })).status).toBe(403);
    expect((await raw('POST', path, { body })).status).toBe(404);
  });
});
