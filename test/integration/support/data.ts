import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { stringify } from 'csv-stringify/sync';
import { expect } from 'vitest';
import { pushLocalData } from '../../../bin/cli/push.ts';
import { forestLikeUci } from '../../../data/forest-cover/generator.ts';
import { studentsLikeUci } from '../../../data/student-performance/generator.ts';
import type { RowGenerator } from '../../../lib/pipeline/index.ts';
import { seededRandom } from '../../../lib/table/index.ts';
import type { Run } from '../../../lib/tracking/types.ts';
import { admin } from './api.ts';

/** The folder of real data sets: `ARBOLEDA_DATA`, else beside the repository. */
export const DATA_FOLDER =
  process.env.ARBOLEDA_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));

/** Decided by the folder alone: one that is there and lacks a file fails the tests of that file's pipeline. */
export const realDataThere = (): boolean => existsSync(DATA_FOLDER);

/** Pushes the pipeline's file of the data folder, as the command line does before a run. */
export const pushRealData = (pipeline: string) =>
  pushLocalData(admin(), pipeline, () => undefined, DATA_FOLDER);

/** What a run reads, as its tags `data.source`, `data.synthetic` and `data.rows` say it. */
export interface Delivered {
  source: 'pushed' | 'file' | 'https' | 'generate';
  real: boolean;
  rows: number;
}
const delivered = (source: Delivered['source'], rows: number): Delivered => ({
  source,
  real: source !== 'generate',
  rows,
});

/** Rows of the file in the data folder, and what each pipeline reads next where that is not there. */
const SOURCES: Record<string, { folder: number; next: Delivered[] }> = {
  'student-performance': { folder: 666, next: [delivered('https', 666), delivered('generate', 666)] },
  'devops-metrics': { folder: 1000, next: [delivered('generate', 1000)] },
  diabetes: { folder: 101_766, next: [delivered('https', 101_766), delivered('generate', 101_766)] },
  'forest-cover': { folder: 92_962, next: [delivered('https', 581_012), delivered('generate', 20_000)] },
};

/**
 * Asserts that a run reads what this machine has for its pipeline: with the data folder the real file and nothing else, without
 * it the pipeline's next source, the public one where the network has it, else the generator, tagged synthetic.
 *
 * @returns what it read: figures are judged by their real bounds where it is real.
 */
export function expectData(run: Pick<Run, 'pipeline' | 'tags'>): Delivered {
  const { folder, next } = SOURCES[run.pipeline ?? ''] ?? {};
  if (folder === undefined || next === undefined) throw new Error(`no data is known of ${run.pipeline}`);
  const { tags } = run;
  const found = {
    source: tags['data.source'],
    real: tags['data.synthetic'] === 'false',
    rows: Number(tags['data.rows']),
  };
  const possible = realDataThere() ? [delivered('pushed', folder)] : next;
  expect(possible, `data of ${run.pipeline}, the folder being ${DATA_FOLDER}`).toContainEqual(found);
  return possible.find(({ source }) => source === found.source)!;
}

/** The path of the students' file: the real one with the data folder, else one of that name in `folder`, of made-up rows. */
export const studentsFile = (folder: string): string =>
  fileOf(folder, 'student-performance', 'student_entry_performance.csv.gz', studentsLikeUci, 666);

/** The same of the forest's cells. */
export const forestFile = (folder: string): string =>
  fileOf(folder, 'forest-cover', 'covertype.csv.gz', forestLikeUci, 92_962);

function fileOf(folder: string, pipeline: string, name: string, make: RowGenerator, rows: number): string {
  if (realDataThere()) return join(DATA_FOLDER, pipeline, name);
  const made = join(folder, name);
  writeFileSync(made, gzipSync(stringify(make(seededRandom(1), rows), { header: true })));
  return made;
}
