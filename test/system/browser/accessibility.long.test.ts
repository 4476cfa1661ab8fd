import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeInBrowser, textWith } from '../../support/browser-page.ts';
import { roomPath, taskPath } from '../../support/page-paths.ts';
import { post, sample, sourceNamed } from '../../support/stack-client.ts';

const recording = sourceNamed('rongcloud-recording');
const screenshot = sourceNamed('rongcloud-screenshot');
const task = { recordId: 'seen-lesson', roomId: 'seen-class' };

/** Callbacks that leave something in every part of the page. */
async function sendCallbacks(): Promise<void> {
  const lesson = (event: string) =>
    post(recording, sample(recording, event, { set: new Map(Object.entries(task)) }));
  for (const event of ['start', 'end', 'upload-failed']) await lesson(event);
  const picture = {
    imageId: 'seen-pictures',
    roomId: 'seen-class',
    'output.fileUrl': 'https://a.example.com/1.png',
  };
  await post(screenshot, sample(screenshot, 'upload', { set: new Map(Object.entries(picture)) }));
  await post(recording, sample(recording, 'upload', { flaw: 'stale' }));
  await post(recording, sample(recording, 'upload', { flaw: 'signature' }));
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const results = (await page.evaluate('axe.run(document)')) as AxeResults;
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

/** Else a list is of the app that called last. */
const APP = `app=rongcloud/${recording.appId}`;

const PAGES: [name: string, path: string, text: string][] = [
  ['overview', '/', 'seen-lesson'],
  ['attention', '/page/attention?hidden=true', 'seen-lesson'],
  ['tasks', `/page/tasks?${APP}&timeZone=Asia/Shanghai`, 'seen-lesson'],
  ['recordings without a file', `/page/tasks?${APP}&files=none`, 'seen-lesson'],
  ['files', `/page/files?${APP}&roomId=seen-class`, 'seen-pictures'],
  ['usage', `/page/usage?${APP}`, 'Recorded'],
  ['a wrong parameter', '/page/files?timeZone=Mars', 'timeZone must be'],
  ['callbacks that were not applied', '/?callbacks=problems', 'quarantined'],
  ['task', taskPath('seen-lesson'), 'Timeline'],
  ['task with pictures', taskPath('seen-pictures'), 'Timeline'],
  ['room', roomPath('seen-class'), 'seen-pictures'],
  ['unknown task', taskPath('nobody-knows'), 'Nothing found'],
];

/** Both color schemes and both widths: one has nothing to do with the other. */
const FORMS = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 375 },
] as const;

describeInBrowser('the page in Chromium', (open) => {
  beforeAll(sendCallbacks);

  describe.each(FORMS)('$colorScheme, $width pixels wide', ({ colorScheme, width }) => {
    test.each(PAGES)('axe finds no fault, and nothing is cut off: %s', async (_name, path, text) => {
      const { page, problems } = await open(path, { colorScheme, viewport: { width, height: 800 } });
      await textWith(page, text);
      for (const details of await page.locator('details').all())
        await details.evaluate('(element) => (element.open = true)');
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(problems).toEqual([]);
      await page.context().close();
    });
  });

  test.each(FORMS)(
    'the form that hides an item is accessible: $colorScheme',
    async ({ colorScheme, width }) => {
      const { page } = await open('/', { colorScheme, viewport: { width, height: 800 } });
      await page
        .locator('#attention tr', { hasText: 'seen-lesson' })
        .getByRole('link', { name: 'Dismiss' })
        .click();
      await textWith(page, 'Your name');
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      await page.context().close();
    },
  );

  test('by keyboard one gets past the header, to the failed upload and to its timeline', async () => {
    const { page } = await open('/');
    await page.locator('#attention', { hasText: 'seen-lesson' }).waitFor();
    const focused = () => page.evaluate('document.activeElement.innerText');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the content');
    expect(await page.locator('.skip').boundingBox()).toMatchObject({ x: expect.closeTo(8, 0) });
    await page.keyboard.press('Enter');
    const visited: unknown[] = [];
    while (visited.at(-1) !== 'seen-lesson' && visited.length < 60) {
      await page.keyboard.press('Tab');
      visited.push(await focused());
    }
    expect(visited).not.toContain('Pause updates');
    expect(visited.at(-1)).toBe('seen-lesson');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/page\/task/);
    const summary = page.locator('#timeline summary').first();
    await summary.focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('#timeline details').first().getAttribute('open')).not.toBeNull();
    await textWith(page, '"recordId": "seen-lesson"');
    await page.context().close();
  });

  test('what has the focus is seen to have it', async () => {
    const { page } = await open('/');
    for (let count = 0; count < 12; count += 1) {
      await page.keyboard.press('Tab');
      const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
      expect(outline).not.toBe('none');
    }
    await page.context().close();
  });
});
