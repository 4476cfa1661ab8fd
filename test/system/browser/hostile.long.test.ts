import { expect, test } from 'vitest';
import { describeInBrowser, textWith } from '../../support/browser-page.ts';
import { roomPath, taskPath } from '../../support/page-paths.ts';
import { post, sample, sourceNamed } from '../../support/stack-client.ts';

const recording = sourceNamed('rongcloud-recording');

const SCRIPT = '<script>alert("script")</script>';
const PICTURE = '<img src=x onerror=alert("picture")>';
const ROOM = `"><b>room</b>' onfocus='alert(1)' autofocus='${SCRIPT}${PICTURE}`;
const TASK = `../..?x=#&amp;${PICTURE}${'x'.repeat(300)}`;
const FILE = `\u202E${SCRIPT}.mp4`;

/** A signed callback of an upload in a room, with names of our choice. */
async function upload(taskId: string, values: Record<string, string>): Promise<void> {
  const set = new Map(Object.entries({ recordId: taskId, roomId: ROOM, 'output.fileName': FILE, ...values }));
  const { status } = await post(recording, sample(recording, 'upload', { set }));
  expect(status).toBe(200);
}

describeInBrowser('callbacks with names that are HTML', (open) => {
  test('are shown as they are, and do nothing', async () => {
    await upload(TASK, { 'output.fileUrl': 'javascript:alert("url")', userId: SCRIPT, extra: PICTURE });
    for (const path of ['/', taskPath(TASK), roomPath(ROOM)]) {
      const { page, problems, foreignRequests } = await open(path, { viewport: { width: 375, height: 800 } });
      await textWith(page, path === roomPath(ROOM) ? ROOM : ROOM.slice(0, 20));
      expect(await page.locator('main script, main b, [onerror], [onfocus]').count()).toBe(0);
      expect(await page.locator('a[href^="javascript:" i], img[src="x"]').count()).toBe(0);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(375);
      const unexpected = foreignRequests.filter((url) => !url.startsWith('https://a.example.com/'));
      expect([problems, unexpected]).toEqual([[], []]);
      await page.context().close();
    }
  });

  test('lead to their room and back to their task', async () => {
    await upload(TASK, {});
    const { page } = await open(taskPath(TASK));
    await page.locator('.facts a').click();
    await textWith(page, `Room ${ROOM}`);
    await page.locator('#tasks tbody th a').first().click();
    await textWith(page, 'Timeline');
    expect(new URL(page.url()).searchParams.get('id')).toBe(TASK);
    await page.context().close();
  });

  test.each(['..', '.', '/', '%2e%2e', '?', '#', ' '])(
    'an id that no path can hold has a page: %j',
    async (id) => {
      await upload(id, {});
      const { page } = await open(taskPath(id));
      await textWith(page, 'Timeline', 'uploaded');
      await page.context().close();
    },
  );
});
