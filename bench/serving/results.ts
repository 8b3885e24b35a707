import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';

/** What one bench found: a table, with words about it. */
export interface Part {
  title: string;
  /** What was measured, and how: a paragraph or two. */
  text: string;
  head: string[];
  rows: string[][];
  /** What the table does not show. */
  after?: string;
  command: string;
}

interface Kept extends Part {
  at: string;
  machine: string;
}

/** In the order of the page; each bench writes its own, and the page of all. */
const PARTS = ['cold', 'inside', 'load', 'flat', 'emulator', 'explain'] as const;
const folder = join(import.meta.dirname, 'results');
const fileOf = (name: (typeof PARTS)[number]): string => join(folder, `${name}.json`);

const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
export const table = ({ head, rows }: Pick<Part, 'head' | 'rows'>): string =>
  [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');

/** Prints a part; with `write`, keeps it in results/ and writes the page again. */
export function report(name: (typeof PARTS)[number], part: Part, write: boolean): void {
  process.stdout.write(`${part.title}\n\n${table(part)}\n\n${part.after ?? ''}\n`);
  if (!write) return;
  mkdirSync(folder, { recursive: true });
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}, load ${loadavg()[0]?.toFixed(1)}, Node ${process.versions.node}`;
  const kept: Kept = { ...part, at: new Date().toISOString().slice(0, 16).replace('T', ' '), machine };
  writeFileSync(fileOf(name), `${JSON.stringify(kept, null, 2)}\n`);
  writeFileSync(join(folder, 'README.md'), page());
}

function page(): string {
  const parts = PARTS.filter((name) => existsSync(fileOf(name))).map((name) =>
    section(JSON.parse(readFileSync(fileOf(name), 'utf8')) as Kept),
  );
  return `# Serving: figures\n\nWritten by the benches of this folder, each its part; what they measure is in [their README](../README.md).\n\n${parts.join('\n')}`;
}

const section = (part: Kept): string =>
  `## ${part.title}\n\n${part.at} UTC, ${part.machine}. \`${part.command}\`\n\n${part.text}\n\n${table(part)}\n${part.after ? `\n${part.after}\n` : ''}`;

/** The value below which `share` of the numbers lie. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
export const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);
