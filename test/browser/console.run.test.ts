import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startRun } from '../../lib/pipeline/control/index.ts';
import {
  always,
  definePipeline,
  encode,
  file,
  gradientBoosting,
  randomForest,
} from '../../lib/pipeline/index.ts';
import { execute, runToEnd } from '../support/pipeline.ts';
import { expectAccessible } from './support/axe.ts';
import { expectNoSideways, launch, openTab, type Tab, type TabOptions } from './support/browser.ts';
import { SCRIPT } from './support/pipelines.ts';
import { type Site, startSite } from './support/site.ts';

/** The page of one run and that of comparing several: the real application over stores in memory. */
let site: Site;
let browser: Browser;
let tab: Tab;
const WS = 'default';
const tokens = {} as Record<'operator' | 'viewer', string>;
const ids = {
  classes: '',
  before: '',
  prices: '',
  failed: '',
  client: ['', ''],
  stopped: '',
  scripts: 'f'.repeat(32),
};
let homes = '';

/** Homes whose areas grow by `shift`; `bad` rows have no number as area. */
function homesCsv(shift: number, bad: number): string {
  const rows = Array.from({ length: 240 }, (_, i) => {
    const area = 50 + ((i * 37) % 101) + shift;
    const age = (i * 53) % 97;
    const zone = ['north', 'south', 'river'][(i * 7) % 3];
    const price = (area * area) / 50 - 2 * age + ((i * 29) % 23) + (zone === 'river' ? 60 : 0);
    return `${area},${i % 17 === 0 ? '' : age},${zone},${price}`;
  });
  const wrong = Array.from({ length: bad }, () => 'wide,1,north,2');
  return `${['area,age,zone,price', ...rows, ...wrong].join('\n')}\n`;
}

const homesPipeline = definePipeline({
  name: 'homes',
  source: file('homes.csv'),
  row: z.object({
    area: z.number().positive(),
    age: z.number().min(0).nullable(),
    zone: z.enum(['north', 'south', 'river']),
    price: z.number(),
  }),
  target: 'price',
  maxBadShare: 0.2,
  guards: { maxDuplicateShare: 1 },
  clean: [encode(['zone'], { method: 'onehot' })],
  split: { train: 0.6, validation: 0.2, test: 0.2, seed: 7 },
  candidates: [randomForest({ trees: 8 }), gradientBoosting({ rounds: 12 })],
  select: { metric: 'rmse' },
  promote: { to: 'production', when: always() },
});

beforeAll(async () => {
  const repoFile = async () => new TextEncoder().encode(homes);
  [site, browser] = await Promise.all([
    startSite({ definitions: [homesPipeline], deps: { repoFile, memoryMb: 1024 } }),
    launch(),
  ]);
  for (const role of ['operator', 'viewer'] as const) tokens[role] = await site.token(role);
  const { deps, clock } = site.world;
  const run = async (pipeline: string, more = {}) => {
    const { runId } = await runToEnd(deps, pipeline, more);
    clock.advance(60_000);
    return runId;
  };
  ids.classes = await run('grades');
  homes = homesCsv(0, 0);
  ids.before = await run('homes');
  homes = homesCsv(60, 7);
  ids.prices = await run('homes');
  ids.stopped = await run('homes', { to: 'evaluate', force: true });
  homes = homesCsv(0, 200);
  ids.failed = await run('homes');
  ids.client = await Promise.all([clientRun('a', 1), clientRun('b', 2)]);
  await runOfScripts();
}, 120_000);
afterAll(() => Promise.all([browser?.close(), site?.close()]));

/** A run that logs by step, as a client's does. */
async function clientRun(letter: string, factor: number): Promise<string> {
  const { runs, clock } = site.world.deps;
  const runId = letter.repeat(32);
  await runs.create(WS, { runId, experimentId: '0', name: `by hand ${letter}`, status: 'RUNNING' });
  const metrics = Array.from({ length: 20 }, (_, step) => ({
    key: 'loss',
    value: factor / (step + 1),
    step,
    timestamp: clock.now().getTime() + step,
  }));
  await runs.logBatch(WS, runId, { metrics, params: { rate: String(factor), depth: '3' } });
  await runs.finish(WS, runId, { status: 'FINISHED', attempt: 1 });
  return runId;
}

