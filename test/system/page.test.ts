import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import type { AttentionFile } from '../../types/index.d.ts';
import { describeInBrowser, textWith } from '../support/browser-page.ts';
import { taskPath } from '../support/page-paths.ts';
import { post, readWhen, sample, sourceNamed } from '../support/stack-client.ts';
import { ROTATING_APP } from '../support/stack-setup.ts';

const recording = sourceNamed('rongcloud-recording');

async function send(
  event: string,
  recordId: string,
  values: Record<string, string> = {},
  app = recording.appId,
): Promise<void> {
  const set = new Map(Object.entries({ recordId, ...values }));
  expect((await post(recording, sample(recording, event, { set, app }))).status).toBe(200);
}

describeInBrowser('the page in Chromium', (open) => {
  test('shows a callback that comes while it is open, and leaves the reader where he is', async () => {
    const taskId = `live-${randomUUID()}`;
    await send('start', taskId);
    await readWhen(`/tasks/rongcloud/${recording.appId}/${taskId}`, ({ status }) => expect(status).toBe(200));
    const { page, problems } = await open(taskPath(taskId), { viewport: { width: 800, height: 300 } });
    await textWith(page, 'started');
    const summary = page.locator('#timeline summary').first();
    await summary.focus();
    await page.keyboard.press('Enter');
    await page.evaluate('scrollTo(0, 100); document.activeElement.dataset.mark = "same"');
    const scrolled = await page.evaluate('scrollY');

    await send('upload-failed', taskId, { 'output.fileName': 'live.mp4' });
    await textWith(page, 'live.mp4', 'upload failed', 'file upload (4)');
    expect(await page.evaluate('document.activeElement.matches("#timeline summary")')).toBe(true);
    expect(await page.locator('#timeline details').first().getAttribute('open')).not.toBeNull();
    expect(await page.evaluate('scrollY')).toBe(scrolled);
    expect(problems).toEqual([]);
    await page.context().close();
  });
});

/** A page as the stack serves it. */
async function pageAt(path: string, init: RequestInit = {}) {
  const answer = await fetch(inject('stackUrl') + path, { redirect: 'manual', ...init });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

/** A form as a browser sends it from a page of this origin. */
function form(fields: Record<string, string>, headers: Record<string, string> = {}): RequestInit {
  const own = { 'sec-fetch-site': 'same-origin', origin: inject('stackUrl') };
  return { method: 'POST', headers: { ...own, ...headers }, body: new URLSearchParams(fields) };
}

test('the pages of lists show over HTTP what the read API lists', async () => {
  // Few other tests send as this app: its lists fit one page.
  const { appId } = ROTATING_APP;
  const { vendor } = recording;
  const taskId = `listed-${randomUUID()}`;
  const roomId = `room-${taskId}`;
  await send('start', taskId, { roomId }, appId);
  await send('end', taskId, { roomId, 'output.fileName': `${taskId}.mp4` }, appId);
  await send('upload', taskId, { roomId, 'output.fileName': `${taskId}.mp4` }, appId);
  const path = `/tasks/${vendor}/${appId}/${taskId}`;
  await readWhen(path, ({ body }) => expect(body.files).toMatchObject([{ status: 'uploaded' }]));
  const chosen = new URLSearchParams({ app: `${vendor}/${appId}`, roomId });
  const tasks = await pageAt(`/page/tasks?${chosen}&timeZone=Asia/Shanghai`);
  expect(tasks.status).toBe(200);
  expect(tasks.text).toContain('1 task</p>');
  expect(tasks.text).toContain('1 uploaded');
  const files = await pageAt(`/page/files?${chosen}&status=uploaded`);
  expect(files.text).toContain(`${taskId}.mp4`);
  expect((await pageAt(`/page/files?${chosen}&status=lost`)).text).not.toContain(`${taskId}.mp4`);
  expect((await pageAt(`/page/tasks?${chosen}&files=none`)).text).toContain('0 tasks of 1 recordings');
  const found = await pageAt(`/page/find?id=${roomId}`);
  expect([found.status, found.headers.get('location')]).toEqual([
    303,
    `/page/room?${new URLSearchParams({ vendor, appId, id: roomId })}`,
  ]);
  expect((await pageAt(found.headers.get('location') ?? '')).text).toContain(`${taskId}.mp4`);
  const usage = await pageAt(`/page/usage?app=${vendor}/${appId}`);
  expect(usage.text).toMatch(/Recorded<\/dt><dd>[\d,]+ min/);
});

test('an attention item is snoozed and dismissed by a form, and by no form from elsewhere', async () => {
  const taskId = `hidden-${randomUUID()}`;
  await send('upload-failed', taskId);
  const items = (answer: { body: object }) =>
    (answer.body as { files: AttentionFile[] }).files.filter((file) => file.taskId === taskId);
  const listed = await readWhen('/attention?limit=500', (answer) => expect(items(answer)).toHaveLength(1));
  const id = items(listed)[0]?.id ?? '';
  const fields = { id, by: 'Wei', why: 'a test recording' };

  const foreign = await pageAt('/page/hide', form(fields, { origin: 'http://evil.example' }));
  const crossSite = await pageAt('/page/hide', form(fields, { 'sec-fetch-site': 'cross-site' }));
  const sandboxed = await pageAt('/page/hide', form(fields, { origin: 'null' }));
  expect([foreign.status, crossSite.status, sandboxed.status]).toEqual([403, 403, 403]);
  expect((await pageAt('/page/hide', form({ ...fields, why: '' }))).status).toBe(400);
  expect(
    items(await readWhen('/attention?limit=500', ({ status }) => expect(status).toBe(200))),
  ).toHaveLength(1);

  expect((await pageAt('/page/hide', form({ ...fields, until: '4h' }))).status).toBe(303);
  await readWhen('/attention?limit=500', (answer) => expect(items(answer)).toEqual([]));
  const hidden = await readWhen('/attention?limit=500&hidden=true', ({ status }) => expect(status).toBe(200));
  expect(items(hidden)[0]?.hidden).toMatchObject({
    by: 'Wei',
    why: 'a test recording',
    until: expect.any(String),
  });
  expect((await pageAt('/page/attention?hidden=true')).text).toContain('a test recording');
  expect((await pageAt('/page/hide', form(fields))).status).toBe(303);
  const dismissed = await readWhen('/attention?limit=500&hidden=true', ({ status }) =>
    expect(status).toBe(200),
  );
  expect(items(dismissed)[0]?.hidden).not.toHaveProperty('until');
});
