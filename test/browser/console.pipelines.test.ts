import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changeCollector, collectorReport } from '../../lib/pipeline/collect/control.ts';
import { pollOnce } from '../../lib/pipeline/collect/poll.ts';
import { startRun } from '../../lib/pipeline/control/index.ts';
import { collectedClasses, P, SOURCE_URL, sampleOf, scripted } from '../support/collecting.ts';
import { runToEnd } from '../support/pipeline.ts';
import { expectAccessible } from './support/axe.ts';
import { expectNoSideways, launch, openTab, type Tab, type TabOptions } from './support/browser.ts';
import { type Site, startSite } from './support/site.ts';

/** The pages of pipelines: the real application over stores in memory. */
let site: Site;
let browser: Browser;
let tab: Tab;
const tokens = {} as Record<'operator' | 'viewer', string>;
const runs: string[] = [];

beforeAll(async () => {
  const get = scripted([0, 1, 2, 3].map((batch) => sampleOf(batch)));
  [site, browser] = await Promise.all([
    startSite({
      definitions: [collectedClasses({ schedule: 'cron(0 3 * * ? *)', description: 'Collected in threes' })],
      deps: { get, collectorUrls: { [P]: SOURCE_URL } },
    }),
    launch(),
  ]);
  for (const role of ['operator', 'viewer'] as const) tokens[role] = await site.token(role);
  const { deps, clock } = site.world;
  for (const force of [false, false, true]) {
    runs.unshift((await runToEnd(deps, 'grades', { force })).runId);
    clock.advance(3_600_000);
  }
  await failedRun();
  await pollOnce(deps, 'default', P);
  await pollOnce(deps, 'default', P);
  clock.advance(2_000);
}, 60_000);
afterAll(() => Promise.all([browser?.close(), site?.close()]));

/** A run that failed in train, after the others. */
async function failedRun(): Promise<void> {
  const { deps, clock } = site.world;
  const { runId } = await startRun(deps, 'default', 'grades', { trigger: 'schedule', actor: 'schedule' });
  runs.unshift(runId);
  for (const [stage, seconds] of [
    ['plan', 1],
    ['ingest', 8],
    ['clean', 20],
  ] as const) {
    await deps.stages.start('default', { runId, stage, attempt: 1 });
    clock.advance(seconds * 1000);
    await deps.stages.done('default', { runId, stage, attempt: 1, outputs: {} });
  }
  const error = { code: 'BAD_DATA', message: 'grade has one class', remedy: 'Bring rows of two classes.' };
  await deps.stages.start('default', { runId, stage: 'train', item: '0', attempt: 1 });
  clock.advance(5_000);
  await deps.stages.fail('default', { runId, stage: 'train', item: '0', attempt: 1, error });
  await deps.runs.finish('default', runId, {
    status: 'FAILED',
    error: { ...error, stage: 'train' },
    attempt: 1,
  });
}

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
const shot = (name: string) => {
  const folder = process.env.SCREENSHOTS;
  return folder && tab.page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
};

afterEach(async () => {
  expect(tab.errors).toEqual([]);
  expect([...tab.hosts]).toEqual([new URL(site.address).host]);
});

describe('the list of pipelines', () => {
  beforeEach(async () => {
    await open('#/pipelines');
    await heading('Pipelines');
  });

  it('says of each when it ran, when it runs next, and how far its collector is', async () => {
    const rows = tab.page.locator('tbody tr');
    await rows.nth(2).waitFor();
    const texts = await rows.allInnerTexts();
    expect(texts[0]).toMatch(/grades.*grade classification.*failed.*when someone starts it/s);
    expect(texts[1]).toMatch(/houses.*price regression.*never/s);
    expect(texts[2]).toMatch(
      /tiny-classes.*every day at 03:00 UTC.*2 of 3 subsets of round 1.*next poll in \d s/s,
    );
    expect(await rows.nth(2).getByRole('progressbar').getAttribute('aria-valuenow')).toBe('67');
    await shot('pipelines');
    await expectAccessible(tab.page);
  });

  it('leads to a pipeline by its name, and by Enter', async () => {
    await tab.page.locator('tbody tr').nth(1).focus();
    await tab.page.keyboard.press('Enter');
    await heading('houses');
  });
});