/** A run whose every text would run, were it read as HTML. */
async function runOfScripts(): Promise<void> {
  const { runs } = site.world.deps;
  const runId = ids.scripts;
  await runs.create(WS, {
    runId,
    experimentId: '0',
    name: `import of ${SCRIPT}`,
    status: 'RUNNING',
    tags: { note: SCRIPT },
    params: { [`p ${SCRIPT.slice(0, 40)}`]: SCRIPT },
  });
  const error = { code: 'BAD_DATA', stage: 'clean', message: `row 3: ${SCRIPT}`, remedy: 'Correct it.' };
  await runs.finish(WS, runId, { status: 'FAILED', error, attempt: 1 });
}

const open = async (hash: string, options: Partial<TabOptions> & { as?: 'operator' | 'viewer' } = {}) => {
  const { as = 'operator', ...rest } = options;
  tab = await openTab(browser, { now: site.world.clock.now(), ...rest });
  await tab.page.goto(site.address);
  await tab.page.getByLabel('Token').fill(tokens[as]);
  await tab.page.keyboard.press('Enter');
  await tab.page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
  await tab.page.goto(`${site.address}/${hash}`);
  await settled();
  return tab.page;
};
/** What loads is there, or has been given up: a count taken before that would be of nothing. */
const settled = async () => {
  await tab.page.waitForTimeout(150);
  const loading = tab.page.locator('.skeleton').first();
  await loading.waitFor({ state: 'detached', timeout: 5_000 }).catch(() => undefined);
};
const shot = async (name: string) => {
  const folder = process.env.SCREENSHOTS;
  if (folder !== undefined) await tab.page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
};
const choose = async (name: string) => {
  await tab.page.getByRole('tab', { name }).click();
  await settled();
};
const section = (name: string) =>
  tab.page.locator('section', { has: tab.page.getByRole('heading', { name }) });

afterEach(async () => {
  expect(tab.errors).toEqual([]);
  expect([...tab.hosts]).toEqual([new URL(site.address).host]);
  expect(await tab.page.evaluate('window.pwned')).toBeUndefined();
  for (const token of Object.values(tokens)) expect(tab.urls.join()).not.toContain(token);
  await tab.close();
});

