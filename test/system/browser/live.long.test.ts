import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { describeInBrowser, textWith } from '../../support/browser-page.ts';
import { taskPath } from '../../support/page-paths.ts';
import { post, readWhen, request, sample, sourceNamed } from '../../support/stack-client.ts';

const recording = sourceNamed('rongcloud-recording');
const screenshot = sourceNamed('rongcloud-screenshot');

async function send(event: string, recordId: string, values: Record<string, string> = {}): Promise<void> {
  const set = new Map(Object.entries({ recordId, ...values }));
  expect((await post(recording, sample(recording, event, { set }))).status).toBe(200);
}

async function known(taskId: string): Promise<void> {
  await readWhen(`/tasks/rongcloud/e0x9wycfx7flq/${taskId}`, ({ status }) => expect(status).toBe(200));
}

describeInBrowser('the page in Chromium', (open) => {
  test('shows a new file that needs attention, and one that no longer does', async () => {
    const taskId = `live-${randomUUID()}`;
    const { page } = await open('/');
    await send('upload-failed', taskId, { 'output.fileName': 'late.mp4' });
    const row = page.locator('#attention tr', { hasText: taskId });
    await row.waitFor();
    expect(await page.locator('#attention [role=status]').innerText()).toMatch(/need/);
    expect(await page.title()).toMatch(/^\d+ files? needs? attention|^At least/);
    await send('upload', taskId, { 'output.fileName': 'late.mp4' });
    await row.waitFor({ state: 'detached' });
    await page.context().close();
  });

  test('shows what became of each callback, with the reason', async () => {
    await post(recording, sample(recording, 'upload', { flaw: 'signature' }));
    await post(recording, sample(recording, 'upload', { flaw: 'stale' }));
    const { page } = await open('/?callbacks=problems');
    await textWith(page, 'refused (401)', 'wrong_signature', 'quarantined', 'stale');
    expect(await page.locator('#callbacks', { hasText: 'verified, applied' }).count()).toBe(0);
    await page.context().close();
  });

  test('stands still when asked', async () => {
    const taskId = `live-${randomUUID()}`;
    await send('start', taskId);
    await known(taskId);
    const { page: still } = await open(taskPath(taskId));
    await still.getByRole('button', { name: 'Pause updates' }).click();
    const { page: moving } = await open(taskPath(taskId));
    await send('end', taskId, { 'output.fileName': 'paused.mp4' });
    await textWith(moving, 'paused.mp4');
    expect(await still.locator('body').innerText()).not.toContain('paused.mp4');
    await still.getByRole('button', { name: 'Resume updates' }).click();
    await textWith(still, 'paused.mp4');
    await Promise.all([still.context().close(), moving.context().close()]);
  });

  test('says so while nobody answers, and goes on when somebody does', async () => {
    const { page } = await open('/');
    await page.context().setOffline(true);
    await textWith(page, 'This page is not up to date');
    await page.context().setOffline(false);
    await page.locator('#trouble').waitFor({ state: 'hidden' });
    await page.context().close();
  });

  test('shows pictures where they can be had, without telling where the reader comes from', async () => {
    const taskId = `live-${randomUUID()}`;
    for (const name of ['there.png', 'gone.png']) {
      const url = `https://storage.example.com/${name}`;
      const set = new Map(
        Object.entries({ imageId: taskId, 'output.fileName': name, 'output.fileUrl': url }),
      );
      await post(screenshot, sample(screenshot, 'upload', { set }));
    }
    await known(taskId);
    const { page, foreignRequests, problems } = await open('/page/none');
    const referrers: (string | undefined)[] = [];
    await page.route('https://storage.example.com/there.png', (route) => {
      referrers.push(route.request().headers().referer);
      const body = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>';
      return route.fulfill({ contentType: 'image/svg+xml', body });
    });
    await page.goto(new URL(taskPath(taskId), page.url()).href);
    await textWith(page, 'there.png', 'gone.png');
    await page.locator('img[src$="gone.png"][data-missing]').waitFor({ state: 'attached' });
    await page.locator('img[src$="there.png"]:not([data-missing])').waitFor();
    expect(referrers).toEqual([undefined]);
    expect([...new Set(foreignRequests)]).toEqual(['https://storage.example.com/gone.png']);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('is complete without its script', async () => {
    const taskId = `live-${randomUUID()}`;
    await send('upload-failed', taskId);
    await readWhen('/attention?limit=500', ({ text }) => expect(text).toContain(taskId));
    const { page } = await open('/', { javaScriptEnabled: false });
    await textWith(page, taskId, 'Last callbacks');
    expect(await page.content()).toContain('http-equiv="refresh"');
    expect(await page.getByRole('button', { name: 'Pause updates' }).count()).toBe(0);
    await page.context().close();
  });

  test('finds a task and a room by their ids', async () => {
    const taskId = `live-${randomUUID()}`;
    await send('start', taskId, { roomId: `room of ${taskId}` });
    await known(taskId);
    const { page } = await open('/');
    const find = async (id: string) => {
      await page.getByRole('searchbox', { name: 'Task or room id' }).fill(id);
      await page.keyboard.press('Enter');
    };
    await find(taskId);
    await textWith(page, `Task ${taskId}`);
    await find(`room of ${taskId}`);
    await textWith(page, `Room room of ${taskId}`, taskId);
    await find('nobody has this');
    await textWith(page, 'Nothing found');
    await page.context().close();
  });
});

describeInBrowser('without its script the page', (open) => {
  const still = { javaScriptEnabled: false };

  test('dismisses an attention item by its form', async () => {
    const taskId = `live-${randomUUID()}`;
    await send('upload-failed', taskId);
    await readWhen('/attention?limit=500', ({ text }) => expect(text).toContain(taskId));
    const { page, problems } = await open('/page/attention', still);
    const row = page.locator('tr', { hasText: taskId });
    await row.getByRole('link', { name: 'Dismiss or snooze' }).click();
    await page.getByLabel('Your name').fill('Wei');
    await page.getByLabel('Why').fill('a test <b>recording</b>');
    await page.getByRole('button', { name: 'Hide it' }).click();
    await page.waitForURL(/\/page\/attention$/);
    expect(await row.count()).toBe(0);
    await page.getByRole('link', { name: 'With dismissed and snoozed' }).click();
    await textWith(page, 'by Wei', 'a test <b>recording</b>');
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('is walked from the lists by filter and day to a task, a room and the minutes of the month', async () => {
    const taskId = `live-${randomUUID()}`;
    const roomId = `room of ${taskId}`;
    await send('start', taskId, { roomId });
    await send('end', taskId, { roomId, 'output.fileName': 'walked.mp4' });
    // The index of rooms follows the table a moment later.
    await readWhen(`/rooms/rongcloud/e0x9wycfx7flq/${encodeURIComponent(roomId)}`, ({ body }) =>
      expect(body).toMatchObject({ tasks: [{ taskId, status: 'ended' }] }),
    );
    // The lists are of the app of the task then; from the overview they are of the app that called last.
    const { page } = await open(taskPath(taskId), still);
    await page.getByRole('link', { name: 'Tasks', exact: true }).click();
    await page.locator('#filter summary').click();
    await page.getByLabel('Room id', { exact: true }).fill(roomId);
    await page.getByLabel('Time zone').fill('Asia/Shanghai');
    await page.getByRole('button', { name: 'Show' }).click();
    await textWith(page, taskId, '1 task');
    await page.getByRole('link', { name: 'No file, yesterday' }).click();
    await textWith(page, 'Recordings without an uploaded file');
    expect(new URL(page.url()).searchParams.get('timeZone')).toBe('Asia/Shanghai');
    await page.goBack();
    await page.getByRole('link', { name: roomId }).first().click();
    await textWith(page, `Room ${roomId}`, 'walked.mp4', '1 file', '1 task');
    await page.getByRole('link', { name: 'Usage', exact: true }).click();
    await textWith(page, 'Recorded', 'This month', new Date().toISOString().slice(0, 10));
    await page.context().close();
  });
});

test('the read API answers as ever', async () => {
  for (const path of ['/attention', '/tasks/zego/1/none', '/rooms/zego/1/none']) {
    const { headers } = await request(path);
    expect(headers.get('content-type')).toBe('application/json');
  }
});
