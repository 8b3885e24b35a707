import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pause } from '../../bin/local/stay.ts';
import { forestLikeUci } from '../../data/forest-cover/generator.ts';
import type { CollectorReport } from '../../lib/http/types.ts';
import { seededRandom } from '../../lib/table/index.ts';
import { admin } from '../integration/support/api.ts';
import { Samples } from '../support/samples.ts';

const COLLECTOR = '/pipelines/forest-cover/collector';
let folder: string;
let samples: Samples;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'arboleda-samples-'));
  const rows = forestLikeUci(seededRandom(1), 2000);
  const lines = [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))];
  const file = join(folder, 'rows.csv');
  writeFileSync(file, lines.map((line) => line.join(',')).join('\n'));
  samples = new Samples(file, '--batches', '900', '--every', '2', '--fault', 'server-error=0.2');
});
afterAll(async () => {
  await admin().put(COLLECTOR, { state: 'paused' });
  samples.end();
  rmSync(folder, { recursive: true, force: true });
});

it("the collector's schedule fires on LocalStack and stores a subset of each batch", async () => {
  const url = await samples.url();
  await admin().put(COLLECTOR, { url, every: 2, subsets: 900, state: 'active' });
  let report = await admin().get<CollectorReport>(COLLECTOR);
  // Nothing here polls: what is stored, the rule's ticks stored.
  for (let i = 0; i < 300 && report.open.stored < 5; i++) {
    await pause(500);
    report = await admin().get<CollectorReport>(COLLECTOR);
  }
  expect(report.open.stored).toBeGreaterThanOrEqual(5);
  const batches = report.open.subsets.map(({ batch }) => batch);
  expect(new Set(batches).size).toBe(batches.length);
  const sent = samples.sent();
  for (const { sha256 } of report.open.subsets) expect(sent.has(sha256)).toBe(true);
  expect(report.counts.polls).toBeGreaterThan(report.open.stored);
});
