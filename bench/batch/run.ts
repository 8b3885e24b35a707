import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type LoadedModel, readModelFile } from '../../lib/learn/file/model-file.ts';
import { batchStatus } from '../../lib/pipeline/batch/status.ts';
import type { BatchFormat, RowFailure } from '../../lib/pipeline/batch/types.ts';
import { closeRun } from '../../lib/pipeline/control/close.ts';
import { serveModel, sha256Of, uploadAndStart } from '../../test/support/batch.ts';
import { allPipelines, runInMemory } from '../pipelines/open.ts';
import { type Checked, checkCsv, checkParquet } from './check.ts';
import { fileRanges, parquetOf, type Rows, rowsOf, SETS, type SetName, writeCsv } from './files.ts';
import { type Measured, PHASE_FILE, type PhaseReport, reportOf } from './report.ts';
import { keptWorld } from './world.ts';

/**
 * Batch predictions of a million rows by the handlers of the functions, each phase in a process with as much heap as a function
 * of 3,008 MB has, over stores in a folder. Every row of every result is checked.
 *   npm run bench:batch [-- --set diabetes --format parquet --rows 1000000 --write]
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    set: { type: 'string', multiple: true, default: Object.keys(SETS) },
    format: { type: 'string', multiple: true, default: ['csv', 'parquet'] },
    group: { type: 'string', multiple: true, default: ['100000', '1048576'] },
    write: { type: 'boolean', default: false },
  },
});
const ROWS = Number(values.rows);
/** V8 takes half of the machine's memory, which Lambda sets to the function's. */
const HEAP_MB = 3008 / 2;
const results = join(import.meta.dirname, 'results');
const kept = join(import.meta.dirname, '..', '..', '.arboleda', 'bench-batch');

const measured: Measured[] = [];
for (const set of values.set as SetName[]) {
  const model = await modelOf(set);
  const loaded = readModelFile(model);
  const rows = await rowsOf(set, loaded, ROWS);
  for (const format of values.format as BatchFormat[]) {
    // A million rows in one group is what pyarrow writes.
    const groups = format === 'csv' ? [0] : values.group.map(Number);
    for (const groupRows of groups)
      measured.push(await measure(set, format, { model, loaded, rows, groupRows }));
  }
}
if (values.write) {
  // A run of one case replaces that case's figures.
  const file = join(results, 'results.json');
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Measured[]) : [];
  const is = (one: Measured) => `${one.set} ${one.format} ${one.groupRows}`;
  const again = new Set(measured.map(is));
  measured.push(...before.filter((one) => !again.has(is(one))));
  measured.sort((a, b) => is(a).localeCompare(is(b)));
  mkdirSync(results, { recursive: true });
  writeFileSync(file, `${JSON.stringify(measured, null, 1)}\n`);
  writeFileSync(join(results, 'README.md'), reportOf(measured));
}
console.log(reportOf(measured));

async function modelOf(set: SetName): Promise<Uint8Array> {
  const file = join(kept, `${set}.arbm`);
  if (!existsSync(file)) {
    const definition = (await allPipelines()).find(({ name }) => name === set)!;
    const { world } = await runInMemory(definition, { to: 'promote' });
    const { modelKey } = await world.deps.registry.resolve('default', set, { alias: 'production' });
    mkdirSync(kept, { recursive: true });
    writeFileSync(file, await world.objects.get(modelKey!));
  }
  return readFile(file);
}

interface Given {
  model: Uint8Array;
  loaded: LoadedModel;
  rows: Rows;
  groupRows: number;
}

async function measure(set: SetName, format: BatchFormat, given: Given): Promise<Measured> {
  const { model, loaded, rows, groupRows } = given;
  const dir = mkdtempSync(join(tmpdir(), 'arboleda-batch-'));
  try {
    const input = join(dir, `rows.${format}`);
    if (format === 'csv') await writeCsv(input, rows);
    else writeFileSync(input, parquetOf(set, rows, groupRows));
    const runId = await startIn(dir, set, { model, format, input });
    const phases = {} as Record<'plan' | 'predict' | 'join', PhaseReport>;
    for (const phase of ['plan', 'predict', 'join'] as const) {
      phases[phase] = runPhase(dir, { phase, run: runId, model: set });
      const { seconds, peakMb } = phases[phase];
      console.error(`${set} ${format} ${groupRows} ${phase}: ${seconds.toFixed(1)} s, ${peakMb} MB`);
    }
    const { progress } = phases.predict;
    if (progress.some((done, i) => done <= (progress[i - 1] ?? 0)) || progress.at(-1) !== rows.count) {
      throw new Error(`the progress does not grow to the last row: ${progress}`);
    }
    const checked = await check(dir, runId, { set, format, loaded, rows });
    const size = statSync(input).size;
    return {
      set,
      format,
      groupRows,
      rows: rows.count,
      inputBytes: size,
      modelBytes: model.length,
      phases,
      ...checked,
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function startIn(
  dir: string,
  set: SetName,
  { model, format, input }: { model: Uint8Array; format: BatchFormat; input: string },
): Promise<string> {
  const { deps, save } = keptWorld(dir);
  const { model: loaded } = readModelFile(model);
  await serveModel(deps, set, model, loaded.task);
  const bytes = await readFile(input);
  const file = { name: `rows.${format}`, bytes: bytes.length, sha256: sha256Of(bytes) };
  const { runId } = await uploadAndStart(deps, set, bytes, { format, file });
  save();
  return runId;
}

function runPhase(dir: string, options: { phase: string; run: string; model: string }): PhaseReport {
  const args = Object.entries({ dir, ...options }).flatMap(([name, value]) => [`--${name}`, value]);
  const script = join(import.meta.dirname, 'phase.ts');
  // Its log is not shown: what it found is in a file.
  execFileSync(process.execPath, [`--max-old-space-size=${HEAP_MB}`, script, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return JSON.parse(readFileSync(join(dir, PHASE_FILE), 'utf8')) as PhaseReport;
}

interface Result {
  checked: Checked;
  chunks: number;
  resultBytes: number;
}

/** Ends the run as the state machine does, and reads its result to the last row. */
async function check(
  dir: string,
  runId: string,
  { set, format, loaded, rows }: { set: SetName; format: BatchFormat; loaded: LoadedModel; rows: Rows },
): Promise<Result> {
  const { deps } = keptWorld(dir);
  await closeRun(deps, { workspace: 'default', runId, attempt: 1 }, { outcome: 'finished' });
  const status = await batchStatus(deps, 'default', set, runId);
  const { result } = status;
  if (status.status !== 'FINISHED' || result === undefined) throw new Error(`the run is ${status.status}`);
  const at = (file: string) => join(dir, 'objects', 'default', 'batches', runId, file);
  const failures = readFileSync(at('failures.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RowFailure);
  const path = at(`predictions.${format}`);
  const checked =
    format === 'csv'
      ? await checkCsv(loaded, rows, path, failures)
      : await checkParquet(loaded, rows, await fileRanges(path), failures);
  if (checked.predicted !== status.predicted || checked.predicted + checked.failed !== rows.count) {
    throw new Error(`${checked.predicted} and ${checked.failed} rows, the run says ${status.predicted}`);
  }
  return { checked, chunks: status.chunks.total, resultBytes: statSync(path).size };
}
