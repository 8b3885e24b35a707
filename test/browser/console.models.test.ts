import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runToEnd } from '../support/pipeline.ts';
import { Desk, WINDOWS } from './support/desk.ts';
import { SCRIPT } from './support/pipelines.ts';

/** The pages of models: what is in production, promotion, rollback, traffic split, history, roles. */
let desk: Desk;
let page: Page;

beforeAll(async () => {
  desk = await Desk.open();
  const { world } = desk.site;
  for (const pipeline of ['houses', 'grades']) {
    const run = await runToEnd(world.deps, pipeline);
    expect(run.error).toBeUndefined();
    world.clock.advance(60_000);
  }
  await addVersions('grades', [
    { f1_weighted: 1, accuracy: 1, log_loss: 9 },
    { f1_weighted: 0, accuracy: 0, log_loss: 0.001 },
  ]);
  await addVersions('houses', [{ rmse: 0.5, r2: 0.999 }]);
  await world.deps.registry.createModel('default', { name: 'unborn', description: SCRIPT });
}, 60_000);
afterAll(() => desk?.close());
afterEach(() => desk.expectClean());

/** Versions of the same file as version 1, with these metrics. */
async function addVersions(model: string, all: Record<string, number>[]): Promise<void> {
  const { registry } = desk.site.world.deps;
  const { modelKey, modelSha256, sizeBytes, algorithm, task, runId, tags } = await registry.getVersion(
    'default',
    model,
    '1',
  );
  for (const [i, metrics] of all.entries()) {
    desk.site.world.clock.advance(60_000);
    await registry.createVersion('default', model, {
      identity: `again ${i}`,
      ...({ modelKey, modelSha256, sizeBytes, algorithm, task, runId } as object),
      tags,
      metrics,
    });
  }
}

const row = (version: string) =>
  page
    .getByRole('table', { name: /^Versions of/ })
    .locator('tbody tr')
    .filter({ has: page.getByText(version, { exact: true }) })
    .first();
const card = (name: string) => page.getByRole('region', { name });
const dialog = () => page.getByRole('dialog');
const history = () => page.locator('.history li');
const held = async (model: string) =>
  (await desk.site.world.deps.registry.getModel('default', model)).aliases.production;

describe('the list', () => {
  it('shows each model with what is in production, its figures and its data', async () => {
    page = await desk.visit('#/models', 'viewer');
    const table = page.getByRole('table', { name: 'Registered models' });
    await table.waitFor();
    const rows = await table.locator('tbody tr').allInnerTexts();
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatch(/^grades\s+version 1.*f1_weighted 0\.\d+.*synthetic data/s);
    expect(rows[1]).toMatch(/^houses\s+version 1.*rmse .*random-forest\s+real data\s+2/s);
    expect(rows[2]).toContain(SCRIPT);
    expect(rows[2]).toContain('none yet');
    await table.getByRole('link', { name: 'grades' }).click();
    await page.getByRole('heading', { level: 1, name: 'grades' }).waitFor();
  });
});

