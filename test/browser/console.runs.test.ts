import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startRun } from '../../lib/pipeline/control/index.ts';
import { ClientRuns } from '../../lib/tracking/index.ts';
import { runToEnd } from '../support/pipeline.ts';
import { expectAccessible } from './support/axe.ts';
import { expectNoSideways, launch, openTab, type Tab, type TabOptions } from './support/browser.ts';
import { SCRIPT } from './support/pipelines.ts';
import { type Site, startSite } from './support/site.ts';

/** Sign-in, shell and the table of runs, as people have them: Chromium, the real application, a stage prefix. */
let site: Site;
let browser: Browser;
let tab: Tab;
let grades: string;
const tokens = {} as Record<'operator' | 'viewer' | 'predictor', string>;
const FAILED = 'f'.repeat(32);

beforeAll(async () => {
  [site, browser] = await Promise.all([startSite(), launch()]);
  for (const role of ['operator', 'viewer', 'predictor'] as const) tokens[role] = await site.token(role);
  const { deps, clock } = site.world;
  for (const pipeline of ['houses', 'grades']) {
    const run = await runToEnd(deps, pipeline);
    expect(run.error).toBeUndefined();
    grades = run.runId;
    clock.advance(60_000);
  }
  // A run whose every text would run, were it read as HTML.
  await deps.runs.create('default', {
    runId: FAILED,
    experimentId: '0',
    name: `import of ${SCRIPT}`,
    status: 'RUNNING',
    tags: { note: SCRIPT, team: 'north' },
    params: { [`p ${SCRIPT.slice(0, 40)}`]: SCRIPT },
  });
  const error = { code: 'BAD_DATA', stage: 'clean', message: `row 3: ${SCRIPT}`, remedy: 'Correct it.' };
  await deps.runs.finish('default', FAILED, { status: 'FAILED', error, attempt: 1 });
}, 60_000);
afterAll(() => Promise.all([browser?.close(), site?.close()]));

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
const rows = () => tab.page.locator('tbody tr');
const names = async () =>
  (await tab.page.locator('tbody td.lead').allInnerTexts()).map((text) => text.split(' ')[0]);
const shot = (name: string) => {
  const folder = process.env.SCREENSHOTS;
  return folder === undefined ? undefined : tab.page.screenshot({ path: `${folder}/${name}.png` });
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
  it('keeps the token in this tab alone, and shows the runs, the workspace and the role', async () => {
    await shot('sign-in');
    await expectAccessible(tab.page);
    await signIn();
    await heading('Runs');
    const kept = await tab.page.evaluate(
      '[Object.values(sessionStorage), Object.values(localStorage), document.cookie]',
    );
    expect(kept).toEqual([[tokens.operator], [], '']);
    expect((await tab.page.locator('.who').innerText()).replace(/\s+/g, ' ')).toContain('default');
    expect(await tab.page.locator('.who .badge').innerText()).toContain('operator');
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
    const made = await site.token('viewer');
    await signIn(made);
    await heading('Runs');
    await rows().first().waitFor();
    await tab.page.evaluate("sessionStorage.setItem('arboleda.token', 'gone')");
    await tab.page.reload();
    await heading('Sign in');
    expect(await tab.page.getByRole('status').textContent()).toContain('no longer good');
    await signIn();
    await heading('Runs');
    await tab.page.getByRole('button', { name: 'Sign out' }).click();
    await heading('Sign in');
    expect(await tab.page.evaluate('sessionStorage.length')).toBe(0);
  });

  it('ends in the midst of the work, at the first answer that refuses the token', async () => {
    await signIn();
    await heading('Runs');
    await rows().first().waitFor();
    await tab.page.route('**/models?*', (route) => route.fulfill({ status: 401, json: { code: 'X' } }));
    await tab.page.getByRole('button', { name: 'Refresh' }).click();
    await heading('Sign in');
    expect(await tab.page.getByRole('status').textContent()).toContain('no longer good');
    expect(await tab.page.evaluate('sessionStorage.length')).toBe(0);
  });

  it('is done with the keyboard alone', async () => {
    // A key that is pressed before the page stands goes nowhere.
    await heading('Sign in');
    await tab.page.keyboard.press('Tab');
    await tab.page.keyboard.type(tokens.viewer);
    await tab.page.keyboard.press('Enter');
    await heading('Runs');
  });

  it('waits for an API that does not answer, and forgets nothing', async () => {
    await signIn();
    await heading('Runs');
    await tab.page.route('**/me', (route) => route.abort());
    await tab.page.reload();
    await heading('This cannot be shown');
    expect(await tab.page.getByRole('alert').innerText()).toContain('does not answer');
    await tab.page.unroute('**/me');
    await tab.page.getByRole('button', { name: 'Try again' }).click();
    await heading('Runs');
  });
});

