import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { buildProgram } from '../../../bin/cli/program.ts';
import { seededRandom } from '../../../lib/table/index.ts';
import { examplePipeline, firstCode } from '../../support/example-pipeline.ts';
import { pipelineWorld, runToEnd } from '../../support/pipeline.ts';

const program = buildProgram(false);

/** Three overlapping kinds, measured to a millimetre as Fisher did, so that many flowers are equal. */
function flowers(): Uint8Array {
  const random = seededRandom(1);
  const kinds = [
    ['setosa', 1.5, 0.2],
    ['versicolor', 4.3, 1.3],
    ['virginica', 5.5, 2.0],
  ] as const;
  const rows = kinds.flatMap(([name, length, width]) =>
    Array.from({ length: 50 }, () => {
      const [a, b] = [random() + random(), random() + random()];
      return `${(length + a - 1).toFixed(1)},${(width + 0.8 * (b - 1) + 0.8).toFixed(1)},${name}`;
    }),
  );
  expect(new Set(rows).size).toBeLessThan(rows.length);
  return new TextEncoder().encode(`petalLength,petalWidth,species\n${rows.join('\n')}\n`);
}

it('has a first pipeline that runs as it stands there, on measurements with equal rows', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'arboleda-readme-'));
  try {
    const readme = await readFile('README.md', 'utf8');
    const code = firstCode(readme).split('export default')[1];
    expect(code?.trim().split('\n').length).toBeLessThanOrEqual(10);
    const definition = await examplePipeline(readme, folder);
    const world = pipelineWorld([definition], { iris: flowers() });
    const run = await runToEnd(world.deps, 'iris');
    expect(run.error).toBeUndefined();
    expect(run.status).toBe('FINISHED');
    expect(run.metrics.f1_weighted).toBeGreaterThan(0.8);
    expect((await world.deps.registry.getModel('default', 'iris')).aliases).toEqual({ production: '1' });
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** Each `npx arboleda ...` of a text: its words up to what ends a command in a shell or in prose. */
const commandsIn = (text: string): string[][] =>
  [...text.matchAll(/npx arboleda ([^`&|#\n")]+)/g)].map(([, words = '']) =>
    words
      .replace(/'[^']*'/g, 'X')
      .replace(/(\s\s|<\/).*$/, '')
      .split(/[\s/]+/)
      .filter((word) => /^(-{2})?[A-Za-z][\w-]*/.test(word)),
  );

/** What of a command line the program does not know: a command or an option. */
function unknownIn(words: string[]): string[] {
  let command: Command = program;
  const options = new Set(program.options.map((option) => option.long));
  const unknown: string[] = [];
  const left = words[0] === '--stack' ? words.slice(2) : words;
  for (const word of left) {
    const sub = command.commands.find((one) => one.name() === word);
    if (sub !== undefined) command = sub;
    else if (command.commands.length > 0 && !word.startsWith('--')) unknown.push(word);
    for (const option of command.options) options.add(option.long);
    if (word.startsWith('--') && !options.has(word.replace(/[^\w-].*$/, ''))) unknown.push(word);
  }
  return unknown;
}

const sources = ['README.md', 'CONTRIBUTING.md', 'lib', 'docs', 'data'].flatMap((root) =>
  root.endsWith('.md')
    ? [root]
    : readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ts|md)$/.test(name))
        .map((name) => join(root, name)),
);

it.each(sources.filter((path) => readFileSync(path, 'utf8').includes('npx arboleda ')))(
  '%s names only commands and options that the command line has',
  (path) => {
    const commands = commandsIn(readFileSync(path, 'utf8'));
    expect(
      commands.flatMap((words) => unknownIn(words).map((what) => `${what} in: ${words.join(' ')}`)),
    ).toEqual([]);
  },
);
