import { expect, test } from 'vitest';
import { lineText } from '../../cli/line-text.ts';
import { createLineReader, isWanted, type LineFilters } from '../../cli/log-lines.ts';

const silentApp = {
  message: 'change',
  time: '2026-03-01T12:00:00.000Z',
  event: {
    type: 'rtc.attention.raised',
    data: {
      app: { vendor: 'zego', appId: 'app-1', lastReceivedAt: '2026-02-28T06:00:00.000Z' },
      reason: 'app_silent',
    },
  },
};

test.each<[LineFilters, boolean]>([
  [{ vendor: 'zego' }, true],
  [{ app: 'app-1' }, true],
  [{ vendor: 'tencent' }, false],
  [{ app: 'app-2' }, false],
  [{ task: 'app-1' }, false],
])('the change event of a silent app passes %j: %s', (filters, passes) => {
  const line = createLineReader()(silentApp);
  expect(line && isWanted(line, filters)).toBe(passes);
});

test('the change event of a silent app names the app and the reason', () => {
  const line = createLineReader()(silentApp);
  const text = line && lineText(line, Date.parse(silentApp.time));
  expect(text).toMatch(/changed +rtc\.attention\.raised +app app-1 +app_silent$/);
});
