import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { describeInBrowser, textWith } from '../support/browser-page.ts';
import { taskPath } from '../support/page-paths.ts';
import { post, readWhen, sample, sourceNamed } from '../support/stack-client.ts';

const recording = sourceNamed('rongcloud-recording');

async function send(event: string, recordId: string, values: Record<string, string> = {}): Promise<void> {
  const set = new Map(Object.entries({ recordId, ...values }));
  expect((await post(recording, sample(recording, event, { set }))).status).toBe(200);
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
    await textWith(page, 'live.mp4', 'upload failed', 'recording 4');
    expect(await page.evaluate('document.activeElement.matches("#timeline summary")')).toBe(true);
    expect(await page.locator('#timeline details').first().getAttribute('open')).not.toBeNull();
    expect(await page.evaluate('scrollY')).toBe(scrolled);
    expect(problems).toEqual([]);
    await page.context().close();
  });
});
