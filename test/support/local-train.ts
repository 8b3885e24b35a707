import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type TrainOptions, train } from '../../bin/local-train/train.ts';

/** A folder for the files of one test file, gone after its last test. */
export function temporaryFolder(name: string): string {
  const dir = mkdtempSync(join(tmpdir(), `arboleda-${name}-`));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Writes CSV files into a folder and trains on them, each file of a new name. */
export function trainingIn(dir: string, defaults: Partial<TrainOptions>) {
  let files = 0;
  return {
    write(header: string, rows: readonly (readonly unknown[])[]): string {
      const path = join(dir, `file-${files++}.csv`);
      writeFileSync(path, `${header}\n${rows.map((row) => row.join(',')).join('\n')}\n`);
      return path;
    },
    /** The report, and all that was said on the way. */
    async trained(data: string, over: Partial<TrainOptions> = {}) {
      const said: string[] = [];
      const report = await train({
        data,
        target: 'y',
        out: join(dir, `model-${files}`),
        seed: 42,
        split: '0.8',
        drop: [],
        missing: [],
        note: (text) => said.push(text),
        ...defaults,
        ...over,
      });
      return { report, said: said.join('\n') };
    },
  };
}