describe('the runs', () => {
  beforeEach(async () => {
    await signIn();
    await heading('Runs');
    await rows().first().waitFor();
  });

  it('stand newest first, with status, figures, version, and whether their data is real', async () => {
    await shot('runs');
    await expectAccessible(tab.page);
    const texts = await rows().allInnerTexts();
    expect(texts).toHaveLength(3);
    expect(texts[0]).toContain('failed');
    expect(texts[1]).toMatch(/grades.*finished.*0\.\d+.*synthetic data.*grades 1.*production/s);
    expect(texts[2]).toMatch(/houses.*finished.*\d.*real data.*houses 1.*production/s);
    expect(await tab.page.locator('th[aria-sort=descending]').innerText()).toContain('Started');
  });

  it('show what someone wrote into a run as text, whatever it is', async () => {
    const text = await rows().first().innerText();
    expect(text).toContain(`import of ${SCRIPT}`);
    expect(await tab.page.locator('main script, main img').count()).toBe(0);
  });

  it('are narrowed to a pipeline', async () => {
    await tab.page.getByLabel('Pipeline').selectOption('houses');
    await expect.poll(names).toEqual(['houses']);
    expect(tab.page.url()).toBe(`${site.address}#/runs?pipeline=houses`);
  });

  it('are found by a part of their name, by the grammar, and by a tag that is clicked', async () => {
    const { page } = tab;
    const filter = page.getByLabel('Filter', { exact: true });
    await page.keyboard.press('/');
    await page.keyboard.type('GRAD');
    await page.keyboard.press('Enter');
    await expect.poll(names).toEqual(['grades']);
    await filter.fill('metrics.rmse > 0');
    await filter.press('Enter');
    await expect.poll(names).toEqual(['houses']);
    await page.getByRole('button', { name: 'Clear' }).click();
    await expect.poll(() => rows().count()).toBe(3);
    await page.getByRole('button', { name: 'team north' }).click();
    await expect.poll(names).toEqual(['import']);
    expect(await filter.inputValue()).toBe("tags.team = 'north'");
    await filter.fill('nothing like this');
    await filter.press('Enter');
    await page.getByText('No run matches the filter').waitFor();
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await expect.poll(() => rows().count()).toBe(3);
  });

  it('say what is wrong with a filter, and help with examples of the grammar', async () => {
    const { page } = tab;
    await page.getByLabel('Filter', { exact: true }).fill('metrics.nope =');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('alert').innerText()).toContain('Invalid clause');
    await page.getByRole('button', { name: 'Filter help' }).click();
    await expectAccessible(page);
    await page.getByRole('button', { name: "attributes.status = 'FAILED'" }).click();
    await expect.poll(names).toEqual(['import']);
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await page.getByLabel('Filter', { exact: true }).inputValue()).toBe(
      "attributes.status = 'FAILED'",
    );
  });

  it('are ordered by any metric, those without it last, and back again', async () => {
    const { page } = tab;
    await page.getByRole('button', { name: 'f1_weighted' }).click();
    await expect.poll(async () => (await names())[0]).toBe('grades');
    expect(new URL(page.url()).hash).toContain('order=metrics.f1_weighted+DESC');
    expect(await page.locator('th[aria-sort=descending]').innerText()).toContain('f1_weighted');
    await page.getByRole('button', { name: 'Started' }).click();
    await expect.poll(async () => (await names())[0]).toBe('import');
  });

  it('have the columns that their reader chose, also in another tab', async () => {
    const { page } = tab;
    await page.getByRole('button', { name: 'Columns' }).click();
    await expectAccessible(page);
    await page.getByLabel('Find a column').fill('trees');
    await page.getByRole('checkbox', { name: 'trees' }).check();
    await page.getByLabel('Find a column').fill('');
    await page.getByRole('checkbox', { name: 'Data', exact: true }).uncheck();
    await page.getByRole('button', { name: 'Move trees left' }).click();
    await page.getByRole('button', { name: 'Done' }).click();
    const heads = async () => (await page.locator('thead th').allInnerTexts()).map((text) => text.trim());
    expect((await heads()).slice(-3).map((text) => text.replace(/\W+$/, ''))).toEqual([
      'Started',
      'trees',
      'Took',
    ]);
    expect(await heads()).not.toContain('Data');
    await page.reload();
    await rows().first().waitFor();
    expect(await heads()).toContain('trees');
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('button', { name: 'The usual columns' }).click();
    await page.getByRole('button', { name: 'Done' }).click();
    expect(await heads()).not.toContain('trees');
    expect(await heads()).toContain('Data');
  });

  it('are walked and opened with the keyboard', async () => {
    const { page } = tab;
    await rows().first().focus();
    await page.keyboard.press('j');
    const focused = () => page.evaluate('document.activeElement.dataset.index');
    await expect.poll(focused).toBe('1');
    await page.keyboard.press('ArrowDown');
    await expect.poll(focused).toBe('2');
    await page.keyboard.press('k');
    await expect.poll(focused).toBe('1');
    await page.keyboard.press(' ');
    await expect.poll(() => rows().nth(1).getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).hash).toBe(`#/runs/${grades}`);
  });

  it('are tagged together by who may log', async () => {
    const { page } = tab;
    await rows().nth(1).getByRole('checkbox').check();
    await rows().nth(2).getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Tag', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('season');
    await dialog.getByLabel('Value').fill('autumn');
    await dialog.getByRole('button', { name: 'Set the tag' }).click();
    await page.getByText('2 runs tagged season').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'season autumn' }).count()).toBe(2);
  });

  it('show the candidates too where they are asked for', async () => {
    await tab.page.getByLabel('with candidates').check();
    await expect.poll(() => rows().count()).toBe(6);
    expect((await names()).filter((name) => name === 'candidate')).toHaveLength(3);
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
    await expect.poll(() => rows().first().innerText(), { timeout: 10_000 }).toContain('cancelled');
  });
});

