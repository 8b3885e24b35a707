import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runToEnd } from '../support/pipeline.ts';
import { expectAccessible } from './support/axe.ts';
import { expectNoSideways, launch, openTab, type Tab, type TabOptions } from './support/browser.ts';
import { type Site, startSite } from './support/site.ts';

/** The page of health: real predictions, labels and looks of the monitor over stores in memory. */
let site: Site;
let browser: Browser;
let tab: Tab;
const tokens = {} as Record<'operator' | 'viewer', string>;

const post = async (path: string, body?: unknown) => {
  const answer = await fetch(`${site.address}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.operator}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json = await answer.json();
  expect([answer.status, JSON.stringify(json)]).toEqual([
    expect.toSatisfy((status: number) => status < 300),
    expect.anything(),
  ]);
  return json as { requestId: string };
};

/** A pupil who studies more than any of training: `hours` and what follows from it drift. */
const pupil = (i: number) => ({
  hours: 30 + (i % 10),
  absences: i % 15,
  tutor: i % 3 === 0,
  school: i % 2 === 0 ? 'north' : 'south',
  note: i % 2 === 0 ? 'quiet' : 'loud',
});

beforeAll(async () => {
  [site, browser] = await Promise.all([startSite(), launch()]);
  for (const role of ['operator', 'viewer'] as const) tokens[role] = await site.token(role);
  const { deps, clock } = site.world;
  for (const pipeline of ['grades', 'houses']) expect((await runToEnd(deps, pipeline)).error).toBeUndefined();
  for (let hour = 0; hour < 3; hour++) {
    const rows = Array.from({ length: 60 }, (_, i) => pupil(i + hour * 60));
    for (let i = 0; i < rows.length; i += 10) {
      const { requestId } = await post('/models/grades/predict', { rows: rows.slice(i, i + 10) });
      await post('/models/grades/feedback', {
        requestId,
        labels: rows.slice(i, i + 10).map((_, k) => (k < 7 ? 'high' : 'low')),
      });
    }
    clock.advance(3_600_000);
  }
}, 120_000);
afterAll(() => Promise.all([browser?.close(), site?.close()]));

const open = async (hash: string, options: Partial<TabOptions> & { as?: 'operator' | 'viewer' } = {}) => {
  await tab?.close();
  tab = await openTab(browser, { now: site.world.clock.now(), ...options });
  await tab.page.goto(`${site.address}${hash}`);
  await tab.page.getByLabel('Token').fill(tokens[options.as ?? 'operator']);
  await tab.page.keyboard.press('Enter');
};
/** Machines that do much else are slow. */
const within = <T>(look: () => T) => expect.poll(look, { timeout: 15_000 });
const heading = (name: string) => tab.page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
const card = (name: string | RegExp) => tab.page.getByRole('region', { name, exact: true });
const shot = (name: string) => {
  const folder = process.env.SCREENSHOTS;
  return folder && tab.page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
};

afterEach(async () => {
  expect(tab.errors).toEqual([]);
  expect([...tab.hosts]).toEqual([new URL(site.address).host]);
});

describe('the health of a model', () => {
  it('that nobody asked says how to begin, and which version would answer', async () => {
    await open('#/health/houses');
    await heading('Health of houses');
    await card('Traffic').getByText('No predictions in this time').waitFor();
    expect(await card('Traffic').innerText()).toContain(`POST ${site.address}/models/houses/predict`);
    await card('Drift').getByText('No report yet').waitFor();
    await shot('health-empty');
    await expectAccessible(tab.page);
  });

  it('is looked at now by an operator: traffic, labels, drift and alarms come', async () => {
    await open('#/health');
    await heading('Health of grades');
    await tab.page.getByRole('button', { name: 'Check now' }).first().click();
    const figures = tab.page.locator('.health-figures');
    await figures.waitFor();
    expect(await figures.innerText()).toMatch(/Requests\s+18 180 rows.*Errors\s+0\.0\s%.*Labels\s+180/s);
    expect(await card('Versions').locator('tbody tr').allInnerTexts()).toEqual([
      expect.stringMatching(/version 1.*production.*18.*180.*180/s),
    ]);
    await card('accuracy, where labels came').getByRole('img').waitFor();
    expect(await card('Requests, an hour').getByRole('img').getAttribute('aria-label')).toContain(
      'by version',
    );
    await card('Drift').getByText('180 rows that version 1 answered').waitFor();
  });

  it('lists features with what drifted first, each beside its training', async () => {
    await open('#/health/grades');
    const rows = card('Drift').locator('tbody tr');
    await rows.first().waitFor();
    const names = await rows.locator('strong').allInnerTexts();
    expect(names).toContain('hours');
    const hours = rows.filter({ has: tab.page.locator('strong', { hasText: /^hours$/ }) });
    expect(await hours.innerText()).toMatch(/distribution.*a lot.*KS/s);
    expect(await hours.getByRole('img').getAttribute('aria-label')).toContain('recent against training');
    const isDrifted = await rows
      .locator('.status')
      .evaluateAll((all) => all.map((one) => one.classList.contains('bad')));
    const features = isDrifted.slice(names[0] === 'prediction' ? 1 : 0);
    expect(features).toEqual(features.toSorted((a, b) => Number(b) - Number(a)));
    await expectAccessible(tab.page);
  });

  it('rings an alarm with what to do', async () => {
    await open('#/health/grades');
    await within(() => card('Alarms').locator('.rings').allInnerTexts()).toEqual([
      expect.stringMatching(/alarm.*drift.*version 1/s),
    ]);
  });

  it('judges nothing by too few rows, and says so', async () => {
    await post('/models/houses/predict', { area: 80, age: 12 });
    site.world.clock.advance(60_000);
    await open('#/health/houses');
    await tab.page.getByRole('button', { name: 'Check now' }).first().click();
    await tab.page.getByText('Requests of the last 40 seconds').waitFor();
    await card('Drift').getByText('1 row that version 1 answered').waitFor();
    expect(await tab.page.locator('.health-figures').innerText()).toMatch(/Requests\s+1 1 row\b(?!s)/);
    const lines = await card('Drift').locator('tbody tr').allInnerTexts();
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) {
      expect(line).toContain('not judged');
      expect(line).not.toMatch(/a lot|some|little/);
    }
    expect(await card('Drift').locator('tbody .bad, tbody .bad-text').count()).toBe(0);
    // A badge of no colour has its room as those of colours have.
    const badge = card('Drift').getByText('too few rows', { exact: true });
    expect(
      await badge.evaluate((one) => one.ownerDocument.defaultView.getComputedStyle(one).paddingLeft),
    ).toBe('8px');
    await shot('health-few-rows');
  });

  it('lets a viewer read, and says what a look needs', async () => {
    await open('#/health/grades', { as: 'viewer' });
    const check = tab.page.getByRole('button', { name: /Check now/ }).first();
    expect(await check.isDisabled()).toBe(true);
    expect(await check.innerText()).toContain('needs operator');
  });

  it('shows another time and another model by its address', async () => {
    await open('#/health/grades');
    await tab.page.getByRole('button', { name: '30 days' }).click();
    await card('Requests, a day').waitFor();
    await tab.page.getByLabel('Model', { exact: true }).selectOption('houses');
    await heading('Health of houses');
    expect(tab.page.url()).toContain('#/health/houses');
  });

  it('says that there is no such model', async () => {
    await open('#/health/nothing');
    await within(() => tab.page.getByRole('alert').first().innerText()).toContain('nothing');
  });

  it.each([
    [1440, false],
    [1440, true],
    [390, false],
    [390, true],
  ])('fits a window of %i, dark: %s', async (width, dark) => {
    await open('#/health/grades', { width, dark });
    await card('Drift').locator('tbody tr').first().waitFor();
    await card('Requests, an hour').locator('canvas').waitFor();
    await expectNoSideways(tab.page);
    await expectAccessible(tab.page);
    await shot(`health-${width}${dark ? '-dark' : ''}`);
  });
});
