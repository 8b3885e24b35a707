/**
 * What a cold start of the prediction function reads and imports: its bundle's size, and the time of its import in a fresh process
 * whose files are in the page cache, in turns with a module that imports only the modules of Node.js that the bundle imports at its start.
 *   node bench/serving/cold.ts [--rounds 31 --bundle FILE --name TEXT --write]
 * `--bundle` measures a further file beside it, such as the bundle of another commit.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { bundleFunctions } from '../../lib/infra/bundle/index.ts';
import { median, quantile, report } from './results.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '31' },
    bundle: { type: 'string' },
    name: { type: 'string', default: 'beside it' },
    write: { type: 'boolean', default: false },
  },
});
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'arboleda-cold-'));

/** Wall and processor time of the import alone, in milliseconds: Node.js is up when the clock starts. */
function importOnce(file: string): { wall: number; cpu: number } {
  const code = `const c = process.cpuUsage(), t = performance.now(); await import(${JSON.stringify(file)});
    const wall = performance.now() - t, { user, system } = process.cpuUsage(c);
    process.stdout.write(JSON.stringify({ wall, cpu: (user + system) / 1000 }));`;
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: folder, encoding: 'utf8' }),
  );
}

try {
  const { predict } = await bundleFunctions({
    root,
    entries: { predict: 'lambdas/predict/handler.ts' },
    pipelines: [],
  });
  const file = join(predict!.directory, 'index.mjs');
  const text = readFileSync(file, 'utf8');
  // What is imported at the start: by the module itself, and by CommonJS within it; `import()` waits until it is needed.
  const builtIn = new Set(
    [...text.matchAll(/(?:\bfrom|\b(?!import\b)[\w$]+\()"(node:[\w/]+)"/g)].map(([, name]) => name!),
  );
  const bare = join(folder, 'bare.mjs');
  writeFileSync(bare, [...builtIn].map((name) => `import ${JSON.stringify(name)};`).join('\n'));
  const files = new Map([
    ['prediction function', file],
    ['the modules of Node.js that it imports, alone', bare],
    ...(values.bundle ? [[values.name, resolve(values.bundle)] as const] : []),
  ]);
  const times = new Map([...files.keys()].map((name) => [name, [] as { wall: number; cpu: number }[]]));
  for (let round = -2; round < Number(values.rounds); round++) {
    for (const [name, path] of files) {
      const took = importOnce(path);
      if (round >= 0) times.get(name)!.push(took);
    }
  }
  const kb = (bytes: number): string => (bytes / 1000).toFixed(0);
  report(
    'cold',
    {
      title: 'Cold import',
      command: 'node bench/serving/cold.ts --write',
      text: `Fresh processes in turns, ${values.rounds} of each, files in the page cache; the clock starts when Node.js is up. Milliseconds, the model file apart.`,
      head: ['module', 'KB', 'KB gzip', 'import, median', 'least', 'p90', 'processor time, median'],
      rows: [...files].map(([name, path]) => {
        const code = readFileSync(path);
        const found = times.get(name)!;
        const wall = found.map((one) => one.wall);
        const cells = [
          median(wall),
          Math.min(...wall),
          quantile(wall, 0.9),
          median(found.map(({ cpu }) => cpu)),
        ];
        return [
          name,
          kb(code.length),
          kb(gzipSync(code, { level: 9 }).length),
          ...cells.map((one) => one.toFixed(0)),
        ];
      }),
    },
    values.write,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
