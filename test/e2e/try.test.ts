import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { admin } from '../integration/support/api.ts';
import { closeBrowser, closeTabs, picture, visit } from './support/open.ts';

/** The form of every model of the deployed stack, asked for real; a file of rows; what each role may. */
afterEach(closeTabs);
afterAll(closeBrowser);

const served = async (): Promise<string[]> =>
  (await admin().get<{ models: { name: string }[] }>('/me/models')).models.map(({ name }) => name);

describe('the form', () => {
  it('of every model takes its own sample rows, and says why', async () => {
    const models = await served();
    expect(models.length).toBeGreaterThanOrEqual(5);
    for (const model of models) {
      const tab = await visit(`#/try/${encodeURIComponent(model)}`);
      const { page } = tab;
      await page.getByRole('button', { name: 'Sample row' }).click();
      await page.getByRole('button', { name: 'Predict', exact: true }).click();
      await page.locator('.prediction').waitFor({ timeout: 60_000 });
      expect(await page.getByRole('alert').count(), model).toBe(0);
      expect(await page.locator('.prediction').innerText(), model).toContain(`Answered by ${model} version`);
      await picture(tab, `e2e-try-${model}`);
      await page.close();
    }
  });

  it('of a viewer says what it needs, and a predictor has it', async () => {
    const viewer = await visit('#/try/housing', { as: 'viewer' });
    const button = viewer.page.getByRole('button', { name: /^Predict/ });
    await button.waitFor();
    expect(await button.isDisabled()).toBe(true);
    const { page } = await visit('#/try/housing', { as: 'predictor' });
    await page.getByRole('button', { name: 'Predict', exact: true }).click();
    await page.locator('.prediction').waitFor({ timeout: 60_000 });
  });
});

it('a file is predicted and given back', async () => {
  const { samples } = await admin().get<{ samples: Record<string, unknown>[] }>('/models/housing/schema');
  const names = Object.keys(samples[0] as object);
  const lines = Array.from({ length: 300 }, (_, i) =>
    names.map((name) => samples[i % samples.length]?.[name]),
  );
  const text = [names, ...lines].map((cells) => cells.join(',')).join('\n');
  const { page } = await visit('#/try/housing');
  await page.getByRole('tab', { name: 'A file' }).click();
  await page
    .getByLabel('Drop a CSV file here, or choose one')
    .setInputFiles({ name: 'houses.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await page.getByRole('button', { name: 'Predict 300 rows' }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download', { timeout: 60_000 }),
    page.getByRole('button', { name: 'Download with predictions' }).click({ timeout: 60_000 }),
  ]);
  const records = parse(await readFile((await file.path()) as string, 'utf8'), { columns: true }) as Record<
    string,
    string
  >[];
  expect(records).toHaveLength(300);
  for (const one of records) expect(one.prediction_error).toBe('');
  expect(records.every((one) => Number(one.predicted_price) > 0)).toBe(true);
});
