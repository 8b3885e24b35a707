import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** What axe says of the page as it stands, of the two worst grades: each with the elements that it is about. */
export async function seriousFaults(page: Page): Promise<string[]> {
  // Through the debugger: the page's own policy allows no script but its own.
  await page.evaluate(axe.source);
  const found = (await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, help, nodes }) => id + ': ' + help + ' ' + nodes.slice(0, 4).map(({ html }) => html.slice(0, 160)).join(' | ')))`,
  )) as string[];
  return found;
}

/** axe finds nothing serious. */
export async function expectAccessible(page: Page): Promise<void> {
  expect(await seriousFaults(page)).toEqual([]);
}
