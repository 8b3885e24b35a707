import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ClientRuns } from '../../lib/tracking/index.ts';
import { launch, openTab } from '../../test/browser/support/browser.ts';
import { startSite } from '../../test/browser/support/site.ts';
import { seedRuns } from '../mlflow/seed.ts';
import { leanRows, plainLines, type Scrolled, scrollThrough } from './scroll.ts';

/**
 * The table of runs in a real Chromium, over the real application with stores in memory: how long until it stands, and how
 * smooth it is to scroll through all of the runs.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '5' },
    write: { type: 'boolean', default: false },
  },
});
/** Ten rows a frame: faster than a wheel is turned by hand. */
const STEP = 400;
const [count, rounds] = [Number(values.runs), Number(values.rounds)];

const site = await startSite();
const client = new ClientRuns(site.world.items, site.world.clock);
for (const { runId, startTime, name, params, tags, metrics } of seedRuns(count)) {
  const entries = (record: Record<string, string>) =>
    Object.entries(record).map(([key, value]) => ({ key, value }));
  await client.create('default', { runId, experimentId: '0', startTime, name, tags: entries(tags) });
  await client.logBatch('default', runId, {
    params: entries(params),
    metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, step: 0, timestamp: startTime })),
  });
}
console.log(`${count} runs are there`);

const token = await site.token('operator');
const browser = await launch();
const tab = await openTab(browser, { width: 1440, now: new Date() });
const { page } = tab;
await page.addInitScript(
  `if (location.protocol !== 'about:') sessionStorage.setItem('arboleda.token', ${JSON.stringify(token)})`,
);

const median = (figures: number[]): number =>
  figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)]!;

/** From the first byte asked for to a drawn row, and what of it the browser spent in scripts and layout. */
async function timeToTable(hash: string): Promise<number> {
  await page.goto('about:blank');
  const start = performance.now();
  await page.goto(`${site.address}#/runs${hash}`);
  await page.locator('tbody tr[data-index="0"]').waitFor();
  return performance.now() - start;
}

const table: string[][] = [['what', 'figure']];
const say = (what: string, figure: string) => {
  table.push([what, figure]);
  console.log(`${what}: ${figure}`);
};

const times: number[] = [];
const sorted: number[] = [];
for (let round = 0; round < rounds; round++) {
  times.push(await timeToTable(''));
  sorted.push(await timeToTable('?order=metrics.accuracy+DESC'));
}
say(`time to table, newest first (median of ${rounds})`, `${median(times).toFixed(0)} ms`);
say(`time to table, ordered by a metric (median of ${rounds})`, `${median(sorted).toFixed(0)} ms`);

const summary = ({ frames, waited, work }: Scrolled): string => {
  const ordered = frames.toSorted((a, b) => a - b);
  const at = (share: number) => ordered[Math.floor((ordered.length - 1) * share)]!.toFixed(1);
  const long = frames.filter((one) => one > 100).length;
  const own = `script ${work.script.toFixed(1)}, style ${work.style.toFixed(1)}, layout ${work.layout.toFixed(1)} ms a frame`;
  return `${frames.length}: median ${at(0.5)} ms, 95th ${at(0.95)} ms, longest ${at(1)} ms, ${long} over 100 ms; ${own}; ${waited.toFixed(0)} ms waiting for rows`;
};

const bare = await openTab(browser, { width: 1440 });
for (const [name, html] of [
  ['plain lines that nothing touches', plainLines(count)],
  ['rows of ten texts written by hand', leanRows(count)],
] as const) {
  await bare.page.setContent(html);
  say(`floor: ${name} (${STEP} px a frame)`, summary(await scrollThrough(bare.page, STEP)));
}
await bare.close();

await timeToTable('');
for (const [name, step] of [
  ['first time down, pages read on the way', STEP],
  ['down again, all read', STEP],
  ['down again, all read', 3 * STEP],
] as const) {
  const seen = await scrollThrough(page, step);
  if (seen.rows !== count) throw new Error(`scrolled to ${seen.rows} of ${count} runs`);
  say(`frames while scrolling, ${name} (${step} px a frame)`, summary(seen));
}
const drawn = await page.locator('tbody tr[data-index]').count();
say(`rows in the document at the end of ${count.toLocaleString('en')}`, String(drawn));

if (tab.errors.length > 0) throw new Error(tab.errors.join('\n'));
await browser.close();
await site.close();

if (values.write) {
  const folder = join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const [head, ...rows] = table as [string[], ...string[][]];
  writeFileSync(
    join(folder, 'README.md'),
    `# The table of runs with ${count.toLocaleString('en')} runs

${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}, load ${loadavg()[0]?.toFixed(1)}, Node ${process.versions.node},
Chromium without a graphics card, window of 1440 pixels. The server is the application over stores in memory, on the same machine.
Written by \`npm run bench:console -- --write\`.

${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}
`,
  );
}
process.exit(0);
