import { afterAll, afterEach, describe, expect, inject, it } from 'vitest';
import { ROLES } from '../../lib/tracking/types.ts';
import { admin, newToken } from '../integration/support/api.ts';
import { closeBrowser, closeTabs, visit } from './support/open.ts';

/** Who may see the console of the deployed stack, and what is said to who may not. */
afterEach(closeTabs);
afterAll(closeBrowser);

describe('signing in', () => {
  it.each(ROLES)('shows a %s the console', async (role) => {
    const { page } = await visit('', { as: role });
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link').first().waitFor();
    expect(await page.getByRole('banner').textContent()).toContain(role);
  });

  it('refuses a token that nobody has', async () => {
    const { page } = await visit('', { token: `arb_${'0'.repeat(43)}` });
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('Token').isVisible()).toBe(true);
  });

  it('asks again once the token is revoked, and no address ever held it', async () => {
    const made = await newToken('viewer');
    const tab = await visit('#/models', { token: made.token });
    await tab.page.getByRole('heading', { level: 1 }).waitFor();
    await admin().delete(`/tokens/${made.record.tokenId}`);
    // A function believes a token for some seconds.
    await expect
      .poll(
        async () => {
          await tab.page.reload();
          await tab.page.waitForLoadState('networkidle');
          return tab.page.getByLabel('Token').isVisible();
        },
        { timeout: 60_000, interval: 1_000 },
      )
      .toBe(true);
    expect(tab.urls.filter((url) => url.includes(made.token))).toEqual([]);
  });

  it('asks again once the token is over', async () => {
    const expiresAt = new Date(Date.now() + 4_000).toISOString();
    const made = await admin().post<{ token: string }>('/tokens', {
      role: 'viewer',
      name: 'short',
      expiresAt,
    });
    const { page } = await visit('#/models', { token: made.token });
    await expect
      .poll(
        async () => {
          await page.reload();
          await page.waitForLoadState('networkidle');
          return page.getByLabel('Token').isVisible();
        },
        { timeout: 60_000, interval: 1_000 },
      )
      .toBe(true);
  });

  it('asks for nothing outside of its own host', async () => {
    const tab = await visit('#/models');
    await tab.page.getByRole('heading', { level: 1 }).waitFor();
    await tab.page.waitForLoadState('networkidle');
    expect([...tab.hosts]).toEqual([new URL(inject('stack').apiUrl).host]);
  });
});
