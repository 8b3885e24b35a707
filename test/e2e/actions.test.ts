import { parse } from 'csv-parse/sync';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RunDetail } from '../../bin/cli/api-types.ts';
import { path } from '../../bin/cli/client.ts';
import { admin, finishRun, quiet, waitForRun } from '../integration/support/api.ts';
import { closeBrowser, closeTabs, picture, visit } from './support/open.ts';

/** What people do in the console, done on the deployed stack: each action ends at what the API says after it. */
afterEach(closeTabs);
afterAll(closeBrowser);

const dialogOf = (page: Page) => page.getByRole('dialog');
const SLOW = { timeout: 120_000, interval: 500 };

describe('a model of two runs', () => {
  const MODEL = 'houses-by-hand';
  const productionOf = async () =>
    (await admin().get<{ aliases: Record<string, string> }>(path`/models/${MODEL}`)).aliases.production;

  beforeAll(async () => {
    await quiet('housing');
    const again = await finishRun('housing', { force: true });
    for (const runId of [inject('world').runs.housing as string, again.runId]) {
      await admin().post(path`/runs/${runId}/register`, { model: MODEL });
    }
    await admin().put(path`/models/${MODEL}/aliases/production`, { version: '1', reason: 'to begin with' });
  });

  it('is promoted and rolled back, each with its difference and its line of history', async () => {
    const tab = await visit(`#/models/${MODEL}`);
    const { page } = tab;
    const newest = page.locator('.history li').first();
    await page.getByRole('button', { name: 'Promote version 2' }).click();
    await dialogOf(page).locator('.difference').first().waitFor();
    await dialogOf(page).getByLabel('Reason').fill('newer');
    await dialogOf(page).getByRole('button', { name: 'Promote' }).click();
    await dialogOf(page).waitFor({ state: 'detached', timeout: 60_000 });
    expect(await productionOf()).toBe('2');
    await expect.poll(() => newest.innerText()).toMatch(/production from version 1 to 2\s+newer/);
    await page.getByRole('button', { name: 'Roll back to version 1…' }).click();
    await dialogOf(page).getByRole('button', { name: 'Roll back' }).click();
    await dialogOf(page).waitFor({ state: 'detached', timeout: 60_000 });
    expect(await productionOf()).toBe('1');
    await expect.poll(() => newest.innerText()).toContain('back from version 2 to 1');
    await picture(tab, 'e2e-model-rolled-back');
  });

  it('has its traffic split, answered by both versions, and the split stopped', async () => {
    const tab = await visit(`#/models/${MODEL}`);
    const { page } = tab;
    const traffic = page.getByRole('region', { name: 'Traffic' });
    await traffic.getByRole('button', { name: 'Split traffic…' }).click();
    await dialogOf(page).getByLabel('Share of version 1 in percent').fill('50');
    await dialogOf(page).getByLabel('Share of version 2 in percent').fill('50');
    await dialogOf(page).getByRole('button', { name: 'Split', exact: true }).click();
    await expect
      .poll(() => traffic.getByRole('img').getAttribute('aria-label'))
      .toBe('version 1 50 %, version 2 50 %');
    await picture(tab, 'e2e-model-split');
    const { samples } = await admin().get<{ samples: object[] }>(path`/models/${MODEL}/schema`);
    const answered = new Set<string>();
    // Half of all keys each: that 40 keys meet one version alone has a chance of 2 to the power of -39.
    for (let key = 0; key < 40 && answered.size < 2; key++) {
      const { version } = await admin().post<{ version: string }>(
        path`/models/${MODEL}/predict`,
        samples[0],
        { headers: { 'arboleda-key': `caller ${key}` } },
      );
      answered.add(version);
    }
    expect([...answered].sort()).toEqual(['1', '2']);
    await traffic.getByRole('button', { name: 'Stop…' }).click();
    await dialogOf(page).getByRole('button', { name: 'Stop', exact: true }).click();
    await traffic.getByText('Version 1 answers everything.').waitFor({ timeout: 60_000 });
  });

  it('is looked at now: the requests of both versions are counted', async () => {
    const tab = await visit(`#/health/${MODEL}`);
    const figures = tab.page.locator('.health-figures');
    // Requests of the last 40 seconds wait for the next look, as the page says.
    const looked = async () => {
      await tab.page.getByRole('button', { name: 'Check now' }).first().click();
      await tab.page.getByText('was looked at just now').first().waitFor();
      return figures.count();
    };
    await expect.poll(looked, { timeout: 120_000, interval: 5_000 }).toBe(1);
    expect(await figures.innerText()).toMatch(/Requests\s+\d+ .*Errors\s+0\.0\s%/s);
    const versions = tab.page.getByRole('region', { name: 'Versions' }).locator('tbody tr');
    await expect.poll(() => versions.count()).toBe(2);
    await picture(tab, 'e2e-health');
  });
});

it('a large file is predicted on the server, and its result and failed rows are given', async () => {
  const { samples } = await admin().get<{ samples: Record<string, unknown>[] }>('/models/housing/schema');
  const names = Object.keys(samples[0] as object);
  const lines = Array.from({ length: 500 }, (_, i) =>
    names.map((name) => (i === 250 && name === names[0] ? 'many' : samples[i % samples.length]?.[name])),
  );
  const text = [names, ...lines].map((cells) => cells.join(',')).join('\n');
  const tab = await visit('#/try/housing');
  const { page } = tab;
  await page.getByRole('tab', { name: 'A large file' }).click();
  await page
    .getByLabel('File for the server')
    .setInputFiles({ name: 'houses.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await page.getByRole('button', { name: 'Predict on the server' }).click();
  const batch = page.getByRole('region', { name: 'Batch', exact: true });
  await batch.getByText('finished').waitFor({ timeout: 180_000 });
  await picture(tab, 'e2e-batch');
  const facts = (await batch.locator('dl').innerText()).split(/\s+/);
  expect(facts).toEqual(['Rows', '500', 'Predicted', '499', 'Failed', '1', 'Warnings', '0']);
  const read = async (name: RegExp) => {
    const href = await batch.getByRole('link', { name }).getAttribute('href');
    return (await fetch(href as string)).text();
  };
  const rows: Record<string, string>[] = parse(await read(/^Download with predictions/), { columns: true });
  expect(rows).toHaveLength(499);
  expect(JSON.parse((await read(/^Rows that failed/)).trim())).toMatchObject({ field: names[0] });
});

it('a run is cancelled, and retried to its end', async () => {
  await quiet('forest-cover');
  const { runId } = await admin().post<{ runId: string }>('/pipelines/forest-cover/runs', { force: true });
  const tab = await visit(`#/runs/${runId}`);
  const { page } = tab;
  const head = page.locator('.page-head');
  await page.getByRole('button', { name: 'Cancel' }).click({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Cancel the run' }).click();
  await head.getByText('cancelled').waitFor({ timeout: 120_000 });
  expect(await waitForRun(runId)).toMatchObject({ status: 'KILLED', error: { code: 'CANCELLED' } });
  await page.getByRole('button', { name: /^Retry/ }).click();
  await expect.poll(() => head.innerText(), SLOW).toContain('running');
  await expect
    .poll(async () => (await admin().get<RunDetail>(path`/runs/${runId}`)).status, SLOW)
    .toBe('FINISHED');
  await head.getByText('finished').waitFor({ timeout: 60_000 });
  expect(await admin().get<RunDetail>(path`/runs/${runId}`)).toMatchObject({ attempt: 2 });
  await picture(tab, 'e2e-run-retried');
});
