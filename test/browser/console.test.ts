import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runToEnd } from '../support/pipeline.ts';
import { expectNoSideways, launch, openTab, type Tab, type TabOptions } from './support/browser.ts';
import { SCRIPT } from './support/pipelines.ts';
import { type Site, startSite } from './support/site.ts';

/** The page as people have it: Chromium, the real application, a stage prefix. */
let site: Site;
let browser: Browser;
let tab: Tab;
let gradesRun: string;
const tokens = {} as Record<'operator' | 'viewer' | 'predictor', string>;

beforeAll(async () => {
  [site, browser] = await Promise.all([startSite(), launch()]);
  for (const role of ['operator', 'viewer', 'predictor'] as const) tokens[role] = await site.token(role);
  const { deps } = site.world;
  for (const pipeline of ['houses', 'grades']) {
    const run = await runToEnd(deps, pipeline);
    expect(run.error).toBeUndefined();
    gradesRun = run.runId;
    site.world.clock.advance(60_000);
  }
  await failedRun();
}, 60_000);
afterAll(() => Promise.all([browser?.close(), site?.close()]));

/** A run whose every text would run, were it read as HTML. */
async function failedRun(): Promise<void> {
  const { runs } = site.world.deps;
  await runs.create('default', {
    runId: 'f'.repeat(32),
    experimentId: '0',
    name: `import of ${SCRIPT}`,
    status: 'RUNNING',
    tags: { note: SCRIPT },
    params: { [`p ${SCRIPT.slice(0, 40)}`]: SCRIPT },
  });
  const error = { code: 'BAD_DATA', stage: 'clean', message: `row 3: ${SCRIPT}`, remedy: 'Correct it.' };
  await runs.finish('default', 'f'.repeat(32), { status: 'FAILED', error, attempt: 1 });
}

const open = async (options: Partial<TabOptions> = {}) => {
  await tab?.close();
  tab = await openTab(browser, { now: site.world.clock.now(), ...options });
  await tab.page.goto(site.address);
};
const heading = (name: string) => tab.page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
/** A run's heading: whose it is, and the first digits of its id. */
const headingOf = (name: string) =>
  tab.page
    .getByRole('heading', { level: 1 })
    .filter({ hasText: name })
    .filter({ hasText: /[0-9a-f]{8}$/ })
    .waitFor();
const signIn = async (token = tokens.operator) => {
  await tab.page.getByLabel('Token').fill(token);
  await tab.page.keyboard.press('Enter');
};
const goTo = (hash: string) => tab.page.goto(`${site.address}/${hash}`);
const shot = (name: string) => {
  const folder = process.env.SCREENSHOTS;
  return folder === undefined
    ? undefined
    : tab.page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
};

beforeEach(() => open());
afterEach(async () => {
  expect(tab.errors).toEqual([]);
  expect([...tab.hosts]).toEqual([new URL(site.address).host]);
  expect(await tab.page.evaluate('window.pwned')).toBeUndefined();
  for (const token of Object.values(tokens)) expect(tab.urls.join()).not.toContain(token);
  await tab.close();
});

describe('a run', () => {
  beforeEach(async () => {
    await signIn();
    await heading('Runs');
  });

  it('opens to stages, figures, candidates best first, parameters and files', async () => {
    await tab.page
      .getByRole('link', { name: /^grades/ })
      .first()
      .click();
    await headingOf('grades');
    await tab.page.getByRole('heading', { name: 'Candidates' }).waitFor();
    await shot('run');
    const stages = await tab.page.getByRole('list', { name: 'Stages' }).locator('.step-name').allInnerTexts();
    expect(stages).toEqual(['Plan', 'Ingest', 'Clean', 'Train', 'Evaluate', 'Register', 'Promote']);
    const scores = await tab.page
      .getByRole('table', { name: 'Runs of the candidates' })
      .locator('tbody td.numeric')
      .allInnerTexts();
    expect(scores).toHaveLength(2);
    expect(scores.map(Number)).toEqual([...scores.map(Number)].sort((a, b) => b - a));
    const text = await tab.page.locator('main').innerText();
    expect(text).toContain('synthetic data');
    expect(text).toContain('f1_weighted');
  });

  it('gives a file to who may read it, without the token in its address', async () => {
    await goTo(`#/runs/${gradesRun}?tab=files`);
    const [download] = await Promise.all([
      tab.page.waitForEvent('download'),
      tab.page.getByRole('button', { name: 'model/model.arbm' }).click(),
    ]);
    expect(await download.failure()).toBeNull();
    expect(site.downloads.at(-1)).toMatch(/^\/objects\/default\/models\/[0-9a-f]{64}\.arbm$/);
  });

  it('shows what someone wrote into it as text, whatever it is', async () => {
    await goTo(`#/runs/${'f'.repeat(32)}`);
    await headingOf(`import of ${SCRIPT}`);
    await tab.page.getByRole('heading', { name: /^Tags/ }).click();
    const text = await tab.page.locator('main').innerText();
    expect(text.split(SCRIPT).length).toBeGreaterThanOrEqual(4);
    expect(await tab.page.locator('main script, main img').count()).toBe(0);
  });

  it('says that it is not there', async () => {
    await goTo(`#/runs/${'0'.repeat(32)}`);
    await heading('Run 00000000');
    expect(await tab.page.getByRole('alert').innerText()).toContain('no run');
  });
});

describe('any window', () => {
  it.each([
    [360, false],
    [360, true],
    [768, true],
    [1180, true],
  ])('%i wide, dark %s: nothing scrolls sideways', async (width, dark) => {
    const { page } = await open({ width, dark }).then(() => tab);
    const name = `${width}-${dark ? 'dark' : 'light'}`;
    await expectNoSideways(page);
    await signIn();
    for (const [hash, title] of [
      [`#/runs/${gradesRun}`, `grades ${gradesRun.slice(0, 8)}`],
      [`#/runs/${'f'.repeat(32)}`, `import of ${SCRIPT} ffffffff`],
    ] as const) {
      await goTo(hash);
      await heading(title);
      await page.waitForLoadState('networkidle');
      await expectNoSideways(page);
      await shot(`${name}-${title.replace(/\W+/g, '-').slice(0, 20)}`);
    }
  });
});
