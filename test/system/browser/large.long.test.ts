import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ChildStack, startChildStack } from '../../../stack/child-stack.ts';
import { describeInBrowser, textWith } from '../../support/browser-page.ts';
import { ownerOf } from '../../support/callbacks.ts';
import { fillLedger } from '../../support/filled-ledger.ts';

const PHONE = { viewport: { width: 375, height: 812 } };
const DAY_MS = 24 * 60 * 60_000;

const TASKS = 600;
const FILES = 1_500;
/** Of every hundred files one has failed. */
const FAILED = FILES / 100;

describeInBrowser(`with ${TASKS} tasks and ${FILES} files`, (open) => {
  let directory: string;
  let stack: ChildStack;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-large-'));
    stack = await startChildStack(join(directory, 'data'), join(directory, 'log'));
    const client = new DynamoDBClient({
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      endpoint: `${stack.url}/aws/dynamodb`,
    });
    const filling = { tasks: TASKS, files: FILES, failedOf: 100, spanMs: 2 * DAY_MS, now: Date.now() };
    await fillLedger(client, 'rtc-callbacks-local-ledger', ownerOf('rongcloud'), filling);
    client.destroy();
  });

  afterAll(async () => {
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  });

  test.each([
    ['/', '#attention tbody tr'],
    ['/page/tasks', 'tbody tr'],
    ['/page/files', 'tbody tr'],
    ['/page/usage', '.facts > div'],
    ['/page/room?vendor=rongcloud&appId=e0x9wycfx7flq&id=class-14', '#files tbody tr'],
  ])('the first useful thing of %s is on the first screen of a phone', async (path, row) => {
    const { page, problems } = await open(stack.url + path, PHONE);
    const box = await page.locator(row).first().boundingBox();
    expect(box?.y).toBeGreaterThan(0);
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThan(PHONE.viewport.height);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.viewport.width);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('it says how much there is, and how much of it is shown', async () => {
    const { page } = await open(`${stack.url}/`, PHONE);
    await textWith(page, `${FAILED} files need attention`, '15 latest', '20 latest');
    await page.goto(`${stack.url}/page/tasks`);
    await textWith(page, '50 latest');
    await page.getByRole('link', { name: 'Next page' }).click();
    await textWith(page, '50 more');
    await page.goto(`${stack.url}/page/usage`);
    await page.getByRole('link', { name: '7 days' }).click();
    await textWith(page, `${(FILES * 20).toLocaleString('en')} min`, `${TASKS}`, `${FILES}`);
    await page.context().close();
  });

  test('an open page gets no page while nothing changes', async () => {
    const { page } = await open(`${stack.url}/`);
    const statuses: number[] = [];
    page.on('response', (response) => statuses.push(response.status()));
    await expect.poll(() => statuses.filter((status) => status === 304).length).toBeGreaterThan(8);
    // Distances to now are shown again every half minute.
    const pages = statuses.filter((status) => status === 200).length;
    expect(pages).toBeLessThan(statuses.length / 2);
    await page.context().close();
  });
});
