import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Role } from '../../../lib/tracking/types.ts';
import { expectAccessible } from './axe.ts';
import { expectNoSideways, launch, openTab, type Tab, type TabOptions } from './browser.ts';
import { type Site, startSite } from './site.ts';

/** A site, a browser, and one tab at a time in it: what the tests of a page begin with. */
export class Desk {
  readonly site: Site;
  readonly #browser: Browser;
  #tab: Tab | undefined;
  readonly #tokens = new Map<Role, Promise<string>>();

  private constructor(site: Site, browser: Browser) {
    this.site = site;
    this.#browser = browser;
  }

  static async open(): Promise<Desk> {
    const [site, browser] = await Promise.all([startSite(), launch()]);
    return new Desk(site, browser);
  }

  close = (): Promise<unknown> => Promise.all([this.#browser.close(), this.site.close()]);

  /** A new tab at a place, signed in as people are: by typing the token. */
  async visit(hash: string, role: Role, options: Partial<TabOptions> = {}): Promise<Page> {
    await this.#tab?.close();
    this.#tab = await openTab(this.#browser, { now: this.site.world.clock.now(), ...options });
    const { page } = this.#tab;
    await page.goto(`${this.site.address}/${hash}`);
    await page.getByLabel('Token').fill(await this.token(role));
    await page.keyboard.press('Enter');
    return page;
  }

  token(role: Role): Promise<string> {
    const token = this.#tokens.get(role) ?? this.site.token(role);
    this.#tokens.set(role, token);
    return token;
  }

  /** Of the tab at hand: no script failed, no other host was asked, no value ran, no address held a token. */
  async expectClean(): Promise<void> {
    const tab = this.#tab;
    if (tab === undefined) return;
    expect(tab.errors).toEqual([]);
    expect([...tab.hosts]).toEqual([new URL(this.site.address).host]);
    expect(await tab.page.evaluate('window.pwned')).toBeUndefined();
    for (const token of this.#tokens.values()) expect(tab.urls.join()).not.toContain(await token);
  }

  /** Nothing is wider than the window, and axe finds nothing serious; `SCREENSHOTS` names a folder for a picture. */
  async look(name: string): Promise<void> {
    const page = this.#tab?.page as Page;
    const folder = process.env.SCREENSHOTS;
    if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
    await expectNoSideways(page);
    await expectAccessible(page);
  }
}

/** Wide and narrow, light and dark. */
export const WINDOWS = [
  [1440, false],
  [1440, true],
  [390, false],
  [390, true],
] as const;
