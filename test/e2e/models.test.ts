import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { admin } from '../integration/support/api.ts';
import { closeBrowser, closeTabs, picture, visit } from './support/open.ts';

/** The models of the deployed stack: what is in production, promoted and taken back by hand, and by whom. */
afterEach(closeTabs);
afterAll(closeBrowser);

describe('the models', () => {
  it('are listed with what is in production', async () => {
    const tab = await visit('#/models', { as: 'viewer' });
    const rows = tab.page.getByRole('table', { name: 'Registered models' }).locator('tbody tr');
    await rows.first().waitFor();
    const { models } = await admin().get<{ models: { name: string }[] }>('/models', { limit: 200 });
    expect(await rows.count()).toBe(models.length);
    expect((await rows.allInnerTexts()).join()).toMatch(/housing.*version \d/s);
    await picture(tab, 'e2e-models');
  });

  it('of one: who promoted what, and why a viewer may not', async () => {
    const tab = await visit('#/models/housing', { as: 'viewer' });
    const { page } = tab;
    await expect.poll(() => page.locator('.history li').last().innerText()).toContain('production');
    const split = page.getByRole('button', { name: /^Split traffic/ });
    expect([await split.isDisabled(), await split.getAttribute('title')]).toEqual([true, 'needs operator']);
    await picture(tab, 'e2e-model');
  });
});
