import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { ClientRuns } from '../../lib/tracking/index.ts';
import { launch, openTab } from '../../test/browser/support/browser.ts';
import { startSite } from '../../test/browser/support/site.ts';
import { seedRuns } from '../mlflow/seed.ts';

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
await page.addInitScript(`sessionStorage.setItem('arboleda.token', ${JSON.stringify(token)})`);

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

/** Scrolls by `step` pixels a frame until nothing more comes; the time between frames, in milliseconds. */
const scrollThrough = (target: Page, step: number): Promise<{ frames: number[]; rows: number }> =>
  target.evaluate(`new Promise((done) => {
    const grid = document.querySelector('.grid');
    const frames = [];
    let before = performance.now();
    let still = 0;
    const frame = (now) => {
      frames.push(now - before);
      before = now;
      const at = grid.scrollTop;
      grid.scrollTop = at + ${step};
      still = grid.scrollTop === at ? still + 1 : 0;
      if (still < 90) return requestAnimationFrame(frame);
      const seen = [...grid.querySelectorAll('tbody tr[data-index]')].map((row) => Number(row.dataset.index) + 1);
      done({ frames: frames.slice(1, -90), rows: Math.max(0, ...seen) });
    };
    requestAnimationFrame(frame);
  })`) as Promise<{ frames: number[]; rows: number }>;

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

await timeToTable('');
for (const [name, step] of [
  ['first time down, pages read on the way', 400],
  ['up and down again, all read', 1_200],
] as const) {
  await page.evaluate("document.querySelector('.grid').scrollTop = 0");
  const { frames, rows } = await scrollThrough(page, step);
  if (rows !== count) throw new Error(`scrolled to ${rows} of ${count} runs`);
  const ordered = frames.toSorted((a, b) => a - b);
  const at = (share: number) => ordered[Math.floor((ordered.length - 1) * share)]!.toFixed(1);
  const long = frames.filter((one) => one > 100).length;
  say(
    `frames while scrolling, ${name} (${step} px a frame)`,
    `${frames.length}: median ${at(0.5)} ms, 95th ${at(0.95)} ms, longest ${at(1)} ms, ${long} over 100 ms`,
  );
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