describe('the page of a run', () => {
  it('has its stages, figures, candidates and parameters', async () => {
    const page = await open(`#/runs/${ids.prices}`);
    await page.getByRole('heading', { level: 1, name: /^homes/ }).waitFor();
    const stages = page.getByRole('list', { name: 'Stages' }).getByRole('listitem');
    expect(await stages.count()).toBe(7);
    expect(await stages.nth(3).innerText()).toMatch(/Train[\s\S]*done[\s\S]*2 models/);
    expect(await section('Metrics').innerText()).toMatch(/rmse/);
    const candidates = section('Candidates').getByRole('row');
    expect(await candidates.count()).toBe(3);
    // The better one first.
    const scores = await section('Candidates').locator('tbody td.numeric').allInnerTexts();
    expect(Number(scores[0])).toBeLessThan(Number(scores[1]));
    expect(await section('Parameters').innerText()).toMatch(/algorithm/);
    await expectAccessible(page);
  });

  it('has the candidates best first also where more is better, and says that the data are synthetic', async () => {
    const page = await open(`#/runs/${ids.classes}`);
    await page.locator('.page-head').getByText('synthetic data').waitFor();
    const table = page.getByRole('table', { name: 'Runs of the candidates' });
    await table.locator('tbody td.numeric').first().waitFor();
    expect(await table.getByRole('columnheader').allInnerTexts()).toContain('f1_weighted');
    const scores = (await table.locator('tbody td.numeric').allInnerTexts()).map(Number);
    expect(scores).toHaveLength(2);
    expect(scores[0]).toBeGreaterThanOrEqual(scores[1] ?? Number.NaN);
  });

  it('shows what someone wrote into it as text, whatever it is, also on the smallest phone', async () => {
    const page = await open(`#/runs/${ids.scripts}`, { width: 360 });
    await page
      .getByRole('heading', { level: 1, name: `import of ${SCRIPT} ffffffff`, exact: true })
      .waitFor();
    await page.getByRole('heading', { name: /^Tags/ }).click();
    const text = await page.locator('main').innerText();
    expect(text.split(SCRIPT).length).toBeGreaterThanOrEqual(4);
    expect(await page.locator('main script, main img').count()).toBe(0);
    await expectNoSideways(page);
    await shot('run-scripts-360');
  });

  it('says why a run failed, at which stage, and what to do', async () => {
    const page = await open(`#/runs/${ids.failed}`);
    const stages = page.getByRole('list', { name: 'Stages' }).getByRole('listitem');
    await stages.first().waitFor();
    expect(await stages.nth(1).innerText()).toMatch(/Ingest[\s\S]*failed/);
    expect(await stages.nth(1).locator('.remedy').innerText()).not.toBe('');
    expect(await stages.nth(2).innerText()).toMatch(/Clean[\s\S]*not reached/);
    expect(await page.locator('main > .problem').innerText()).toMatch(/^ingest: /);
    await choose('Data');
    await section('Rows set aside')
      .getByText(/200 rows were not as the schema says/)
      .waitFor();
    await expectAccessible(page);
    await shot('run-failed');
  });

  it('draws the confusion matrix, figures by class, importance and SHAP values of a classification', async () => {
    const page = await open(`#/runs/${ids.classes}?tab=evaluation`);
    const matrix = section('Confusion matrix').getByRole('table');
    await matrix.waitFor();
    const counts = (await matrix.locator('td').allInnerTexts()).map(Number);
    expect(counts).toHaveLength(9);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(48);
    expect(await section('By class').getByRole('row').count()).toBe(4);
    expect(await section('Permutation importance').getByRole('listitem').count()).toBe(5);
    expect(await section('SHAP values').getByRole('listitem').count()).toBe(5);
    await section('SHAP values').getByText('By class').click();
    expect(await section('SHAP values').getByRole('row').count()).toBe(6);
    await section('Partial dependence').getByLabel('Feature').selectOption('absences');
    await section('Partial dependence')
      .getByRole('img', { name: 'The average answer over absences' })
      .waitFor();
    await expectAccessible(page);
  });

  it('draws the residuals of a regression', async () => {
    const page = await open(`#/runs/${ids.prices}?tab=evaluation`);
    await page.getByRole('img', { name: /Actual less predicted over predicted, 48 rows/ }).waitFor();
    expect(await page.getByRole('img', { name: 'How the errors are spread' }).locator('g').count()).toBe(21);
  });

  it('describes each column and how it moved since the run before', async () => {
    const page = await open(`#/runs/${ids.prices}?tab=data`);
    const columns = page.locator('.column');
    await columns.first().waitFor();
    expect(await columns.count()).toBe(4);
    expect(await columns.nth(0).innerText()).toMatch(/area[\s\S]*drifted/);
    expect(await columns.nth(1).innerText()).toMatch(/age[\s\S]*steady[\s\S]*missing\s+[1-9]/);
    expect(await columns.nth(2).innerText()).toMatch(/zone[\s\S]*north/);
    expect(await page.getByText('Compared with').locator('xpath=..').innerText()).toContain(
      ids.before.slice(0, 8),
    );
    await page.getByLabel('Order of the columns').selectOption('name');
    expect(await columns.nth(0).innerText()).toMatch(/^age/);
    await page.getByLabel('Filter columns').fill('ZON');
    expect(await columns.count()).toBe(1);
    await page.getByLabel('Filter columns').fill('none such');
    await page.getByText('No column has that name').waitFor();
    await section('Rows set aside')
      .getByText(/7 rows were not/)
      .waitFor();
    await section('Rows set aside').getByText('The rows', { exact: true }).click();
    expect(await section('Rows set aside').locator('tbody tr').count()).toBe(7);
    await page.getByLabel('Filter columns').fill('');
    await expectAccessible(page);
  });

  it('draws the lineage as a graph that is walked by keys and leads on', async () => {
    const page = await open(`#/runs/${ids.classes}?tab=lineage`);
    const graph = page.getByRole('group', { name: 'Where the model comes from' });
    await graph.waitFor();
    const nodes = graph.getByRole('button');
    expect(await nodes.count()).toBeGreaterThan(7);
    await graph.getByRole('button', { name: /^clean dataset/ }).click();
    await page.getByText('npx arboleda data pull').waitFor();
    await graph.getByRole('button', { name: /^grades 1/ }).click();
    await page.getByRole('heading', { name: /grades 1/ }).waitFor();
    await expectAccessible(page);
    await graph
      .getByRole('button', { name: /^random-forest/ })
      .first()
      .click();
    await page.getByRole('link', { name: 'Open it' }).click();
    await page.getByText('Part of').waitFor();
  });

  it('has the log by stage, and looks for text in it', async () => {
    const page = await open(`#/runs/${ids.prices}?tab=logs`);
    await page.getByRole('heading', { name: 'ingest', exact: true }).waitFor();
    await page.getByLabel('Stage').selectOption('train');
    expect(await page.locator('.log h2').allInnerTexts()).toEqual(['train', 'train 0', 'train 1']);
    // Boosting's threads build each tree together: none has trees of its own to count.
    const [forest, boosting] = (await page.locator('.log ol').allInnerTexts()).slice(1);
    expect(forest).toMatch(/trained on 1 thread: 8 trees/);
    expect(boosting).toMatch(/trained on 1 thread(?!:)/);
    await page.getByLabel('Lines that contain').fill('nothing of the kind');
    await page.getByText('No line contains that').waitFor();
    await page.getByLabel('Lines that contain').fill('');
    await expectAccessible(page);
  });

  it('has its files, each downloaded without the token in its address', async () => {
    const page = await open(`#/runs/${ids.prices}?tab=files`);
    for (const [name, key] of [
      ['reports/evaluation.json', /^\/objects\/default\/reports\/[0-9a-f]{64}\.json$/],
      ['model/model.arbm', /^\/objects\/default\/models\/[0-9a-f]{64}\.arbm$/],
    ] as const) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name }).click(),
      ]);
      expect(await download.failure()).toBeNull();
      expect(site.downloads.at(-1)).toMatch(key);
    }
    await expectAccessible(page);
  });

  it('has an estimate of its cost', async () => {
    const page = await open(`#/runs/${ids.prices}?tab=cost`);
    await page.getByText('An estimate of what this run cost on AWS').waitFor();
    expect(await page.locator('.big').innerText()).toMatch(/^\$0\.\d*[1-9]/);
    expect(await page.getByRole('table').innerText()).toMatch(/clean: .* at 1,024 MB/);
    await expectAccessible(page);
  });

  it("has a client's curves, and no parts that only pipelines have", async () => {
    const page = await open(`#/runs/${ids.client[0]}`);
    await page.getByRole('img', { name: 'loss by step' }).waitFor();
    expect(await page.getByRole('tab').allInnerTexts()).toEqual(['Overview', 'Lineage', 'Files']);
    await expectAccessible(page);
  });

  it('that is not there says so', async () => {
    const page = await open(`#/runs/${'9'.repeat(32)}`);
    await page
      .getByRole('alert')
      .getByText(/no run 9999/)
      .waitFor();
    await page.getByRole('heading', { level: 1, name: 'Run 99999999' }).waitFor();
  });
});