describe('other roles', () => {
  it('a viewer reads, and is told what tagging needs', async () => {
    await signIn(tokens.viewer);
    await heading('Runs');
    await rows().first().getByRole('checkbox').check();
    const tag = tab.page.getByRole('button', { name: /^Tag/ });
    expect(await tag.isDisabled()).toBe(true);
    expect(await tag.innerText()).toContain('needs contributor');
    expect(await tag.getAttribute('title')).toBe('needs contributor');
  });

  it('a predictor is told that this page is not for the role', async () => {
    await signIn(tokens.predictor);
    await heading('Runs');
    const said = await tab.page.getByRole('alert').innerText();
    expect(said).toContain('Not with this token');
    expect(said).toContain('needs viewer');
    await expectAccessible(tab.page);
  });
});

describe('a workspace without runs', () => {
  it('says how to start one', async () => {
    await tab.page.route('**/runs?*', (route) => route.fulfill({ json: { runs: [] } }));
    await signIn();
    await tab.page.getByText('No runs yet').waitFor();
    expect(await tab.page.locator('.state code').innerText()).toBe('npx arboleda run PIPELINE --wait');
  });

  it('shows an error with what to do, and tries again', async () => {
    const body = { code: 'THROTTLED', message: 'too many requests', remedy: 'Wait a little.' };
    await tab.page.route('**/runs?*', (route) => route.fulfill({ status: 503, json: body }));
    await signIn();
    const said = tab.page.getByRole('alert');
    expect(await said.innerText()).toMatch(/too many requests\s+Wait a little\.\s+THROTTLED/);
    await tab.page.unroute('**/runs?*');
    await tab.page.getByRole('button', { name: 'Try again' }).click();
    await rows().first().waitFor();
    expect(await said.count()).toBe(0);
  });
});

