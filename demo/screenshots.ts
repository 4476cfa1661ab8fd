/** `npm run screenshots`: the pictures of the page in the README. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext } from 'playwright-core';
import { SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import { callbacksDrained } from '../stack/queue-depth.ts';
import { sampleSecrets } from '../stack/samples/secrets.ts';
import { signedSample } from '../stack/samples/signed-sample.ts';
import { findBrowser, NO_BROWSER, startBrowser } from './browser.ts';
import { demoDay } from './day.ts';
import { appIdOf, type Player, withPlayer } from './player.ts';

const FOLDER = fileURLToPath(new URL('../docs/images/', import.meta.url));

const DAY_MS = 8 * 60 * 60_000;
const APPLY_TIMEOUT_MS = 10 * 60_000;

/** A picture of the page. */
interface Shot {
  name: string;
  /** After the stack's URL. */
  address: string;
  width: number;
  height: number;
  colorScheme: 'light' | 'dark';
}

/** The first source of RongCloud: recordings. */
const RECORDING = SAMPLE_SOURCES.find(({ name }) => name === 'rongcloud-recording');

async function main(): Promise<void> {
  const executable = findBrowser();
  if (executable === undefined) throw new Error(NO_BROWSER);
  await withPlayer(1, {}, async (player) => {
    const browser = await startBrowser(executable);
    try {
      await playDay(player);
      await mkdir(FOLDER, { recursive: true });
      for (const shot of shots()) await take(browser, player.url, shot);
    } finally {
      await browser.close();
    }
  });
}

function shots(): Shot[] {
  const task = `/page/task?${new URLSearchParams({ vendor: 'rongcloud', appId: appIdOf('rongcloud'), id: 'history-lesson' })}`;
  return [
    { name: 'page-overview', address: '/', width: 1120, height: 928, colorScheme: 'light' },
    { name: 'page-phone', address: '/', width: 375, height: 812, colorScheme: 'dark' },
    { name: 'page-task', address: task, width: 1120, height: 760, colorScheme: 'light' },
  ];
}

/** The demo's day, and one callback that is quarantined because it is three days old. */
async function playDay({ url, play }: Player): Promise<void> {
  await play(demoDay().callbacks, Date.now() - DAY_MS);
  if (RECORDING !== undefined) {
    const options = { now: Date.now(), nonce: 'old', flaw: 'stale' } as const;
    const stale = signedSample(RECORDING, 'upload', sampleSecrets(), options);
    if (!stale.ok) throw new Error(stale.reason);
    await fetch(url + RECORDING.path, { method: 'POST', ...stale.callback });
  }
  await callbacksDrained(url, APPLY_TIMEOUT_MS);
}

async function take(browser: Browser, url: string, shot: Shot): Promise<void> {
  const { name, address, width, height, colorScheme } = shot;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  await drawPictures(context);
  const page = await context.newPage();
  await page.goto(url + address, { waitUntil: 'load' });
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
  await context.close();
  console.log(`docs/images/${name}.png`);
}

/** The URLs of the day lead nowhere: each becomes a drawing of its own colour. */
async function drawPictures(context: BrowserContext): Promise<void> {
  await context.route('https://*.example.com/**', (route) => {
    const hue = [...route.request().url()].reduce((sum, letter) => sum + 41 * letter.charCodeAt(0), 0) % 360;
    const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 36"><rect width="64" height="36" fill="hsl(${hue} 45% 72%)"/><circle cx="32" cy="15" r="7" fill="hsl(${hue} 40% 40%)"/><path d="M16 36a16 13 0 0 1 32 0z" fill="hsl(${hue} 40% 40%)"/></svg>`;
    return route.fulfill({ contentType: 'image/svg+xml', body: drawing });
  });
}

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
