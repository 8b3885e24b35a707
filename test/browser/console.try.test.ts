import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { driveBatch } from '../support/batch.ts';
import { runToEnd } from '../support/pipeline.ts';
import { Desk, WINDOWS } from './support/desk.ts';
import { SCRIPT } from './support/pipelines.ts';

/** The page Try it: the form of a model, its answer, files of rows. */
let desk: Desk;
let page: Page;

beforeAll(async () => {
  desk = await Desk.open();
  for (const pipeline of ['houses', 'grades']) {
    const run = await runToEnd(desk.site.world.deps, pipeline);
    expect(run.error).toBeUndefined();
    desk.site.world.clock.advance(60_000);
  }
}, 60_000);
afterAll(() => desk?.close());
afterEach(() => desk.expectClean());

const ready = () => page.getByRole('form', { name: /^A row of/ }).waitFor();
const predict = () => page.getByRole('button', { name: 'Predict', exact: true }).click();
const answer = () => page.locator('.prediction');
const described = async (label: string, what: 'help' | 'error') => {
  const ids = await page.getByLabel(label).getAttribute('aria-describedby');
  const id = ids?.split(' ').find((one) => one.endsWith(what));
  return page.locator(`[id="${id}"]`).innerText();
};

describe('the form of a model', () => {
  beforeEach(async () => {
    page = await desk.visit('#/try/grades', 'operator');
    await ready();
  });

  it('is made from the row schema, with what training saw as hints', async () => {
    const school = page.getByLabel('school').locator('option');
    expect((await school.allInnerTexts()).map((text) => text.split(' · ')[0])).toEqual([
      'north',
      'south',
      SCRIPT,
    ]);
    expect((await school.allInnerTexts())[0]).toMatch(/^north · \d+\.\d\s%$/);
    expect(await page.getByLabel('tutor').locator('option').allInnerTexts()).toEqual(['true', 'false']);
    const hours = page.getByLabel('hours');
    const bounds = await Promise.all(['min', 'max', 'step'].map((name) => hours.getAttribute(name)));
    expect(bounds).toEqual(['0', '40', 'any']);
    expect(await page.getByLabel('absences').getAttribute('step')).toBe('1');
    expect(await described('hours', 'help')).toMatch(
      /^Hours of study in a week; from 0 to 40\s+Training: 0(\.\d)? to (19|20)(\.\d)?, half below \d+(\.\d+)?$/,
    );
    expect(await page.getByLabel('grade', { exact: true }).count()).toBe(0);
    const list = await page.getByLabel('note').getAttribute('list');
    const suggested = await page.locator(`[id="${list}"] option`).all();
    const texts = await Promise.all(suggested.map((one) => one.getAttribute('value')));
    expect(texts.toSorted()).toEqual(['loud', 'quiet']);
  });

  it('predicts, with probabilities as bars, what drove them, and lists what it predicted', async () => {
    await page.getByLabel('hours').fill('19.5');
    await page.getByLabel('absences').fill('0');
    await page.getByLabel('tutor').selectOption('true');
    await predict();
    const bars = page.getByRole('list', { name: 'Probabilities' }).getByRole('listitem');
    await bars.first().waitFor();
    const texts = await bars.allInnerTexts();
    expect(texts).toHaveLength(3);
    expect(texts[0]).toMatch(/^high\s+\d+\.\d\s%$/);
    const shares = texts.map((text) => Number(/([\d.]+)\s%/.exec(text)?.[1]));
    expect(shares.reduce((a, b) => a + b)).toBeCloseTo(100, 0);
    const why = page.getByRole('region', { name: 'Why' });
    expect(await why.innerText()).toMatch(/^Why high/);
    const drove = await why.getByRole('listitem').allInnerTexts();
    expect(drove.map((text) => text.split(/\s/)[0]).toSorted()).toEqual([
      'absences',
      'hours',
      'note',
      'school',
      'tutor',
    ]);
    // The sum that is told is the sum that is shown, but for the digits that are not.
    const told = /From (-?[\d.]+), .* to (-?[\d.]+),/.exec(await why.innerText()) ?? [];
    const sum = drove.reduce(
      (total, text) => total + Number(/([+-]?[\d.]+(e-?\d+)?)$/.exec(text)?.[1]),
      Number(told[1]),
    );
    expect(sum).toBeCloseTo(Number(told[2]), 2);
    expect(await answer().innerText()).toContain('Answered by grades version 1');
    const past = page.getByRole('table', { name: 'Latest predictions of grades' }).locator('tbody tr');
    await expect.poll(() => past.first().innerText()).toMatch(/high.*hours 19\.5, absences 0, tutor true/s);
  });

  it('gives sample rows that the model takes, one after the other, and the median row back', async () => {
    const median = await page.getByLabel('hours').inputValue();
    const seen = new Set<string>();
    for (let i = 0; i < 3; i++) {
      await page.getByRole('button', { name: 'Sample row' }).click();
      seen.add(
        `${await page.getByLabel('hours').inputValue()} ${await page.getByLabel('school').inputValue()}`,
      );
      await predict();
      await expect.poll(() => page.getByRole('alert').count()).toBe(0);
      await answer().waitFor();
    }
    expect(seen.size).toBe(3);
    await page.getByRole('button', { name: 'Median row' }).click();
    expect(await page.getByLabel('hours').inputValue()).toBe(median);
  });

  it('shows what is odd about a row: outside of what training saw, unknown to the model', async () => {
    await page.getByLabel('hours').fill('39');
    expect(await described('hours', 'help')).toContain('Above all that training saw');
    await page.getByLabel('note').fill('never seen');
    await predict();
    const warnings = page.getByRole('list', { name: 'Warnings' });
    expect(await warnings.innerText()).toContain('"never seen" of note was not among the training rows');
  });

  it('shows an error of the API at the field that it names', async () => {
    const hours = page.getByLabel('hours');
    await hours.fill('99');
    await predict();
    await expect.poll(() => hours.getAttribute('aria-invalid')).toBe('true');
    expect(await described('hours', 'error')).toMatch(/^hours /);
    expect(await page.evaluate('document.activeElement.name')).toBe('hours');
    await desk.look('try-field-error');
    await hours.fill('3');
    await predict();
    await answer().waitFor();
    expect(await hours.getAttribute('aria-invalid')).toBeNull();
  });

  it('asks for a value that is left out', async () => {
    const absences = page.getByLabel('absences');
    await absences.fill('');
    await predict();
    expect(await absences.getAttribute('aria-invalid')).toBe('true');
    expect(await page.evaluate('document.activeElement.name')).toBe('absences');
    expect(await described('absences', 'error')).toBe('A value is needed.');
    expect(await answer().count()).toBe(0);
  });

  it('has the curl command that does the same: it is run', async () => {
    await page.getByLabel('hours').fill('1.5');
    const text = await page
      .getByRole('region', { name: 'The same from a shell' })
      .locator('code')
      .innerText();
    expect(text).not.toContain(await desk.token('operator'));
    const [, url = '', body = ''] = /^curl '([^']+)'.*-d '(.*)'$/s.exec(text) ?? [];
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await desk.token('operator')}`,
        'content-type': 'application/json',
      },
      body: body.replaceAll("'\\''", "'"),
    });
    const json = (await response.json()) as {
      predictions: { prediction: string }[];
      explanations: unknown[];
    };
    expect(json.explanations).toHaveLength(1);
    await predict();
    await answer().waitFor();
    expect(await answer().locator('.big').innerText()).toBe(json.predictions[0]?.prediction);
  });

  it('leaves the explanation out when it is not wanted', async () => {
    await page.getByLabel('Explain it').uncheck();
    await predict();
    await answer().waitFor();
    expect(await page.getByRole('region', { name: 'Why' }).count()).toBe(0);
  });

  it('is of another model, or of another version, when that is chosen', async () => {
    await page.getByLabel('Model', { exact: true }).selectOption('houses');
    await page.getByLabel('area').fill('100');
    await page.getByLabel('age').fill('10');
    await predict();
    const value = Number(await answer().locator('.big').innerText());
    expect(value).toBeGreaterThan(200);
    expect(value).toBeLessThan(400);
    await page.getByLabel('Who answers').selectOption('1');
    await expect.poll(() => page.url()).toContain('#/try/houses?version=1');
    expect(await page.locator('code').innerText()).toContain('/models/houses/predict?version=1&explain=true');
  });
});

describe('a file', () => {
  const rows = (count: number) =>
    Array.from({ length: count }, (_, i) => [
      String(i),
      String((i % 40) / 2),
      String(i % 9),
      i % 2 ? 'true' : 'false',
      'north',
      'quiet',
    ]);
  const HEADER = ['id', 'hours', 'absences', 'tutor', 'school', 'note'];
  const csv = (...lines: string[][]) => [HEADER, ...lines].map((cells) => cells.join(',')).join('\n');
  const choose = (text: string, name = 'pupils.csv') =>
    page
      .getByLabel('Drop a CSV file here, or choose one')
      .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  const result = () => page.getByRole('region', { name: 'Predictions of the file' });
  const download = async () => {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download with predictions' }).click(),
    ]);
    return { name: file.suggestedFilename(), text: await readFile((await file.path()) as string, 'utf8') };
  };

  beforeEach(async () => {
    page = await desk.visit('#/try/grades', 'operator');
    await ready();
    await page.getByRole('tab', { name: 'A file' }).click();
  });

  it('is predicted in parts, and given back with the predictions', async () => {
    await choose(csv(...rows(600)));
    expect(await page.getByRole('region', { name: 'The file' }).innerText()).toContain(
      'Not read by the model: id.',
    );
    await page.getByRole('button', { name: 'Predict 600 rows' }).click();
    await result().waitFor();
    expect(await result().getByRole('status').innerText()).toContain('600 predicted');
    await desk.look('try-file');
    const { name, text } = await download();
    expect(name).toBe('pupils-predicted.csv');
    const records = parse(text, { columns: true }) as Record<string, string>[];
    expect(records).toHaveLength(600);
    expect(records[599]).toMatchObject({
      id: '599',
      hours: '19.5',
      model_version: '1',
      prediction_error: '',
    });
    const { predicted_grade: grade = '', ...last } = records[599] as Record<string, string>;
    const probabilities = ['low', 'middle', 'high'].map((one) => Number(last[`probability_${one}`]));
    expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    expect(Number(last[`probability_${grade}`])).toBe(Math.max(...probabilities));
  });

  it('lists the rows that fail, each with its reason, and predicts the others', async () => {
    const wrong = rows(4);
    (wrong[1] as string[])[1] = 'many';
    (wrong[2] as string[])[2] = '';
    await choose(csv(...wrong));
    await page.getByRole('button', { name: 'Predict 4 rows' }).click();
    await result().waitFor();
    expect(await result().getByRole('status').innerText()).toMatch(/2 predicted\s*2 failed/);
    const failures = await page
      .getByRole('table', { name: 'Rows that failed' })
      .locator('tbody tr')
      .allInnerTexts();
    expect(failures[0]).toMatch(/^3\s+hours: "many" is not a number/);
    expect(failures[1]).toMatch(/^4\s+absences is missing/);
    await desk.look('try-file-failures');
    const { text } = await download();
    const records = parse(text, { columns: true }) as Record<string, string>[];
    expect(records.map((one) => one.prediction_error === '')).toEqual([true, false, false, true]);
  });

  it('runs no formula where it is opened afterwards', async () => {
    const nasty = rows(1);
    (nasty[0] as string[])[5] = '=1+1';
    await choose(csv(...nasty));
    await page.getByRole('button', { name: 'Predict 1 row' }).click();
    await result().waitFor();
    expect((await download()).text).toContain(",'=1+1,");
  });

  it('tells how well it agrees, where the file has the answers', async () => {
    const lines = rows(40).map((cells) => [...cells, 'high'].join(','));
    await choose([[...HEADER, 'grade'].join(','), ...lines].join('\n'));
    await page.getByRole('button', { name: 'Predict 40 rows' }).click();
    await expect
      .poll(() => result().getByRole('status').innerText())
      .toMatch(/\d+\.\d\s% agree with the file's own grade/);
  });

  it.each([
    ['x,y\n1,2\n', 'None of its columns is one of the model.'],
    ['hours\n', 'The file holds no rows.'],
    [Buffer.from([0x68, 0xff, 0xfe]).toString('latin1'), 'holds no rows'],
  ])('%j is refused with the reason', async (text, message) => {
    await choose(text);
    await expect.poll(() => page.getByRole('alert').innerText()).toContain(message);
  });

  it('stops where it is cancelled, keeps what it has, and goes on when it is told to', async () => {
    let asked = 0;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/predict*', async (route) => {
      // The third request stays under way until the reader has cancelled.
      if (++asked >= 3) await held;
      await route.continue().catch(() => undefined);
    });
    await choose(csv(...rows(1500)));
    await page.getByRole('button', { name: 'Predict 1,500 rows' }).click();
    const progress = page.getByRole('progressbar');
    await expect.poll(() => progress.getAttribute('aria-label')).toBe('500 of 1,500 rows');
    await desk.look('try-file-progress');
    await page.getByRole('button', { name: 'Cancel' }).click();
    release();
    await expect
      .poll(() => result().getByRole('status').innerText())
      .toMatch(/500 predicted\s*1,000 not asked/);
    await page.unroute('**/predict*');
    await page.getByRole('button', { name: 'Go on' }).click();
    await expect.poll(() => result().getByRole('status').innerText()).toBe('1,500 predicted');
  });

  it('says why it cannot go on when the token is not good for it any more', async () => {
    await page.route('**/predict*', (route) =>
      route.fulfill({
        status: 403,
        contentType: 'application/json',
        body: JSON.stringify({ code: 'FORBIDDEN', message: 'no more', remedy: 'Ask.' }),
      }),
    );
    await choose(csv(...rows(3)));
    await page.getByRole('button', { name: 'Predict 3 rows' }).click();
    await expect.poll(() => page.getByRole('alert').innerText()).toContain('no more');
    expect(await result().getByRole('status').innerText()).toMatch(/0 predicted\s*3 not asked/);
  });
});

describe('roles', () => {
  it('a viewer sees the form, and why it may not predict', async () => {
    page = await desk.visit('#/try/grades', 'viewer');
    await ready();
    const button = page.getByRole('button', { name: /^Predict/ });
    expect(await button.isDisabled()).toBe(true);
    expect(await button.innerText()).toContain('needs predictor');
    await desk.look('try-viewer');
  });

  it('a predictor has every form, and no more', async () => {
    page = await desk.visit('#/try', 'predictor');
    await ready();
    expect(await page.getByLabel('Model', { exact: true }).locator('option').allInnerTexts()).toEqual([
      'grades',
      'houses',
    ]);
    await predict();
    await page.getByRole('list', { name: 'Probabilities' }).waitFor();
    expect(await page.getByRole('heading', { name: 'Latest predictions' }).count()).toBe(0);
    expect(await page.getByLabel('Who answers').count()).toBe(0);
  });
});

describe('states', () => {
  it('a model that is not there', async () => {
    page = await desk.visit('#/try/nothing', 'operator');
    await expect.poll(() => page.getByRole('alert').first().innerText()).toContain('nothing');
  });

  it('no models at all', async () => {
    page = await desk.visit('#/runs', 'operator');
    await page.route('**/models?*', (route) =>
      route.fulfill({ status: 200, contentType: 'application/json', body: '{"models":[]}' }),
    );
    await page.goto(`${desk.site.address}/#/try`);
    await page.getByText('No models yet').waitFor();
    await desk.look('try-empty');
  });
});

