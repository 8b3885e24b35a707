import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

const repo = resolve(import.meta.dirname, '../../..');

/** Every module that Node loads before the first line of `entry` runs: all but `import type` and `import()`. */
function loadedBy(entry: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    const text = readFileSync(join(repo, file), 'utf8');
    for (const [, from = ''] of text.matchAll(
      /^(?:import|export)(?! type\b)(?:[^'";]*? from)? '([^']+)';/gm,
    )) {
      if (from.startsWith('.')) visit(relative(repo, join(repo, dirname(file), from)));
      else if (!from.startsWith('node:')) packages.add(from);
    }
  };
  visit(entry);
  return { files, packages };
}

it('the command line says its help without models, tables, pipelines or the libraries that read them', () => {
  const { files, packages } = loadedBy('bin/arboleda.ts');
  expect(files.size).toBeGreaterThan(30);
  // Two that load nothing but errors: the names by which a table of runs is sorted, and how a count is said.
  for (const alone of ['lib/learn/metrics/names.ts', 'lib/table/counted.ts']) {
    const { files: below, packages: none } = loadedBy(alone);
    expect([...below].filter((file) => file !== alone && !file.startsWith('lib/errors/'))).toEqual([]);
    expect([...none]).toEqual([]);
    files.delete(alone);
  }
  const rooms = new Set([...files].map((file) => file.split('/').slice(0, 2).join('/')));
  for (const room of ['lib/learn', 'lib/table', 'lib/pipeline', 'lib/infra', 'bin/local-train']) {
    expect([...rooms], room).not.toContain(room);
  }
  expect([...packages].sort()).toEqual(['cli-table3', 'commander', 'zod']);
});

it('sees what is loaded: training from a file loads all that the help does not', () => {
  const { files, packages } = loadedBy('bin/local-train/train.ts');
  expect([...files]).toEqual(expect.arrayContaining(['lib/learn/trainers.ts', 'lib/table/parquet.ts']));
  expect([...packages]).toEqual(expect.arrayContaining(['csv-parse', 'zod']));
});
