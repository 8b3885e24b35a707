/** The results as a file: one entry a section, each with the machine and the day that it was measured on. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from './contenders/job.ts';
import type { FullSize } from './full-size.ts';
import type { GrowthLine } from './growth.ts';
import type { Machine } from './machine.ts';
import type { ProfileResult } from './profile/result.ts';
import type { Series } from './rounds.ts';
import type { Line } from './summary.ts';

/** When and where a section was measured, and by which versions. */
export interface Stamp {
  day: string;
  machine: Machine;
  versions: Record<string, string>;
  wallSeconds: number;
}

export interface Results {
  cases: Record<string, Stamp & { settings: string; lines: Line[]; raw: Raw[] }>;
  growth?: Stamp & { lines: GrowthLine[] };
  baseline?: Stamp & { line: GrowthLine };
  fullSize?: Stamp & { result: FullSize };
  profile?: Stamp & { results: ProfileResult[] };
}

/** A series, as columns of figures: every run is kept. */
export interface Raw {
  contender: string;
  threads: number;
  figures: Record<string, number[]>;
}

/** The figures of every run, six digits each. */
export function rawOf({ contender, threads, answers }: Series): Raw {
  const keys = new Set(answers.flatMap((answer) => Object.keys(answer) as (keyof Answer)[]));
  const figures: Record<string, number[]> = {};
  for (const key of keys) {
    const values = answers.map((answer) => answer[key]).filter((value) => typeof value === 'number');
    if (values.length > 0) figures[key] = values.map((value) => Number(value.toPrecision(6)));
  }
  return { contender, threads, figures };
}

/** Versions that the processes named. */
export function versionsOf(series: readonly Series[]): Record<string, string> {
  return Object.assign({}, ...series.flatMap(({ answers }) => answers.map(({ versions }) => versions ?? {})));
}

const file = (folder: string): string => join(folder, 'results.json');

export function readResults(folder: string): Results {
  if (!existsSync(file(folder))) return { cases: {} };
  return JSON.parse(readFileSync(file(folder), 'utf8')) as Results;
}

/** Keeps the results: JSON with a line a series, and the report. */
export function writeResults(folder: string, results: Results, report: string): void {
  mkdirSync(folder, { recursive: true });
  const text = JSON.stringify(results, null, 1).replaceAll(
    /\[\s+([-\d.e,\s]+?)\s+\]/g,
    (_, inner: string) => `[${inner.split(/,\s+/).join(', ')}]`,
  );
  writeFileSync(file(folder), `${text}\n`);
  writeFileSync(join(folder, 'README.md'), report);
}
