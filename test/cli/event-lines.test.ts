import { expect, test } from 'vitest';
import { createEventReader, type EventFilters, isWanted } from '../../cli/event-lines.ts';
import { eventText } from '../../cli/events.ts';

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

test.each<[EventFilters, boolean]>([
  [{ vendor: 'zego' }, true],
  [{ app: 'app-1' }, true],
  [{ vendor: 'tencent' }, false],
  [{ app: 'app-2' }, false],
  [{ task: 'app-1' }, false],
])('the change event of a silent app passes %j: %s', (filters, passes) => {
  const event = createEventReader()(silentApp);
  expect(event && isWanted(event, filters)).toBe(passes);
});

test('the change event of a silent app names the app and the reason', () => {
  const event = createEventReader()(silentApp);
  const text = event && eventText(event, Date.parse(silentApp.time));
  expect(text).toMatch(/changed +rtc\.attention\.raised +app app-1 +app_silent$/);
});
