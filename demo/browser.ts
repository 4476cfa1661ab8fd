import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** The names that systems install Chromium under. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** Keeps the browser from calling its maker, and makes it run in a container and without a display. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Said when no browser is found. */
export const NO_BROWSER =
  'There is no Chromium: install the system’s package "chromium", or name one by CHROMIUM_PATH.';

/** The path of a Chromium: `CHROMIUM_PATH`, else one of the system's; `undefined` when the machine has no Chromium. */
export function findBrowser(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  if (environment.CHROMIUM_PATH) return environment.CHROMIUM_PATH;
  const folders = ['/usr/bin', ...(environment.PATH ?? '').split(delimiter)];
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(existsSync);
}

/** Starts a browser with an empty profile. Rejects when it does not start. */
export function startBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, args: ARGUMENTS });
}