describe('what can be done with a run', () => {
  it('is refused to a viewer, who is told what it needs', async () => {
    const page = await open(`#/runs/${ids.failed}`, { as: 'viewer' });
    const retry = page.getByRole('button', { name: /^Retry/ });
    await retry.waitFor();
    expect(await retry.isDisabled()).toBe(true);
    expect(await retry.innerText()).toContain('needs operator');
    const again = page.getByRole('button', { name: 'Run from here ingest' });
    expect(await again.isDisabled()).toBe(true);
    await expectAccessible(page);
  });

  it('registers the selected model, or another candidate, and leads to the version', async () => {
    const page = await open(`#/runs/${ids.stopped}`);
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Which of its models').locator('option').nth(2).waitFor({ state: 'attached' });
    await dialog.getByLabel('Which of its models').selectOption('1');
    await dialog.getByLabel('Description').fill('by hand');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Register' }).click();
    await page.waitForURL(/models\/homes\?version=3/);
    const version = await site.world.deps.registry.getVersion(WS, 'homes', '3');
    expect(version).toMatchObject({ runId: ids.stopped, description: 'by hand' });
  });

  it('starts a new run at a stage, on what this one made; cancels it; retries it', async () => {
    const { deps } = site.world;
    homes = homesCsv(0, 0);
    const page = await open(`#/runs/${ids.before}`);
    await page.getByRole('button', { name: 'Run from here evaluate' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByLabel('Begin at').inputValue()).toBe('evaluate');
    await dialog.getByRole('button', { name: 'Start the run' }).click();
    await page.getByText('on the results of').waitFor();
    const { items } = await deps.runs.list(WS, { pipeline: 'homes', limit: 1 });
    const [made] = items;
    expect(made).toMatchObject({ basedOn: ids.before, from: 'evaluate', status: 'RUNNING' });
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Cancel the run' }).click();
    await page.locator('.page-head').getByText('cancelled').waitFor();
    await page.getByRole('button', { name: /^Retry/ }).click();
    await page.getByText('Attempt 2 has started').waitFor();
    await page.locator('.page-head').getByText('running').waitFor();
    // What the state machine would do goes on beside the page, which follows it.
    await execute(deps, { workspace: WS, runId: made?.runId ?? '', attempt: 2 });
    await page.locator('.page-head').getByText('finished').waitFor();
    const stages = page.getByRole('list', { name: 'Stages' }).getByRole('listitem');
    expect(await stages.nth(2).innerText()).toMatch(/Clean[\s\S]*taken over/);
  });

  it('tells how it is reproduced, and copies the command', async () => {
    const page = await open(`#/runs/${ids.prices}`);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Reproduce' }).click();
    await page.getByRole('button', { name: 'Copy the command' }).click();
    await page.getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      `npx arboleda reproduce ${ids.prices}`,
    );
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('is followed while it works: what waits, what runs, how far the training is', async () => {
    const { deps } = site.world;
    const { runId } = await startRun(deps, WS, 'grades', { trigger: 'caller', actor: 'test' });
    const page = await open(`#/runs/${runId}`);
    await page.getByText('queued').or(page.getByText('running')).first().waitFor();
    for (const stage of ['plan', 'ingest'] as const) {
      await deps.stages.start(WS, { runId, stage, attempt: 1 });
      if (stage === 'plan') await deps.stages.done(WS, { runId, stage, attempt: 1, outputs: {} });
    }
    const stages = page.getByRole('list', { name: 'Stages' }).getByRole('listitem');
    await stages.nth(1).getByText('running').waitFor();
    expect(await stages.nth(2).innerText()).toMatch(/Clean[\s\S]*waiting/);
    await shot('run-running');
    await deps.runs.finish(WS, runId, { status: 'KILLED', attempt: 1 });
    await deps.state.handOver(WS, 'grades', runId);
    await page.locator('.page-head').getByText('cancelled').waitFor();
  });
});

describe('the page that compares runs', () => {
  it('shows differences only, then all; the best figure; curves over each other', async () => {
    const [a = '', b = ''] = ids.client;
    const page = await open(`#/compare?run=${a}&run=${b}`);
    const table = page.getByRole('table', { name: 'Runs side by side' });
    await table.waitFor();
    expect(await table.getByRole('row', { name: /^rate/ }).count()).toBe(1);
    expect(await table.getByRole('row', { name: /^depth/ }).count()).toBe(0);
    await page.getByLabel('Differences only').uncheck();
    expect(await table.getByRole('row', { name: /^depth 3 3/ }).count()).toBe(1);
    await page.getByRole('img', { name: 'loss by step' }).waitFor();
    expect(await page.locator('.u-legend .u-label').allInnerTexts()).toEqual(
      expect.arrayContaining(['by hand a', 'by hand b']),
    );
    await expectAccessible(page);
  });

  it('is reached from a run; holds figures against the first, which can be another', async () => {
    const page = await open(`#/runs/${ids.prices}`);
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await page.getByLabel(`Compare with ${ids.before.slice(0, 8)}`).check();
    await page.getByRole('button', { name: 'Compare 2 runs' }).click();
    const rmse = page.getByRole('row', { name: /^rmse/ });
    await rmse.waitFor();
    expect(await rmse.locator('td').nth(0).locator('.delta').count()).toBe(0);
    expect(await rmse.locator('td').nth(1).innerText()).toMatch(/(better|worse)$/);
    expect(await rmse.locator('td.best').count()).toBe(1);
    await page.getByRole('button', { name: `hold against ${ids.before.slice(0, 8)}` }).click();
    await page.waitForURL(new RegExp(`run=${ids.before}&run=${ids.prices}`));
    await expectAccessible(page);
  });

  it('asks for two runs where there are fewer', async () => {
    const page = await open(`#/compare?run=${ids.prices}`);
    await page.getByText('Choose two to ten runs').waitFor();
    await page.goto(`${site.address}/#/compare?run=${ids.prices}&run=${'9'.repeat(32)}`);
    await page
      .getByRole('alert')
      .getByText(/no run 9999/)
      .waitFor();
  });
});

describe.each([
  ['wide', { width: 1440 }],
  ['wide and dark', { width: 1440, dark: true }],
  ['on a tablet', { width: 768 }],
  ['on a phone', { width: 390 }],
  ['on a dark phone', { width: 390, dark: true }],
] as const)('%s', (name, options) => {
  it('every part of a run fits, and axe finds nothing serious', async () => {
    const page = await open(`#/runs/${ids.prices}`, options);
    for (const part of ['Overview', 'Evaluation', 'Data', 'Lineage', 'Logs', 'Files', 'Cost']) {
      await choose(part);
      await page.locator('[role="tabpanel"] :is(.card, table, .log, .column)').first().waitFor();
      await page.locator('.skeleton').waitFor({ state: 'detached' });
      await expectNoSideways(page);
      await shot(`run-${part.toLowerCase()}-${name.replaceAll(' ', '-')}`);
    }
    await page.goto(`${site.address}/#/runs/${ids.classes}?tab=evaluation`);
    await page.getByRole('heading', { name: 'Confusion matrix' }).waitFor();
    await expectNoSideways(page);
    await expectAccessible(page);
    await shot(`run-classes-${name.replaceAll(' ', '-')}`);
    const compared = [ids.prices, ids.before, ids.stopped, ids.failed, ...ids.client]
      .map((id) => `run=${id}`)
      .join('&');
    await page.goto(`${site.address}/#/compare?${compared}`);
    await page.getByRole('table', { name: 'Runs side by side' }).waitFor();
    await page.getByRole('img', { name: /by step/ }).waitFor();
    await expectNoSideways(page);
    await expectAccessible(page);
    await shot(`compare-${name.replaceAll(' ', '-')}`);
  });
});