describe('many runs', () => {
  const COUNT = 1_200;

  beforeAll(async () => {
    const client = new ClientRuns(site.world.items, site.world.clock);
    for (let n = 0; n < COUNT; n++) {
      await client.create('default', {
        runId: `5eed${n.toString(16).padStart(28, '0')}`,
        experimentId: '0',
        startTime: Date.parse('2020-01-01') + n * 1_000,
        name: `old-${n}`,
        tags: [],
      });
    }
  });

  it('are drawn in part, and all reached by scrolling and by the End key', async () => {
    await signIn();
    await heading('Runs');
    await rows().first().waitFor();
    const scroll = () =>
      tab.page.evaluate(
        "document.querySelector('.grid').scrollTop = document.querySelector('.grid').scrollHeight",
      );
    for (let i = 0; i < 12 && (await tab.page.getByText('old-0', { exact: false }).count()) === 0; i++) {
      await scroll();
      await tab.page.waitForTimeout(100);
    }
    await tab.page.locator('tbody tr', { hasText: /^\s*old-0 / }).waitFor();
    expect(await rows().count()).toBeLessThan(80);
    await tab.page.locator('tbody tr[data-index]').first().focus();
    await tab.page.keyboard.press('Home');
    await expect.poll(() => tab.page.evaluate('document.activeElement.dataset.index')).toBe('0');
    await tab.page.keyboard.press('End');
    await expect.poll(() => tab.page.evaluate('document.activeElement.textContent')).toMatch(/^old-0 /);
    await expectAccessible(tab.page);
  });
});

describe('any window', () => {
  it.each([
    [360, false],
    [390, true],
    [768, true],
    [1180, true],
  ])('%i wide, dark %s: nothing scrolls sideways, and axe finds nothing serious', async (width, dark) => {
    const { page } = await open({ width, dark }).then(() => tab);
    await expectNoSideways(page);
    await signIn();
    await heading('Runs');
    await rows().first().waitFor();
    await expectNoSideways(page);
    await expectAccessible(page);
    await shot(`${width}-${dark ? 'dark' : 'light'}-runs`);
  });

  it('takes the theme that its reader chose over that of the system', async () => {
    await signIn();
    await heading('Runs');
    const ground = () => tab.page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    await tab.page.getByLabel('Theme').selectOption('dark');
    expect(await ground()).not.toBe(light);
    await tab.page.reload();
    await heading('Runs');
    expect(await ground()).not.toBe(light);
    await rows().first().waitFor();
    await expectAccessible(tab.page);
  });
});

describe('the address', () => {
  it.each(['', '/'])('ends as it likes: "%s"', async (end) => {
    await tab.page.goto(site.address + end);
    const references = tab.page.getByRole('navigation', { name: 'Reference' });
    const links = await references.getByRole('link').all();
    const addresses = await Promise.all(links.map((link) => link.getAttribute('href')));
    expect(addresses).toEqual(['/docs', '/openapi.json', '/health'].map((path) => site.address + path));
    for (const address of addresses) expect((await fetch(String(address))).status).toBe(200);
    await signIn();
    await heading('Runs');
    await tab.page.getByRole('button', { name: 'Connect' }).click();
    const lines = await tab.page.getByRole('dialog').locator('pre').allInnerTexts();
    expect(lines[0]).toBe(`curl ${site.address}/health`);
    expect(lines[1]).toContain('"hours":');
    expect(lines[2]).toContain(`export MLFLOW_TRACKING_URI=${site.address}`);
    await expectAccessible(tab.page);
  });
});