it.each(WINDOWS)('%i wide, dark %s: fits, and is accessible', async (width, dark) => {
  const name = `${width}-${dark ? 'dark' : 'light'}`;
  page = await desk.visit('#/try/grades', 'operator', { width, dark });
  await ready();
  await desk.look(`${name}-try`);
  await page.getByRole('button', { name: 'Sample row' }).click();
  await page.getByLabel('note').fill('never seen');
  await predict();
  await answer().waitFor();
  await page.getByRole('table', { name: /^Latest/ }).waitFor();
  await desk.look(`${name}-try-answer`);
});

describe('a large file, on the server', () => {
  const SHOTS = [1440, 390] as const;
  const header = 'hours,absences,tutor,school,note';
  const lines = (count: number) =>
    [header, ...Array.from({ length: count }, (_, i) => `${i % 20},${i % 5},true,north,quiet`)].join('\n');
  const open = async (role: 'operator' | 'viewer' | 'predictor', width = 1180) => {
    page = await desk.visit('#/try/grades', role, { width });
    await ready();
  };
  const give = (text: string) =>
    page
      .getByLabel('File for the server')
      .setInputFiles({ name: 'pupils.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  const send = (from: Page) => from.getByRole('button', { name: 'Predict on the server' });
  const batch = () => page.getByRole('region', { name: 'Batch', exact: true });

  it('is uploaded, followed, and comes back with its predictions and the rows that failed', async () => {
    await open('operator');
    await page.getByRole('tab', { name: 'A large file' }).click();
    expect(await send(page).isDisabled()).toBe(true);
    await give(`${lines(40)}\nmany,0,true,north,quiet`);
    await send(page).click();
    await batch().getByText('running').waitFor();
    const href = await batch().getByRole('link', { name: 'its run' }).getAttribute('href');
    const runId = href?.split('/').at(-1) as string;
    const run = await driveBatch(desk.site.world.deps, { runId, attempt: 1 });
    expect([run.status, run.error]).toEqual(['FINISHED', undefined]);
    await batch().getByText('finished').waitFor();
    const facts = await batch().locator('dl').innerText();
    expect(facts.split(/\s+/)).toEqual(['Rows', '41', 'Predicted', '40', 'Failed', '1', 'Warnings', '0']);
    const result = await batch()
      .getByRole('link', { name: /^Download with predictions/ })
      .getAttribute('href');
    const rows = (await (await fetch(result as string)).text()).trim().split('\n');
    expect(rows).toHaveLength(41);
    expect(rows[0]).toContain('hours,absences,tutor,school,note');
    const failures = await batch()
      .getByRole('link', { name: /^Rows that failed/ })
      .getAttribute('href');
    expect(JSON.parse((await (await fetch(failures as string)).text()).trim())).toMatchObject({
      field: 'hours',
    });
    for (const width of SHOTS) {
      await page.setViewportSize({ width, height: 860 });
      await desk.look(`${width}-try-server`);
    }
  });

  it('shows why a batch failed', async () => {
    await open('operator');
    await page.getByRole('tab', { name: 'A large file' }).click();
    await give('colour\nred');
    await send(page).click();
    const href = await batch().getByRole('link', { name: 'its run' }).getAttribute('href');
    await driveBatch(desk.site.world.deps, { runId: href?.split('/').at(-1) as string, attempt: 1 });
    await batch().getByRole('alert').waitFor();
    expect(await batch().innerText()).toContain('failed');
  });

  it('says what a viewer lacks, and is not shown to who cannot read how it stands', async () => {
    await open('viewer');
    await page.getByRole('tab', { name: 'A large file' }).click();
    await give(lines(3));
    expect(await send(page).isDisabled()).toBe(true);
    expect(await send(page).innerText()).toContain('needs operator');
    await open('predictor');
    expect(await page.getByRole('tab', { name: 'A large file' }).count()).toBe(0);
  });
});
