/**
 * The collector's fault table: 1,000 deliveries of the sample source over HTTP, with faults of each kind on its side, and crashes,
 * delays, reordering and double firing on the collector's. Stores are in memory, where a crash can be put before or after any write.
 *   npm run bench:collector [-- --deliveries 1000 --seed 42 --json]
 * ARBOLEDA_DATA names the data folder, `../shared/data` by default; without it the generator's rows are served.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readSampleRows } from '../../bin/samples/read-rows.ts';
import { startSampleServer } from '../../bin/samples/server.ts';
import { forestLikeUci } from '../../data/forest-cover/generator.ts';
import forest from '../../data/forest-cover/pipeline.ts';
import { guardedGet } from '../../lib/pipeline/collect/get.ts';
import { SampleSource } from '../../lib/pipeline/samples/index.ts';
import { schemaFromZod, seededRandom } from '../../lib/table/index.ts';
import { pipelineWorld } from '../../test/support/pipeline.ts';
import { type StormReport, storm, type Weather } from '../../test/support/storm.ts';

const { values } = parseArgs({
  options: {
    deliveries: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '42' },
    json: { type: 'boolean', default: false },
  },
});
const DELIVERIES = Number(values.deliveries);
const seed = Number(values.seed);
const SUBSETS = 10;
/** A batch stands for eight deliveries, so that it is asked for more often than it changes. */
const EVERY_MS = 300_000;
const PER_BATCH = 8;
const FAULTS = { 'server-error': 0.1, timeout: 0.05, truncated: 0.1, duplicate: 0.1, late: 0.1 };
const WEATHER: [Weather['kind'], number][] = [
  ['crash', 0.15],
  ['held', 0.1],
  ['twice', 0.05],
];

const folder = process.env.ARBOLEDA_DATA ?? join(import.meta.dirname, '..', '..', '..', 'shared', 'data');
const file = join(folder, 'forest-cover', 'covertype.csv.gz');
const { columns } = schemaFromZod(forest.row);
const real = existsSync(file);
const rows = real
  ? await readSampleRows('forest-cover', file)
  : forestLikeUci(seededRandom(31), 20_000).map((row) => columns.map(({ name }) => row[name] ?? null));

const random = seededRandom(seed);
const world = pipelineWorld([forest]);
const origin = world.clock.now().getTime();
const source = new SampleSource({
  rows,
  batches: SUBSETS,
  every: EVERY_MS,
  share: 0.05,
  seed,
  origin,
  again: true,
  faults: FAULTS,
});
const server = await startSampleServer(
  source,
  0,
  () => undefined,
  () => world.clock.now().getTime(),
);
world.deps.get = guardedGet({ inner: true, milliseconds: 250, bytes: 32 * 1024 * 1024 });
world.deps.collectorUrls = { 'forest-cover': server.url };

const begun = performance.now();
const report = await storm(world, 'default', 'forest-cover', {
  subsets: SUBSETS,
  columns: columns.length,
  weather: weather(),
  after: () => world.clock.advance(EVERY_MS / PER_BATCH),
});
await server.close();
const seconds = (performance.now() - begun) / 1000;
const faultless =
  report.identities === report.stored &&
  report.equal === report.stored &&
  report.whole === report.closed &&
  report.runs === report.closed &&
  report.distinctRuns === report.closed &&
  report.startsDue === 0;
const result = { rows: rows.length, real, seed, ...report, source: source.counts, seconds, faultless };
process.stdout.write(values.json ? `${JSON.stringify(result, null, 2)}\n` : tableOf(report));
if (!faultless) process.exitCode = 1;

function* weather(): Generator<Weather> {
  for (let sent = 0; sent < DELIVERIES; sent++) {
    const one = draw();
    // Two at once are two deliveries.
    if (one.kind === 'twice' && ++sent >= DELIVERIES) yield { kind: 'calm' };
    else yield one;
  }
}

function draw(): Weather {
  let left = random();
  for (const [kind, rate] of WEATHER) {
    left -= rate;
    if (left >= 0) continue;
    if (kind === 'crash') {
      return { kind, at: 1 + Math.floor(random() * 3), mode: random() < 0.5 ? 'before' : 'after' };
    }
    return kind === 'held' ? { kind, deliveries: 1 + Math.floor(random() * 6) } : { kind: 'twice' };
  }
  return { kind: 'calm' };
}

function tableOf(storm: StormReport): string {
  const { counts } = source;
  const lines: [string, string | number][] = [
    ['rows of the source', `${rows.length} (${real ? 'real' : 'synthetic'})`],
    ['deliveries', storm.deliveries],
    ['faults of the source: 500', counts['server-error'] ?? 0],
    ['  no answer in time', counts.timeout ?? 0],
    ['  JSON cut off', counts.truncated ?? 0],
    ['  the answer before, again', counts.duplicate ?? 0],
    ['  a batch that is past', counts.late ?? 0],
    ['answers with no more data', counts.exhausted ?? 0],
    ['collector crashed', storm.outcomes.crashed ?? 0],
    ['answers held back and reordered', storm.weather.held ?? 0],
    ['polls fired twice at once', storm.weather.twice ?? 0],
    ['batch known already, ignored', storm.outcomes.known ?? 0],
    ['answer of a pass that is over, ignored', storm.outcomes.late ?? 0],
    ['subsets stored', storm.stored],
    ['  different batches among them', storm.identities],
    ['  rows equal by hash to what was sent', storm.equal],
    ['rounds closed', storm.closed],
    [`  with exactly ${SUBSETS} subsets and all their rows`, storm.whole],
    ['rounds that the source left short', storm.incomplete],
    ['runs started by rounds', storm.runs],
    ['  different ones', storm.distinctRuns],
  ];
  const body = lines.map(([name, value]) => `| ${name} | ${value} |`).join('\n');
  return `| | |\n|---|---:|\n${body}\n\n${faultless ? 'No fault got through' : 'A FAULT GOT THROUGH'} (seed ${seed}, ${seconds.toFixed(0)} s).\n`;
}
