import type { Browser } from 'playwright-core';
import { inject } from 'vitest';
import type { Role } from '../../../lib/tracking/types.ts';
import { launch, openTab, type Tab } from '../../browser/support/browser.ts';

export interface Visit {
  /** Who signs in; `nobody` sees the sign-in. */
  as?: Role | 'nobody';
  /** In place of the role's own. */
  token?: string;
  width?: number;
  dark?: boolean;
}

let browser: Promise<Browser> | undefined;
const open = new Set<Tab>();

/** A new tab at a place of the console, such as `#/models`, signed in as people are: by typing the token. */
export async function visit(hash: string, { as = 'operator', token, width, dark }: Visit = {}): Promise<Tab> {
  browser ??= launch();
  const tab = await openTab(await browser, { width, dark });
  open.add(tab);
  await tab.page.goto(`${inject('stack').apiUrl}/${hash}`);
  const secret = token ?? (as === 'nobody' ? undefined : inject('world').tokens[as]);
  if (secret !== undefined) {
    await tab.page.getByLabel('Token').fill(secret);
    await tab.page.keyboard.press('Enter');
  }
  return tab;
}

/** Ends the tabs of a test; a script's error on any of them is thrown. */
export async function closeTabs(): Promise<void> {
  const errors = [...open].flatMap((tab) => tab.errors);
  await Promise.all([...open].map((tab) => tab.close()));
  open.clear();
  if (errors.length > 0) throw new Error(`the page said: ${errors.join('; ')}`);
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}

/** Keeps a picture where `SCREENSHOTS` names a folder. */
export async function picture({ page }: Tab, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}