describe('promotion and rollback', () => {
  beforeEach(async () => {
    page = await desk.visit('#/models/houses', 'operator');
    await row('2').waitFor();
  });

  it('asks first, with the difference of each metric, and does nothing when it is closed', async () => {
    await page.getByRole('button', { name: 'Promote version 2' }).click();
    await dialog()
      .getByText(/^Its r2 is better/)
      .waitFor();
    const lines = await dialog().locator('.difference').first().locator('tbody tr').allInnerTexts();
    expect(lines[0]).toMatch(/^r2\s+-?[\d.]+\s+0\.999\s+\+[\d.]+\s*▲ better/);
    expect(lines[1]).toMatch(/^rmse\s+[\d.]+\s+0\.5\s+-[\d.]+\s*▲ better/);
    expect(await dialog().innerText()).toContain('in place of version 1');
    await desk.look('models-promote');
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    expect(await held('houses')).toBe('1');
  });

  it('promotes, tells who did it and why, and rolls back', async () => {
    await page.getByRole('button', { name: 'Promote version 2' }).click();
    await dialog().getByLabel('Reason').fill('better by far');
    await dialog().getByRole('button', { name: 'Promote' }).click();
    await dialog().waitFor({ state: 'detached' });
    expect(await held('houses')).toBe('2');
    await expect.poll(() => card('In production').innerText()).toContain('version 2');
    await expect
      .poll(() => history().first().innerText())
      .toMatch(/operator moved production from version 1 to 2\s+better by far/);

    await card('In production').getByRole('button', { name: 'Roll back to version 1…' }).click();
    await dialog()
      .getByText(/^Its r2 is worse/)
      .waitFor();
    await desk.look('models-rollback');
    await dialog().getByRole('button', { name: 'Roll back' }).click();
    await dialog().waitFor({ state: 'detached' });
    expect(await held('houses')).toBe('1');
    await expect
      .poll(() => history().first().innerText())
      .toMatch(/operator rolled production back from version 2 to 1\s+rolled back in the console/);
    const back = card('In production').getByRole('button', { name: 'Roll back…' });
    await expect.poll(() => back.isDisabled()).toBe(true);
    expect(await back.getAttribute('title')).toBe('No other version was in production before');
  });

  it('is refused where somebody else was faster, and says so in the dialog', async () => {
    await page.getByRole('button', { name: 'Promote version 2' }).click();
    await dialog().locator('.difference').first().waitFor();
    const { registry } = desk.site.world.deps;
    const move = { model: 'houses', alias: 'production', actor: 'ana', reason: 'first' };
    await registry.moveAlias('default', { ...move, version: '2' });
    await registry.deleteAlias('default', {
      model: 'houses',
      alias: 'production',
      actor: 'ana',
      reason: 'x',
    });
    await dialog().getByRole('button', { name: 'Promote' }).click();
    await expect.poll(() => dialog().getByRole('alert').innerText()).toContain('production');
    expect(await held('houses')).toBeUndefined();
    // The page behind has read again what the other one left.
    await page.getByText('No version is promoted yet').waitFor();
    await registry.moveAlias('default', { ...move, version: '1' });
  });

  it('of a version that is not in Staging is refused beforehand, where the model demands it', async () => {
    const { registry } = desk.site.world.deps;
    const policy = { actor: 'ana', reason: 'x' };
    await registry.setPolicy('default', { model: 'houses', requireStaging: true, ...policy });
    await page.reload();
    await page.getByText('Only a version in Staging may be promoted.').waitFor();
    await page.getByRole('button', { name: 'Promote version 2' }).click();
    await dialog().getByText('This model takes only a version in Staging; version 2 is in').waitFor();
    expect(await dialog().getByRole('button', { name: 'Promote' }).isDisabled()).toBe(true);
    await registry.setPolicy('default', { model: 'houses', requireStaging: false, ...policy });
  });
});

