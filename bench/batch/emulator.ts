/**
 * A million rows of housing through everything: the command line's upload, the API, the state machine with its distributed Map, the
 * functions and S3, on the emulator. Every row of the result is checked.
 *   node bench/batch/emulator.ts [--rows 1000000 --format csv --format parquet --write]
 */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { S3Client } from '@aws-sdk/client-s3';
import type { RunDetail } from '../../bin/cli/api-types.ts';
import { hasEnded } from '../../bin/cli/api-types.ts';
import { ApiClient } from '../../bin/cli/client.ts';
import { predictBatch } from '../../bin/cli/predict-batch.ts';
import { freePort } from '../../bin/local/port.ts';
import { pause } from '../../bin/local/stay.ts';
import { down, up } from '../../bin/local/up.ts';
import type { StartedRun } from '../../lib/http/types.ts';
import { readModelFile } from '../../lib/learn/file/model-file.ts';
import type { BatchFormat, RowFailure } from '../../lib/pipeline/batch/types.ts';
import { S3ObjectStore } from '../../lib/store/index.ts';
import { type Checked, checkCsv, checkParquet } from './check.ts';
import { fileRanges, parquetOf, rowsOf, writeCsv } from './files.ts';
import { emulatorReport } from './report.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    format: { type: 'string', multiple: true, default: ['csv', 'parquet'] },
    write: { type: 'boolean', default: false },
  },
});
const MODEL = 'housing';

/** One batch on the emulator. */
export interface Emulated {
  format: BatchFormat;
  rows: number;
  inputBytes: number;
  chunks: number;
  /** From the upload's first byte to the result's last. */
  seconds: number;
  /** Different states of the progress that the command line was told. */
  progress: number;
  checked: Checked;
}

const dir = mkdtempSync(join(realpathSync(tmpdir()), 'arboleda-batch-'));
const say = (text: unknown) => console.error(text);
const { local } = await up({ dir, port: await freePort(), persist: false, say: () => undefined });
try {
  const api = new ApiClient({ ...local, token: local.adminToken, name: 'bench' });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new S3Client({
    endpoint: local.endpoint,
    region: local.region,
    credentials,
    forcePathStyle: true,
  });
  const objects = new S3ObjectStore(client, local.outputs.BucketName!);
  const { modelKey } = await trained(api);
  const loaded = readModelFile(await objects.get(modelKey));
  const rows = await rowsOf(MODEL, loaded, Number(values.rows));
  const all: Emulated[] = [];
  for (const format of values.format as BatchFormat[]) {
    const input = join(dir, `rows.${format}`);
    if (format === 'csv') await writeCsv(input, rows);
    else writeFileSync(input, parquetOf(MODEL, rows, 1_048_576));
    const told = new Set<string>();
    const begun = performance.now();
    const done = await predictBatch(api, {
      model: MODEL,
      query: {},
      bytes: readFileSync(input),
      fileName: `rows.${format}`,
      out: join(dir, `answers.${format}`),
      failuresOut: join(dir, 'failures.jsonl'),
      note: (line) => {
        told.add(line);
        say(`${((performance.now() - begun) / 1000).toFixed(0)} s: ${line}`);
      },
    });
    const seconds = (performance.now() - begun) / 1000;
    const failures = readFileSync(done.failures!, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RowFailure);
    const checked =
      format === 'csv'
        ? await checkCsv(loaded, rows, done.out, failures)
        : await checkParquet(loaded, rows, await fileRanges(done.out), failures);
    if (checked.predicted !== done.predicted || done.predicted + done.failed !== rows.count) {
      throw new Error(`the run says ${done.predicted} and ${done.failed} of ${rows.count} rows`);
    }
    const run = await api.get<RunDetail>(`/runs/${done.runId}`);
    const chunks = run.stages.filter(({ stage, item }) => stage === 'predict' && item !== undefined).length;
    const progress = [...told].filter((line) => line.includes('chunks,')).length;
    all.push({
      format,
      rows: rows.count,
      inputBytes: statSync(input).size,
      chunks,
      seconds,
      progress,
      checked,
    });
  }
  const text = emulatorReport(all);
  console.log(text);
  if (values.write) {
    const results = join(import.meta.dirname, 'results');
    mkdirSync(results, { recursive: true });
    writeFileSync(join(results, 'emulator.md'), text);
  }
} finally {
  await down({ dir, say: () => undefined });
  rmSync(dir, { recursive: true, force: true });
}

/** Runs the pipeline to its promoted model. */
async function trained(api: ApiClient): Promise<{ modelKey: string }> {
  const { runId } = await api.post<StartedRun>(`/pipelines/${MODEL}/runs`, {});
  while (true) {
    const run = await api.get<RunDetail>(`/runs/${runId}`);
    if (run.status === 'FINISHED') break;
    if (hasEnded(run)) throw new Error(`${MODEL} ended ${run.status}: ${JSON.stringify(run.error)}`);
    await pause(500);
  }
  const { versions } = await api.get<{ versions: { modelSha256: string }[] }>(`/models/${MODEL}/versions`);
  return { modelKey: `default/models/${versions[0]!.modelSha256}.arbm` };
}
