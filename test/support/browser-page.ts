import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { findBrowser, NO_BROWSER, startBrowser } from '../../demo/browser.ts';

const executable = findBrowser();

/** A page of the running stack in a browser, and what it did that nobody sees. */
export interface OpenPage {
  page: Page;
  /** URLs outside the stack that it asked for; they are not answered, unless a test does. */
  foreignRequests: string[];
  /** Errors of scripts, violations of the content security policy, and dialogs. */
  problems: string[];
}

/** Opens a path of the running stack, or a URL of another one. */
export type Open = (path: string, options?: BrowserContextOptions) => Promise<OpenPage>;

/** Tests that need Chromium; without it they are skipped with a message. */
export function describeInBrowser(name: string, tests: (open: Open) => void): void {
  if (executable === undefined) process.stderr.write(`Skipped "${name}". ${NO_BROWSER}\n`);
  describe.skipIf(executable === undefined)(name, () => {
    let browser: Browser | undefined;
    beforeAll(async () => {
      browser = await startBrowser(executable ?? '');
    });
    afterAll(() => browser?.close());
    tests(async (path, options) => {
      if (browser === undefined) throw new Error(NO_BROWSER);
      return openPage(browser, path, options);
    });
  });
}

async function openPage(browser: Browser, path: string, options?: BrowserContextOptions): Promise<OpenPage> {
  const address = new URL(path, inject('stackUrl'));
  const context = await browser.newContext(options);
  context.setDefaultTimeout(600_000);
  const page = await context.newPage();
  const foreignRequests: string[] = [];
  const problems: string[] = [];
  await page.route(
    ({ origin }) => origin !== address.origin,
    (route) => {
      foreignRequests.push(route.request().url());
      return route.abort();
    },
  );
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) problems.push(message.text());
  });
  await page.goto(address.href, { waitUntil: 'load' });
  return { page, foreignRequests, problems };
}

/** The text of the page once it has all of `texts`; fails with the last text when it never has. */
export async function textWith(page: Page, ...texts: string[]): Promise<string> {
  let text = '';
  await expect
    .poll(
      async () => {
        text = await page.locator('body').innerText();
        return texts.filter((expected) => !text.includes(expected));
      },
      { interval: 100 },
    )
    .toEqual([]);
  return text;
}
