import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoDay } from '../../../demo/day.ts';
import { deliver } from '../../../demo/player.ts';
import { seededRandom } from '../../../demo/random.ts';
import type { File, Task } from '../../../lib/ledger/answers.ts';
import { type ChildStack, startChildStack } from '../../../stack/child-stack.ts';
import { callbacksDrained } from '../../../stack/queue-depth.ts';
import { describeInBrowser, textWith } from '../../support/browser-page.ts';
import { runTool, runToolForJson } from '../../support/tool.ts';

const POLL = { interval: 500 };
const DAY_MS = 8 * 60 * 60_000;
const APP = 'e0x9wycfx7flq';

describeInBrowser('after the day of the demo, page and command line', (open) => {
  let directory: string;
  let stack: ChildStack;

  const start = (options = {}) => startChildStack(join(directory, 'data'), join(directory, 'log'), options);
  const onStack = (...args: string[]) => [...args, '--url', stack.url];
  const show = (taskId: string) => onStack('tasks', 'show', 'rongcloud', APP, taskId);

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-walk-'));
    stack = await start();
    await deliver(demoDay().callbacks, Date.now() - DAY_MS, stack.url, seededRandom(1));
    await callbacksDrained(stack.url, 600_000);
  });

  afterAll(async () => {
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  });

  test.each([1280, 375])('agree on the upload that failed, at a width of %i', async (width) => {
    const { page, problems } = await open(`${stack.url}/`, { viewport: { width, height: 800 } });
    const entry = page.locator('#attention tr', { hasText: 'history.mp4' });
    expect(await entry.innerText()).toContain('upload failed (20001)');
    await entry.getByRole('link', { name: 'history-lesson' }).click();
    await page.waitForURL(/\/page\/task/);
    const shown = await textWith(page, 'Task history-lesson', 'upload failed', '88.0 MB', 'file upload (4)');
    expect(shown).toContain('ended');
    expect(await linksOfFiles(page)).toEqual([]);

    const { task, files } = await runToolForJson<{ task: Task; files: File[] }>(show('history-lesson'));
    expect([task.status, files]).toMatchObject(['ended', [{ status: 'upload_failed', code: 20001 }]]);
    expect(files[0]).not.toHaveProperty('url');
    const left = page.locator('#files .badge time');
    expect(await left.getAttribute('datetime')).toBe(files[0]?.purgeAt);
    // Both count the minutes, and the page shows the next one by itself.
    const sameTimeLeft = async () => {
      const { stdout } = await runTool(show('history-lesson'));
      return new RegExp(`upload_failed +88\\.0 MB .*\\(20001\\) +${await left.innerText()}`).test(stdout);
    };
    await expect.poll(sameTimeLeft, POLL).toBe(true);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('agree on what is stored', async () => {
    const { page } = await open(`${stack.url}/page/task?vendor=rongcloud&appId=${APP}&id=maths-lesson`);
    const { files } = await runToolForJson<{ files: File[] }>(show('maths-lesson'));
    expect(files.map(({ status }) => status)).toEqual(['uploaded', 'uploaded', 'uploaded']);
    expect(await linksOfFiles(page)).toEqual(files.map(({ url }) => url));
    await page.context().close();
  });

  test('show that a quarantined callback is applied by its replay, once its cause is mended', async () => {
    const sent = onStack('send', 'rongcloud-recording', '--bad', 'stale', '--set', 'recordId=late-lesson');
    expect((await runTool(sent)).code).toBe(0);
    const { page: all } = await open(`${stack.url}/`);
    const { page: problems } = await open(`${stack.url}/?callbacks=problems`);
    const waiting = problems.locator('#callbacks tr', { hasText: 'stale' });
    await waiting.waitFor();
    const id = (await waiting.getAttribute('data-key')) ?? '';
    expect(await waiting.innerText()).toContain(`message ${id}`);

    await stack.stop();
    await all.locator('#trouble', { hasText: 'not up to date' }).waitFor();
    const port = Number(new URL(stack.url).port);
    stack = await start({ port, environment: { RONGCLOUD_TIMESTAMP_WINDOW_HOURS: '100' } });
    const replay = async () => (await runTool(onStack('quarantine', 'replay', id))).stdout;
    await expect.poll(replay, POLL).toContain('replayed');

    const row = all.locator(`#callbacks tr[data-key="${id}"]`, { hasText: 'verified, applied' });
    await row.waitFor();
    expect(await row.innerText()).toContain('after a replay');
    await waiting.waitFor({ state: 'detached' });
    expect(await all.locator('#trouble').isHidden()).toBe(true);
    await row.getByRole('link', { name: 'late-lesson' }).click();
    await textWith(all, 'Task late-lesson', 'started');
    expect((await runTool(show('late-lesson'))).stdout).toMatch(/status +started/);
    for (const page of [all, problems]) await page.context().close();
  });
});

/** The addresses that the names of a task's files lead to. */
async function linksOfFiles(page: Page): Promise<(string | null)[]> {
  const links = await page.locator('#files tbody th a').all();
  return Promise.all(links.map((link) => link.getAttribute('href')));
}
