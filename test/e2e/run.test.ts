import { afterAll, afterEach, describe, expect, inject, it } from 'vitest';
import type { RunDetail } from '../../bin/cli/api-types.ts';
import { admin } from '../integration/support/api.ts';
import { closeBrowser, closeTabs, picture, visit } from './support/open.ts';

/** The pages of one run and of several, on the stack's real runs of the five pipelines. */
afterEach(closeTabs);
afterAll(closeBrowser);

const runOf = (pipeline: string) => inject('world').runs[pipeline] as string;
const PIPELINES = ['housing', 'student-performance', 'forest-cover', 'devops-metrics', 'diabetes'];

describe('the page of a run', () => {
  it.each(PIPELINES)('shows every part of the run of %s', async (pipeline) => {
    const tab = await visit(`#/runs/${runOf(pipeline)}`, { width: 1440 });
    const { page } = tab;
    const stages = page.getByRole('list', { name: 'Stages' }).getByRole('listitem');
    await stages.first().waitFor();
    expect(await stages.count()).toBe(7);
    for (const stage of await stages.all()) expect(await stage.innerText()).toMatch(/done|unchanged/);
    await picture(tab, `run-${pipeline}-overview`);
    await page.getByRole('tab', { name: 'Evaluation' }).click();
    await page.getByRole('heading', { name: /^(Confusion matrix|Residuals)$/ }).waitFor();
    await page.getByRole('heading', { name: 'Permutation importance' }).waitFor();
    await picture(tab, `run-${pipeline}-evaluation`);
    await page.getByRole('tab', { name: 'Data' }).click();
    await page.locator('.column').first().waitFor();
    await picture(tab, `run-${pipeline}-data`);
    await page.getByRole('tab', { name: 'Lineage' }).click();
    await page.getByRole('button', { name: /^clean dataset/ }).waitFor();
    await page.getByRole('tab', { name: 'Logs' }).click();
    await page.getByRole('heading', { name: 'ingest', exact: true }).waitFor();
    await page.getByRole('tab', { name: 'Cost' }).click();
    expect(await page.locator('.big').innerText()).toMatch(/^\$0\.\d*[1-9]/);
    await picture(tab, `run-${pipeline}-cost`);
  });

  it('says of a run that failed why, what to do, and which rows were wrong', async () => {
    const { page } = await visit(`#/runs/${inject('world').failedRun}`, { width: 390, dark: true });
    await page.getByRole('alert').first().waitFor();
    expect(await page.locator('.step.failed .remedy').innerText()).not.toBe('');
    await page.getByRole('tab', { name: 'Data' }).click();
    await page.getByText(/not as the schema says/).waitFor();
  });

  it('shows a viewer what the role lacks', async () => {
    const { page } = await visit(`#/runs/${runOf('housing')}`, { as: 'viewer' });
    const again = page.getByRole('button', { name: /^Run again/ });
    await again.waitFor();
    expect(await again.isDisabled()).toBe(true);
    expect(await again.innerText()).toContain('needs operator');
  });

  it('starts a run at a stage, for real, and is followed to its end', async () => {
    const { page } = await visit(`#/runs/${runOf('housing')}`);
    await page.getByRole('button', { name: 'Run from here evaluate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Start the run' }).click();
    await page.getByText('on the results of').waitFor({ timeout: 60_000 });
    await page.locator('.page-head').getByText('finished').waitFor({ timeout: 180_000 });
    const id = /runs\/([0-9a-f]{32})/.exec(page.url())?.[1] as string;
    const run = await admin().get<RunDetail>(`/runs/${id}`);
    expect(run).toMatchObject({ basedOn: runOf('housing'), from: 'evaluate', status: 'FINISHED' });
  });

  it('registers the model under another name', async () => {
    const { page } = await visit(`#/runs/${runOf('student-performance')}`);
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Model', { exact: true }).fill('students-by-hand');
    await dialog.getByRole('button', { name: 'Register' }).click();
    await page.waitForURL(/models\/students-by-hand/, { timeout: 60_000 });
    const { versions } = await admin().get<{ versions: { runId: string }[] }>(
      '/models/students-by-hand/versions',
    );
    expect(versions.map(({ runId }) => runId)).toEqual([runOf('student-performance')]);
  });
});

describe('the page that compares', () => {
  it('holds runs of pipelines against each other', async () => {
    const asked = ['forest-cover', 'diabetes'].map((name) => `run=${runOf(name)}`).join('&');
    const tab = await visit(`#/compare?${asked}`, { width: 1440 });
    const accuracy = tab.page.getByRole('row', { name: /^accuracy/ });
    await accuracy.waitFor();
    expect(await accuracy.locator('td').count()).toBe(2);
    expect(await accuracy.innerText()).toMatch(/better|worse/);
    await picture(tab, 'compare');
  });
});
