import { afterAll, afterEach, describe, expect, inject, it } from 'vitest';
import { hashOf, type Place } from '../../console/address.ts';
import { expectAccessible } from '../browser/support/axe.ts';
import { expectNoSideways } from '../browser/support/browser.ts';
import { closeBrowser, closeTabs, picture, visit } from './support/open.ts';

/** Every page over what the five pipelines really made: it stands, nothing is wider than the window, axe finds nothing serious. */
afterEach(closeTabs);
afterAll(closeBrowser);

const { runs, failedRun } = inject('world');
const PLACES: Record<string, Place> = {
  runs: { view: 'runs' },
  'runs by a metric': { view: 'runs', order: 'metrics.r2 DESC', all: '1' },
  'a failed run': { view: 'run', id: failedRun },
  compare: { view: 'compare', ids: [runs.housing!, runs['devops-metrics']!] },
  pipelines: { view: 'pipelines' },
  models: { view: 'models' },
  health: { view: 'health' },
};
for (const [pipeline, id] of Object.entries(runs)) {
  PLACES[`a run of ${pipeline}`] = { view: 'run', id };
  PLACES[`pipeline ${pipeline}`] = { view: 'pipeline', name: pipeline };
  PLACES[`model ${pipeline}`] = { view: 'model', name: pipeline };
  PLACES[`try ${pipeline}`] = { view: 'try', model: pipeline };
}

describe.each([
  ['a desk', 1440, false],
  ['a phone', 390, true],
] as const)('on %s', (_, width, dark) => {
  it.each(Object.entries(PLACES))('%s', async (name, place) => {
    const tab = await visit(hashOf(place), { width, dark });
    const { page } = tab;
    const main = page.getByRole('main');
    await main.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    await expect
      .poll(() => page.locator('[aria-busy="true"], .skeleton').count(), { timeout: 60_000 })
      .toBe(0);
    await picture(tab, `e2e ${name} ${width}`.replaceAll(' ', '-'));
    expect(await main.getByText('This cannot be shown').count()).toBe(0);
    await expectNoSideways(page);
    await expectAccessible(page);
  });
});

describe('the runs of the deployed stack', () => {
  it('are filtered in the grammar of the search, and opened by their names', async () => {
    const { page } = await visit(hashOf({ view: 'runs', filter: "attributes.status = 'FAILED'" }));
    const rows = page.locator('tbody tr');
    await rows.filter({ hasText: failedRun.slice(0, 8) }).waitFor();
    expect(await rows.filter({ hasText: runs.housing!.slice(0, 8) }).count()).toBe(0);
    await page
      .getByRole('link', { name: new RegExp(failedRun.slice(0, 8)) })
      .first()
      .click();
    await expect.poll(() => page.url()).toContain(failedRun);
    const said = page.getByRole('main');
    await said.getByText('not a number').first().waitFor();
    expect(await said.innerText()).toContain('ingest');
  });
});