describe('the traffic split', () => {
  const traffic = () => card('Traffic');
  beforeEach(async () => {
    page = await desk.visit('#/models/grades', 'operator');
    await row('3').waitFor();
    await traffic().getByText('Version 1 answers everything.').waitFor();
  });
  const begin = async () => {
    await traffic().getByRole('button', { name: 'Split traffic…' }).click();
    await dialog().getByLabel('Share of version 1 in percent').waitFor();
  };

  it('is set, shown, changed and stopped', async () => {
    await begin();
    await dialog().getByLabel('Share of version 3 in percent').fill('30');
    const action = dialog().getByRole('button', { name: 'Split', exact: true });
    expect(await action.isDisabled()).toBe(true);
    expect(await action.getAttribute('title')).toBe('The shares sum to 120 %, not to 100 %.');
    await dialog().getByLabel('Share of version 1 in percent').fill('70');
    await dialog().getByLabel('What version 2 does').selectOption('shadow');
    await dialog().getByText('Version 3 beside version 1').waitFor();
    expect(await dialog().locator('.verdict').first().innerText()).toMatch(/^Its \w+ is worse/);
    await desk.look('models-split-form');
    await action.click();
    await dialog().waitFor({ state: 'detached' });
    await expect
      .poll(() => traffic().getByRole('img').getAttribute('aria-label'))
      .toBe('version 1 70 %, version 3 30 %');
    expect(await traffic().innerText()).toMatch(/version 2\s+shadow/);
    await expect
      .poll(() => history().first().innerText())
      .toContain('split the traffic: version 1 70 %, version 3 30 %, in the shadow 2');
    await desk.look('models-split');

    await traffic().getByRole('button', { name: 'Change…' }).click();
    await dialog().getByRole('button', { name: 'Share evenly' }).click();
    await dialog().getByRole('button', { name: 'Change', exact: true }).click();
    await dialog().waitFor({ state: 'detached' });
    await expect
      .poll(() => traffic().getByRole('img').getAttribute('aria-label'))
      .toBe('version 1 50 %, version 3 50 %');

    await traffic().getByRole('button', { name: 'Stop…' }).click();
    await dialog().getByLabel('Reason').fill('enough seen');
    await dialog().getByRole('button', { name: 'Stop', exact: true }).click();
    await traffic().getByText('Version 1 answers everything.').waitFor();
    await expect.poll(() => history().first().innerText()).toMatch(/stopped the split of .*\s+enough seen/);
  });

  it('ends when one of its versions is promoted, in one step', async () => {
    await begin();
    await dialog().getByRole('button', { name: 'Split', exact: true }).click();
    await traffic().getByRole('button', { name: 'Promote version 3…' }).click();
    await dialog().getByText('The traffic split ends with it.').waitFor();
    await dialog().getByRole('button', { name: 'Promote' }).click();
    await traffic().getByText('Version 3 answers everything.').waitFor();
    expect(await held('grades')).toBe('3');
    expect(await desk.site.world.deps.splits.get('default', 'grades')).toBeNull();
    await card('In production').getByRole('button', { name: 'Roll back to version 1…' }).click();
    await dialog().getByRole('button', { name: 'Roll back' }).click();
    await traffic().getByText('Version 1 answers everything.').waitFor();
  });

  it('by blue-green has a guard, and each bound is checked', async () => {
    await begin();
    await dialog()
      .getByLabel(/^Blue-green/)
      .check();
    await dialog().getByLabel('Errors, at most, in %').fill('200');
    await dialog().getByText('A number from 0 to 100.').waitFor();
    expect(await dialog().getByRole('button', { name: 'Split', exact: true }).isDisabled()).toBe(true);
    await dialog().getByLabel('Errors, at most, in %').fill('1');
    await desk.look('models-blue-green');
    await dialog().getByRole('button', { name: 'Split', exact: true }).click();
    await expect.poll(() => traffic().innerText()).toMatch(/goes back above 1\.0\s% errors or 1,000 ms/);
    expect(await desk.site.world.deps.splits.get('default', 'grades')).toMatchObject({
      kind: 'blue-green',
      guard: { maxErrorRate: 0.01, maxLatencyMs: 1000, minRequests: 50, windowMinutes: 15 },
    });
    await desk.site.world.deps.splits.stop('default', { model: 'grades', actor: 'ana', reason: 'x' });
  });
});

describe('roles and states', () => {
  it('a viewer sees everything, and on each action why he may not', async () => {
    page = await desk.visit('#/models/grades', 'viewer');
    await row('2').waitFor();
    for (const name of [/^Promote version 2/, /^Roll back/, /^Split traffic/]) {
      const button = page.getByRole('button', { name }).first();
      expect(await button.isDisabled()).toBe(true);
      expect(await button.innerText()).toContain('needs operator');
      expect(await button.getAttribute('title')).toBe('needs operator');
    }
    await desk.look('models-viewer');
  });

  it('a predictor is told that the page needs another token', async () => {
    page = await desk.visit('#/models', 'predictor');
    expect(await page.getByRole('alert').innerText()).toContain('may not read');
  });

  it('a model without versions says so, and one that is not there too', async () => {
    page = await desk.visit('#/models/unborn', 'operator');
    await page.getByText('No versions yet').waitFor();
    expect(await page.locator('main').innerText()).toContain(SCRIPT);
    const split = page.getByRole('button', { name: 'Split traffic…' });
    expect([await split.isDisabled(), await split.getAttribute('title')]).toEqual([
      true,
      'A version must be in production first',
    ]);
    await desk.look('models-unborn');
    await page.goto(`${desk.site.address}/#/models/nowhere`);
    await expect.poll(() => page.getByRole('alert').first().innerText()).toContain('nowhere');
  });
});

it.each(WINDOWS)('%i wide, dark %s: fits, and is accessible', async (width, dark) => {
  const name = `${width}-${dark ? 'dark' : 'light'}`;
  page = await desk.visit('#/models', 'operator', { width, dark });
  await page.getByRole('table', { name: 'Registered models' }).waitFor();
  await desk.look(`${name}-models`);
  await page.goto(`${desk.site.address}/#/models/grades`);
  await row('2').waitFor();
  await history().first().waitFor();
  await desk.look(`${name}-model`);
  await page.getByRole('button', { name: 'Promote version 2' }).click();
  await dialog().locator('.difference').first().waitFor();
  await desk.look(`${name}-promote`);
});