describe('a pipeline', () => {
  it('is drawn with what the newest run did to each stage, and walked by the arrow keys', async () => {
    await open('#/pipelines/grades');
    await heading('grades');
    const graph = tab.page.getByRole('group', { name: 'Stages of grades' });
    const node = (title: string) => graph.getByRole('button', { name: new RegExp(`^${title}`) });
    await within(() => node('clean').innerText()).toMatch(/^clean\n.*\ndone/s);
    expect(await node('random-forest').innerText()).toContain('failed');
    expect(await graph.getByRole('button').count()).toBe(8);
    await node('source').focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowDown', 'Enter']) {
      await tab.page.keyboard.press(key);
    }
    expect(await node('random-forest').getAttribute('aria-pressed')).toBe('true');
    await within(() => tab.page.locator('.about-node').innerText()).toMatch(
      /random-forest.*failed.*grade has one class.*Bring rows of two classes/s,
    );
    await shot('pipeline');
    await expectAccessible(tab.page);
  });

  it('has a history with how long each stage took, and what failed', async () => {
    await open('#/pipelines/grades');
    const rows = tab.page.getByRole('region', { name: 'Runs of this pipeline' }).locator('tbody tr');
    await within(() => rows.count()).toBe(4);
    expect(await rows.nth(0).innerText()).toMatch(/failed.*schedule.*34 s/s);
    expect(await rows.nth(0).getByRole('img').getAttribute('aria-label')).toBe(
      'plan 1 s, ingest 8 s, clean 20 s, train 5 s',
    );
    expect(await rows.nth(1).innerText()).toMatch(/finished.*a person.*forced.*version \d/s);
    expect(await rows.nth(2).getByRole('img').getAttribute('aria-label')).toContain('train unchanged');
  });

  it('runs from a stage to another, again where nothing changed, once', async () => {
    await open('#/pipelines/grades');
    const graph = tab.page.getByRole('group', { name: 'Stages of grades' });
    await graph.getByRole('button', { name: /^evaluate/ }).click();
    await tab.page.getByRole('button', { name: 'Run from evaluate' }).click();
    const dialog = tab.page.getByRole('dialog', { name: 'Run grades' });
    expect(await dialog.getByLabel('First stage').inputValue()).toBe('evaluate');
    await dialog.getByLabel('Last stage').selectOption('register');
    await dialog.getByLabel('Do unchanged stages again').check();
    expect(await dialog.innerText()).toContain(
      'Runs evaluate to register, on the latest results of ingest, clean and train. Every stage is done again',
    );
    expect(await dialog.innerText()).toContain(
      'npx arboleda run grades --from evaluate --to register --force',
    );
    await shot('pipeline-run');
    await expectAccessible(tab.page);
    await dialog.getByRole('button', { name: 'Start the run' }).click();
    await within(() => tab.page.url()).toMatch(/#\/runs\/[0-9a-f]{32}$/);
    const runId = tab.page.url().slice(-32);
    expect(await site.world.deps.runs.get('default', runId)).toMatchObject({
      pipeline: 'grades',
      from: 'evaluate',
      to: 'register',
      force: true,
      status: 'RUNNING',
    });
    // Another start is refused in the dialog, with what to do.
    await open('#/pipelines/grades');
    await tab.page.getByRole('button', { name: 'Run now' }).click();
    await tab.page.getByRole('button', { name: 'Start the run' }).click();
    expect(await tab.page.getByRole('alert').innerText()).toMatch(/is in progress.*Wait for it/s);
    await tab.page.keyboard.press('Escape');
    await site.world.deps.runs.finish('default', runId, { status: 'KILLED', attempt: 1 });
  });

  it('shows how far its collector is, polls it now, pauses and resumes it', async () => {
    await open(`#/pipelines/${P}`);
    const card = tab.page.getByRole('region', { name: 'Collector', exact: true });
    await card.getByText('2 of 3 subsets of round 1').waitFor();
    expect(await card.innerText()).toMatch(
      /collecting.*Next poll.*in \d s.*stored a new subset.*source\.example.*every 10 seconds/s,
    );
    await shot('pipeline-collector');
    await expectAccessible(tab.page);
    await card.getByRole('button', { name: 'Poll now' }).click();
    await card.getByText('0 of 3 subsets of round 2').waitFor();
    expect(await card.locator('tbody tr').innerText()).toMatch(/full.*3.*6/s);
    await card.getByRole('button', { name: 'Pause' }).click();
    await card.getByRole('button', { name: 'Resume' }).waitFor();
    expect(await card.innerText()).toMatch(/Next poll\s+paused/);
    await card.getByRole('button', { name: 'Resume' }).click();
    await card.getByText('collecting').waitFor();
  });

  it('has what its collector asks changed: only what differs, with what was wrong said beside it', async () => {
    const { deps } = site.world;
    await open(`#/pipelines/${P}`);
    const card = tab.page.getByRole('region', { name: 'Collector', exact: true });
    await card.getByRole('button', { name: 'Change' }).click();
    const dialog = tab.page.getByRole('dialog', { name: 'Source of the collector' });
    const save = dialog.getByRole('button', { name: 'Save' });
    expect(await dialog.getByLabel('URL').inputValue()).toBe(SOURCE_URL);
    expect(await save.isDisabled()).toBe(true);
    await shot('pipeline-collector-source');
    await expectAccessible(tab.page);
    await dialog.getByLabel('URL').fill('https://user:secret@source.example/data');
    await save.click();
    await within(() => dialog.getByRole('alert').innerText()).toMatch(/url.*without user, password/is);
    await dialog.getByLabel('URL').fill(SOURCE_URL);
    await dialog.getByLabel('Seconds between two batches').fill('20');
    await dialog.getByLabel('Subsets of a round').fill('4');
    await save.click();
    await dialog.waitFor({ state: 'detached' });
    await card.getByText('every 20 seconds').waitFor();
    expect((await collectorReport(deps, 'default', P)).settings).toMatchObject({
      url: SOURCE_URL,
      every: 20,
      subsets: 4,
      group: 1,
    });
    await changeCollector(deps, 'default', P, { every: 10, subsets: 3 });
    await open(`#/pipelines/${P}`, { as: 'viewer' });
    const change = tab.page.getByRole('button', { name: /^Change/ });
    await change.waitFor();
    expect(await change.isDisabled()).toBe(true);
  });

  it('has its schedule paused after a question, and resumed', async () => {
    await open(`#/pipelines/${P}`);
    const schedule = tab.page.locator('.facts').first();
    await schedule.getByText('every day at 03:00 UTC').waitFor();
    expect(await schedule.innerText()).toMatch(/next in \d+ h/);
    await schedule.getByRole('button', { name: 'Pause' }).click();
    await tab.page.getByRole('button', { name: 'Pause it' }).click();
    await schedule.getByText('no next run: paused').waitFor();
    expect(await site.world.deps.state.isPaused('default', P)).toBe(true);
    await schedule.getByRole('button', { name: 'Resume' }).click();
    await schedule.getByText(/next in/).waitFor();
  });

  it('lets a viewer read, and says what running needs', async () => {
    await open('#/pipelines/grades', { as: 'viewer' });
    const run = tab.page.getByRole('button', { name: /Run now/ });
    expect(await run.isDisabled()).toBe(true);
    expect(await run.innerText()).toContain('needs operator');
    await tab.page
      .getByRole('group', { name: 'Stages of grades' })
      .getByRole('button', { name: /^clean/ })
      .click();
    expect(await tab.page.getByRole('button', { name: /Run from clean/ }).isDisabled()).toBe(true);
  });

  it('that never ran says how to begin; one that is unknown says which there are', async () => {
    await open('#/pipelines/houses');
    await tab.page.getByText('No runs yet').waitFor();
    await tab.page.getByRole('button', { name: 'Start the first' }).click();
    await tab.page.getByRole('dialog', { name: 'Run houses' }).waitFor();
    await open('#/pipelines/nothing');
    await within(() => tab.page.getByRole('alert').first().innerText()).toMatch(
      /no pipeline named "nothing".*Use one of: grades, houses, tiny-classes/s,
    );
    // Once, and with no button that would be refused.
    expect(await tab.page.getByRole('alert').count()).toBe(1);
    expect(await tab.page.getByRole('button', { name: /Run now/ }).count()).toBe(0);
  });

  it.each([
    [1440, false],
    [1440, true],
    [390, false],
    [390, true],
  ])('fits a window of %i, dark: %s', async (width, dark) => {
    await open('#/pipelines', { width, dark });
    for (const [hash, name] of [
      ['#/pipelines', 'Pipelines'],
      ['#/pipelines/grades', 'grades'],
      [`#/pipelines/${P}`, P],
    ] as const) {
      await tab.page.evaluate(`location.hash = '${hash}'`);
      await heading(name);
      await tab.page.locator('tbody tr').first().waitFor();
      await expectNoSideways(tab.page);
      await expectAccessible(tab.page);
      await shot(`${name.toLowerCase()}-${width}${dark ? '-dark' : ''}`);
    }
  });
});
