/**
 * Logging and searching by MLflow's protocol: our API beside `mlflow server`, in turns, in one run.
 *   npm run bench:mlflow [-- --emulator --runs 10000 --points 100000 --rounds 30 --write]
 * Without `--emulator` ours is measured over stores in memory alone: seconds, and a figure of our code. With it the app is
 * deployed (or found, by ARBOLEDA_TEST_DIR) on the emulator. `--write` puts the figures into results/README.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Contender, emulatorContenders, memoryContender, mlflowContender } from './contenders.ts';
import { page, table } from './report.ts';
import { itemsOf, seedMlflow, seedRuns } from './seed.ts';
import { logging, overhead, points, searching } from './workloads.ts';

const { values } = parseArgs({
  options: {
    emulator: { type: 'boolean', default: false },
    runs: { type: 'string', default: '10000' },
    points: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '30' },
    write: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const say = (text: string): void => void process.stderr.write(`${text}\n`);

const contenders: Contender[] = [];
try {
  contenders.push(await mlflowContender(say), await memoryContender());
  if (values.emulator) contenders.push(...(await emulatorContenders()));
  say(`seeding ${values.runs} runs ...`);
  const runs = seedRuns(Number(values.runs));
  await seedMlflow(contenders[0]!, runs);
  const seeded = new Set<unknown>();
  for (const { seed } of contenders) {
    if (!('items' in seed) || seeded.has(seed.items)) continue;
    seeded.add(seed.items);
    await seed.items.batchPut(await itemsOf(seed.workspace, runs));
  }
  say('searching ...');
  const searches = await searching(contenders, Math.max(5, Math.floor(rounds / 3)));
  say('logging ...');
  const figures = [await overhead(contenders, rounds), ...(await logging(contenders, rounds)), ...searches];
  say(`${values.points} points ...`);
  figures.push(...(await points(contenders, Number(values.points))));
  process.stdout.write(`${table(figures, contenders)}\n`);
  if (values.write) {
    const file = join(import.meta.dirname, 'results', 'README.md');
    mkdirSync(join(import.meta.dirname, 'results'), { recursive: true });
    writeFileSync(file, page(figures, contenders, runs.length));
  }
} finally {
  for (const { stop } of contenders) await stop();
}
