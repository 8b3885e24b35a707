import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startRun } from '../../lib/pipeline/control/index.ts';
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

describe('signing in', () => {
  it('keeps the token in this tab alone, and shows the runs', async () => {
    await shot('sign-in');
    await signIn();
    await heading('Runs');
    const kept = await tab.page.evaluate(
      '[Object.values(sessionStorage), Object.values(localStorage), document.cookie]',
    );
    expect(kept).toEqual([[tokens.operator], [], '']);
    await tab.page.reload();
    await heading('Runs');
  });

  it('says what is wrong with a token, and lets another be tried', async () => {
    await signIn(`${tokens.operator}x`);
    const said = tab.page.getByRole('alert');
    expect(await said.textContent()).toContain('unknown, revoked or expired');
    expect(await tab.page.getByLabel('Token').getAttribute('aria-invalid')).toBe('true');
    await signIn('zwei wörter');
    await expect.poll(() => said.textContent()).toContain('This is not a token');
    await signIn();
    await heading('Runs');
  });

  it('asks again when the token is revoked meanwhile, and after signing out', async () => {
    await signIn();
    await heading('Runs');
    await tab.page.evaluate("sessionStorage.setItem('arboleda.token', 'gone')");
    await tab.page.getByRole('link', { name: 'Models' }).click();
    await heading('Sign in');
    expect(await tab.page.getByRole('status').textContent()).toContain('no longer good');
    await signIn();
    await heading('Models');
    await tab.page.getByRole('button', { name: 'Sign out' }).click();
    await heading('Sign in');
    expect(await tab.page.evaluate('sessionStorage.length')).toBe(0);
  });

  it('is done with the keyboard alone', async () => {
    await tab.page.keyboard.press('Tab');
    await tab.page.keyboard.press('Tab');
    await tab.page.keyboard.press('Tab');
    await tab.page.keyboard.type(tokens.viewer);
    await tab.page.keyboard.press('Enter');
    await heading('Runs');
  });
});

describe('the runs', () => {
  beforeEach(async () => {
    await signIn();
    await heading('Runs');
  });

  it('stand newest first, with status, figures, version, and whether their data is real', async () => {
    await shot('runs');
    const rows = await tab.page.locator('tbody tr').allInnerTexts();
    expect(rows).toHaveLength(3);
    expect(rows[0]).toContain('failed');
    expect(rows[1]).toMatch(/grades.*finished.*synthetic data.*f1_weighted 0\.\d+.*grades 1.*production/s);
    expect(rows[2]).toMatch(/houses.*finished.*real data.*rmse .*houses 1.*production/s);
  });

  it('are narrowed to a pipeline', async () => {
    await tab.page.getByLabel('Pipeline').selectOption('houses');
    await expect.poll(() => tab.page.locator('tbody tr').count()).toBe(1);
    expect(tab.page.url()).toBe(`${site.address}#/runs?pipeline=houses`);
  });

  it('follow one at work, stage by stage, until it ends', async () => {
    const { deps, clock } = site.world;
    clock.advance(60_000);
    const { runId } = await startRun(deps, 'default', 'houses', { trigger: 'caller', actor: 'test' });
    await deps.runs.setTags('default', runId, { 'training.items': '4' });
    for (const item of ['0', '1', '2'])
      await deps.stages.start('default', { runId, stage: 'train', item, attempt: 1 });
    await deps.stages.done('default', { runId, stage: 'train', item: '0', attempt: 1, outputs: {} });
    await tab.page.getByRole('button', { name: 'Refresh' }).click();
    const progress = tab.page.getByRole('progressbar');
    expect(await progress.getAttribute('aria-label')).toBe('train 1 of 4');
    expect(await progress.getAttribute('aria-valuenow')).toBe('25');
    await shot('running');
    await deps.stages.done('default', { runId, stage: 'train', item: '1', attempt: 1, outputs: {} });
    await expect.poll(() => progress.getAttribute('aria-label'), { timeout: 10_000 }).toBe('train 2 of 4');
    await deps.runs.finish('default', runId, { status: 'KILLED', attempt: 1 });
    await deps.state.release('default', 'houses', runId);
    await expect
      .poll(() => tab.page.locator('tbody tr').first().innerText(), { timeout: 10_000 })
      .toContain('cancelled');
  });

  it('open to stages, figures, candidates best first, parameters and files', async () => {
    await tab.page
      .getByRole('link', { name: /^grades/ })
      .first()
      .click();
    await heading('Run of grades');
    await tab.page.getByRole('heading', { name: 'Candidates' }).waitFor();
    await shot('run');
    const stages = await tab.page
      .getByRole('table', { name: 'Stages of this run' })
      .locator('tbody tr')
      .allInnerTexts();
    expect(stages.map((text) => text.split(/\s/)[0])).toEqual([
      'plan',
      'ingest',
      'clean',
      'train',
      'evaluate',
      'register',
      'promote',
    ]);
    const scores = await tab.page
      .getByRole('table', { name: 'Runs of the candidates' })
      .locator('strong')
      .allInnerTexts();
    expect(scores).toHaveLength(2);
    expect(scores.map(Number)).toEqual([...scores.map(Number)].sort((a, b) => b - a));
    const text = await tab.page.locator('main').innerText();
    expect(text).toContain('synthetic data');
    expect(text).toContain('f1_weighted');
  });

  it('give a file to who may read it, without the token in its address', async () => {
    await goTo(`#/runs/${gradesRun}`);
    const [download] = await Promise.all([
      tab.page.waitForEvent('download'),
      tab.page.getByRole('button', { name: 'model/model.arbm' }).click(),
    ]);
    expect(await download.failure()).toBeNull();
    expect(site.downloads.at(-1)).toMatch(/^\/objects\/default\/models\/[0-9a-f]{64}\.arbm$/);
  });

  it('show what someone wrote into a run as text, whatever it is', async () => {
    await goTo(`#/runs/${'f'.repeat(32)}`);
    await heading(`import of ${SCRIPT}`);
    await tab.page.getByText('All tags').click();
    const text = await tab.page.locator('main').innerText();
    expect(text.split(SCRIPT).length).toBeGreaterThanOrEqual(4);
    expect(await tab.page.locator('main script, main img').count()).toBe(0);
  });

  it('say that a run is not there', async () => {
    await goTo(`#/runs/${'0'.repeat(32)}`);
    await heading('This cannot be shown');
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
      ['#/runs', 'Runs'],
      [`#/runs/${gradesRun}`, 'Run of grades'],
      [`#/runs/${'f'.repeat(32)}`, `import of ${SCRIPT}`],
    ] as const) {
      await goTo(hash);
      await heading(title);
      await page.waitForLoadState('networkidle');
      await expectNoSideways(page);
      await shot(`${name}-${title.replace(/\W+/g, '-').slice(0, 20)}`);
    }
  });
});

describe('the address', () => {
  it.each(['', '/'])('ends as it likes: "%s"', async (end) => {
    await tab.page.goto(site.address + end);
    await signIn();
    await heading('Runs');
    const links = await tab.page.getByRole('navigation', { name: 'Reference' }).getByRole('link').all();
    const addresses = await Promise.all(links.map((link) => link.getAttribute('href')));
    expect(addresses).toEqual(['/docs', '/openapi.json', '/health'].map((path) => site.address + path));
    for (const address of addresses) expect((await fetch(String(address))).status).toBe(200);
    await tab.page.getByText('From the command line').click();
    expect(await tab.page.locator('pre').first().innerText()).toBe(`curl ${site.address}/health`);
  });
});
