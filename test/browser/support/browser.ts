import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The Chromium to test with. @throws Error that says how to get one: these tests are not skipped. */
export function chromiumPath(env: NodeJS.ProcessEnv = process.env, exists = existsSync): string {
  const named = env.CHROMIUM;
  if (named !== undefined && named !== '') {
    if (exists(named)) return named;
    throw new Error(`CHROMIUM names ${named}, which does not exist`);
  }
  const found = CANDIDATES.find((path) => exists(path));
  if (found !== undefined) return found;
  throw new Error(
    'no Chromium found: install one (Debian: apt-get install chromium), or name it by CHROMIUM=/path/to/chromium',
  );
}

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox', '--disable-dev-shm-usage'] });

export interface Tab {
  page: Page;
  /** What the console said of errors, a refused request's own line aside; and what scripts threw. */
  errors: string[];
  /** Hosts that were asked for anything. */
  hosts: Set<string>;
  /** Addresses that were asked for, as the server and its log see them. */
  urls: string[];
  close(): Promise<void>;
}

export interface TabOptions {
  width?: number;
  dark?: boolean;
  /** What the page takes for now; the machine's clock where absent. */
  now?: Date;
}

/** A tab of its own session: nothing is left of the tab before. */
export async function openTab(
  browser: Browser,
  { width = 1180, dark = false, now }: TabOptions,
): Promise<Tab> {
  const context = await browser.newContext({
    viewport: { width, height: 860 },
    colorScheme: dark ? 'dark' : 'light',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  if (now !== undefined) await page.clock.setFixedTime(now);
  const tab: Tab = { page, errors: [], hosts: new Set(), urls: [], close: () => context.close() };
  page.on('console', (message) => {
    // Chromium writes a line for every answer of 400 and more, which some tests ask for.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      tab.errors.push(message.text());
    }
  });
  page.on('pageerror', (error) => tab.errors.push(String(error)));
  page.on('request', (request) => {
    tab.urls.push(request.url());
    const url = new URL(request.url());
    if (url.protocol !== 'data:') tab.hosts.add(url.host);
  });
  return tab;
}

/** Nothing is wider than the window; where something is, the failure names it. */
export async function expectNoSideways(page: Page): Promise<void> {
  const wide = await page.evaluate(`(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const found = [...document.querySelectorAll('body *')].filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1 || one.getBoundingClientRect().right > clientWidth + 1);
    return [scrollWidth + ' of ' + clientWidth, ...found.slice(0, 5).map((one) => one.tagName + '.' + one.className + ': ' + (one.textContent ?? '').slice(0, 60))];
  })()`);
  expect(wide).toEqual([]);
  // A sign that lost its style draws a row ten times as high, and nothing is wider for it.
  const high = await page.evaluate(`[...document.querySelectorAll('.status')]
    .filter((one) => one.getBoundingClientRect().height > 48)
    .map((one) => one.textContent + ' is ' + one.getBoundingClientRect().height + ' px high')`);
  expect(high).toEqual([]);
}
