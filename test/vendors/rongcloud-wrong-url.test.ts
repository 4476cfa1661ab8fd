import { describe, expect, test } from 'vitest';
import { SOURCES } from '../../lib/vendors/index.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';

const NOW = 1_790_000_000_000;

const SERVICES = SAMPLE_SOURCES.filter(({ vendor }) => vendor === 'rongcloud');

function parse(source: string, url: string, body: Buffer) {
  const context = { appId: 'the-app', receivedAt: NOW, source: url };
  return { source, parsed: SOURCES.get(url)?.parse(body, context) };
}

describe.each(SERVICES)('a callback of $name', ({ name, events }) => {
  test.each(Object.entries(events))('%s is the same by the URL of every other service', (_event, sample) => {
    const body = Buffer.from(JSON.stringify(sample('the-app', NOW)));
    const own = parse(name, name, body).parsed;
    expect(own).toMatchObject({ ok: true, event: { belongsTo: undefined } });
    for (const other of SERVICES.filter((service) => service.name !== name)) {
      expect(parse(name, other.name, body).parsed).toEqual({
        ...own,
        event: { ...(own?.ok ? own.event : {}), belongsTo: name },
      });
    }
  });
});

test.each<[url: string, body: object]>([
  [
    'rongcloud-recording',
    { type: 4, appKey: 'the-app', roomId: 'r', sessionId: 's', output: { fileName: 'a' } },
  ],
  ['rongcloud-screenshot', { type: 1, appKey: 'the-app', roomId: 'r', sessionId: 's', config: {} }],
])('by the URL of %s, a callback that lost its task id is not taken for another service’s', (url, body) => {
  expect(parse(url, url, Buffer.from(JSON.stringify(body))).parsed).toEqual({
    ok: false,
    reason: 'missing_task_id',
  });
});

test.each<[name: string, url: string, body: object, event: object]>([
  [
    'with a type and no media',
    'room',
    { type: 1, sessionId: 's', userId: 'u' },
    { type: 'moderation 1', belongsTo: 'rongcloud-moderation' },
  ],
  ['with no type', 'room', { roomId: 'r', sessionId: 's' }, { type: 'room unknown' }],
  ['with a type and media', 'room', { type: 1, roomId: 'r', output: {} }, { type: 'room unknown' }],
  [
    'that the service of its mark cannot read',
    'moderation',
    { type: 1, event: 1, sessionId: 's', userId: 'u' },
    { type: 'moderation 1' },
  ],
])('a callback %s, by the URL of %s', (_name, url, body, event) => {
  const text = JSON.stringify({ appKey: 'the-app', ...body });
  const { parsed } = parse('', `rongcloud-${url}`, Buffer.from(text));
  expect(parsed).toMatchObject({ ok: true, event: { belongsTo: undefined, ...event } });
});

test('both URLs of ZEGOCLOUD take what belongs to the other, and say so', () => {
  const recording = Buffer.from('{"app_id":1,"event_type":5,"task_id":"t","timestamp":"1790000000"}');
  const context = { appId: '1', receivedAt: NOW, source: 'zego' };
  expect(SOURCES.get('zego')?.parse(recording, context)).toMatchObject({
    ok: true,
    event: { taskId: 't', belongsTo: 'zego-recording' },
    observations: [{ facet: 'end' }],
  });
});
