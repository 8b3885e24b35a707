import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { hasEnded, type RunDetail } from '../../bin/cli/api-types.ts';
import { path } from '../../bin/cli/client.ts';
import { pause } from '../../bin/local/stay.ts';
import { expectAccessible } from '../browser/support/axe.ts';
import { expectNoSideways } from '../browser/support/browser.ts';
import { admin } from '../integration/support/api.ts';
import { closeBrowser, closeTabs, picture, visit } from './support/open.ts';

/** The pages of pipelines over the deployed stack: what ran, and what an operator does. */
afterEach(closeTabs);
afterAll(closeBrowser);

const within = <T>(look: () => T) => expect.poll(look, { timeout: 60_000, interval: 500 });

/** Ends what a test before left at work, so that the pipeline is free. */
beforeAll(() => quiet('housing'));

async function quiet(pipeline: string): Promise<void> {
  const { runs } = await admin().get<{ runs: RunDetail[] }>('/runs', { pipeline, limit: 5 });
  for (const { runId, status } of runs) {
    if (hasEnded({ status })) continue;
    await admin()
      .post(path`/runs/${runId}/cancel`, {})
      .catch(() => undefined);
    const deadline = Date.now() + 120_000;
    while (!hasEnded(await admin().get<RunDetail>(path`/runs/${runId}`)) && Date.now() < deadline)
      await pause(1_000);
  }
}

describe('the pipelines of the deployed stack', () => {
  it.each([
    [1440, false],
    [390, true],
  ])('stand with their last and next runs at %i, dark: %s', async (width, dark) => {
    const tab = await visit('#/pipelines', { as: 'viewer', width, dark });
    const { page } = tab;
    await page.locator('tbody tr').nth(4).waitFor();
    const texts = await page.locator('tbody tr').allInnerTexts();
    expect(texts).toHaveLength(5);
    const forest = texts.find((text) => text.includes('forest-cover'));
    expect(forest).toMatch(/\d+ of 10 subsets of round \d+/);
    expect(texts.every((text) => !text.includes('never'))).toBe(true);
    expect(await page.getByRole('button', { name: 'Run housing' }).isDisabled()).toBe(true);
    await expectNoSideways(page);
    await expectAccessible(page);
    await picture(tab, `e2e-pipelines-${width}`);
  });

  it('have a history of real runs, the failed one with its reason', async () => {
    const tab = await visit('#/pipelines/housing', { as: 'viewer' });
    const rows = tab.page.getByRole('region', { name: 'Runs of this pipeline' }).locator('tbody tr');
    await rows
      .filter({ hasText: inject('world').failedRun.slice(0, 8) })
      .getByText('failed')
      .waitFor();
    const done = rows.filter({ hasText: inject('world').runs.housing!.slice(0, 8) });
    expect(await done.getByRole('img').getAttribute('aria-label')).toMatch(
      /ingest .*clean .*train .*evaluate/,
    );
    await expectAccessible(tab.page);
    await picture(tab, 'e2e-pipeline');
  });

  it('run from a stage that an operator chooses, followed until the end', async () => {
    const { page } = await visit('#/pipelines/housing');
    const graph = page.getByRole('group', { name: 'Stages of housing' });
    await graph.getByRole('button', { name: /^evaluate/ }).click();
    await page.getByRole('button', { name: 'Run from evaluate' }).click();
    await page.getByLabel('Last stage').selectOption('evaluate');
    await page.getByLabel('Do unchanged stages again').check();
    await page.getByRole('button', { name: 'Start the run' }).click();
    await within(() => page.url()).toMatch(/#\/runs\/[0-9a-f]{32}/);
    const runId = /#\/runs\/([0-9a-f]{32})/.exec(page.url())?.[1] ?? '';
    await within(async () => (await admin().get<RunDetail>(path`/runs/${runId}`)).status).toBe('FINISHED');
    const run = await admin().get<RunDetail & { from?: string; to?: string }>(path`/runs/${runId}`);
    expect([run.from, run.to]).toEqual(['evaluate', 'evaluate']);
    expect(run.stages.map(({ stage, status }) => `${stage} ${status}`)).toContain('evaluate DONE');
  }, 180_000);

  it('have their schedule paused and resumed', async () => {
    const { page } = await visit('#/pipelines/housing');
    const facts = page.locator('.facts').first();
    await facts.getByText(/every day at/).waitFor();
    await facts.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Pause it' }).click();
    await facts.getByRole('button', { name: 'Resume' }).click();
    await facts.getByRole('button', { name: 'Pause' }).waitFor();
  });
});
