import { describe, expect, test } from 'vitest';
import type { CallbackRequest } from '../../lib/callback/callback.ts';
import { verifyWith } from '../../lib/callback/verification.ts';
import { contentHash } from '../../lib/ledger/order.ts';
import type { JsonObject } from '../../lib/platform/json.ts';
import type { SignedCallback, SourceSamples } from '../../lib/vendors/common/sample.ts';
import { parseZego } from '../../lib/vendors/zego/parse.ts';
import { zegoRecordingSamples, zegoSamples } from '../../lib/vendors/zego/samples/index.ts';
import { verifyZego } from '../../lib/vendors/zego/verify.ts';

const NOW = Date.UTC(2026, 0, 15, 12);

const SAMPLES = [zegoSamples, zegoRecordingSamples].flatMap((source) =>
  Object.keys(source.events).map((name): [string, string, SourceSamples] => [source.name, name, source]),
);

function bodyOf(source: SourceSamples, name: string, at = NOW): JsonObject {
  return source.events[name]?.(source.appId, at) ?? {};
}

function signed(source: SourceSamples, name: string, nonce = '1', now = NOW): SignedCallback {
  return source.sign(bodyOf(source, name), { appId: source.appId, secret: 'secret', now, nonce });
}

function request({ headers, body }: SignedCallback): CallbackRequest {
  return { method: 'POST', path: '/', headers, query: {}, body, sourceIp: '::1', receivedAt: NOW };
}

function parse(body: JsonObject, appId = '1') {
  return parseZego(Buffer.from(JSON.stringify(body)), { appId, receivedAt: NOW });
}

describe.each(SAMPLES)('the sample %s %s', (_source, name, source) => {
  const context = { appId: source.appId, receivedAt: NOW };

  test('is signed as the vendor does it', () => {
    const verified = verifyWith(
      verifyZego,
      request(signed(source, name)),
      new Map([[source.appId, ['secret']]]),
    );
    expect(verified).toMatchObject({ ok: true, appId: source.appId, timestamp: String(NOW / 1000) });
  });

  test('is an event of a task or a room, at its time or at none', () => {
    const parsed = parseZego(signed(source, name).body, context);
    expect(parsed).toMatchObject({ ok: true });
    expect([NOW, undefined]).toContain(parsed.ok ? parsed.event.at : 'quarantined');
    const { taskId, roomId } = parsed.ok ? parsed.event : {};
    expect(taskId ?? roomId).toMatch(/./);
  });

  test('is the same event when it is signed again', () => {
    const [first, again] = [signed(source, name), signed(source, name, '2', NOW + 5000)].map(({ body }) => {
      const parsed = parseZego(body, context);
      return parsed.ok ? contentHash(parsed.event.identity) : parsed.reason;
    });
    expect(again).toBe(first);
  });
});

describe('samples', () => {
  test('the usual ones come first', () => {
    expect(Object.keys(zegoSamples.events)[0]).toBe('snapshot');
    expect(Object.keys(zegoRecordingSamples.events)[0]).toBe('upload');
  });

  test('the credentials have capitals where the event has', () => {
    const names = (name: string) => Object.keys(JSON.parse(signed(zegoSamples, name).body.toString()));
    expect(names('mix-start')).toEqual(expect.arrayContaining(['timestamp', 'nonce', 'signature']));
    for (const name of ['transcode-start', 'censor-audio', 'player-start', 'player-upload']) {
      expect(names(name)).toEqual(expect.arrayContaining(['Timestamp', 'Nonce', 'Signature']));
      expect(names(name)).not.toContain('timestamp');
    }
  });

  test.each(['room-create', 'room-close'])('the session id of %s is a bare number', (name) => {
    const { body } = signed(zegoSamples, name);
    expect(body.toString()).toContain('"room_session_id":7291847562039485713,');
    const parsed = parseZego(body, { appId: '12345', receivedAt: NOW });
    expect(parsed).toMatchObject({ observations: [{ value: { sessionId: '7291847562039485713' } }] });
  });

  test('an app id of other characters stays text', () => {
    expect(zegoRecordingSamples.events.end?.('app', NOW)).toMatchObject({ app_id: 'app' });
    expect(zegoSamples.events['room-create']?.('12345', NOW)).toMatchObject({ appid: 12345 });
  });

  test('the variants say what the sample says', () => {
    const [name = ''] = Object.keys(zegoSamples.events);
    const plain = signed(zegoSamples, name);
    const context = { appId: zegoSamples.appId, receivedAt: NOW };
    for (const variant of Object.values(zegoSamples.variants ?? {})) {
      expect(parseZego(variant(plain).body, context)).toEqual(parseZego(plain.body, context));
    }
  });
});

describe('families', () => {
  const detail = { quit_reason: 1 };
  test.each<[JsonObject, string]>([
    [{ event: 'mix_start', task_id: 't' }, 'mix_start'],
    [{ Event: 'mix_start', TaskId: 't' }, 'mix_start'],
    [{ event: '', Event: 'transcode_start', TaskId: 't' }, 'transcode_start'],
    [{ event: 'new', event_type: 5, task_id: 't' }, 'new'],
    [{ Event: 'new', EventType: 1, PlayerId: 'p' }, 'new'],
    [{ event_type: 2, task_id: 't', detail }, 'recording 2'],
    [{ event_type: 5, EventType: 1, task_id: 't' }, 'recording 5'],
    [{ event: null, event_type: '5', task_id: 't' }, 'recording 5'],
    [{ EventType: 1, PlayerId: 'p' }, 'player 1'],
    [{ event: {}, task_id: 't' }, 'unknown'],
    [{ task_id: 't' }, 'unknown'],
    [{}, 'unknown'],
  ])('%j is of the type %s', (body, type) => {
    expect(parse(body)).toMatchObject({ ok: true, event: { type } });
  });

  test('the names of events are not those of methods', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'snapshot ']) {
      expect(parse({ event: name, task_id: 't' })).toMatchObject({ event: { type: name }, observations: [] });
    }
  });

  test('an unknown event is one of its task and room', () => {
    const event = { taskId: '9007199254740993', roomId: 'r', kind: undefined };
    const body = { event: 'new', task_id: '9007199254740993', room_id: 'r', timestamp: 1_690_000_000 };
    expect(parse(body)).toMatchObject({ ok: true, event, observations: [] });
  });

  test('every casing of the credentials is left out of the identity', () => {
    const credentials = { timestamp: 1, Timestamp: 1, nonce: 1, Nonce: 1, signature: 1, SIGNATURE: 1 };
    const inner = { Detail: { timestamp: 1 } };
    expect(parse({ event: 'new', task_id: 't', ...inner, ...credentials })).toMatchObject({
      event: { identity: { event: 'new', task_id: 't', ...inner } },
    });
    const parsed = parse({ event: 'new', task_id: 't', ...credentials });
    expect(parsed.ok && Object.keys(parsed.event.identity ?? {})).toEqual(['event', 'task_id']);
  });

  test.each(['appid', 'Appid', 'AppId', 'AppID', 'app_id'])(
    'the app in %s has to be the one that signed',
    (name) => {
      expect(parse({ [name]: 2, event: 'new', task_id: 't' })).toEqual({ ok: false, reason: 'app_mismatch' });
      expect(parse({ [name]: '1', event: 'new', task_id: 't' })).toMatchObject({ ok: true });
    },
  );

  test.each(['', 'text', '[]', '7', 'null'])('the body %j is unreadable', (text) => {
    const parsed = parseZego(Buffer.from(text), { appId: '1', receivedAt: NOW });
    expect(parsed).toEqual({ ok: false, reason: 'unreadable_body' });
  });

  test('a form may hold the members as text', () => {
    const members = {
      app_id: '1',
      task_id: 't',
      room_id: 'r',
      event_type: '1',
      timestamp: '1690000000',
      detail: '{"file_info":[{"file_id":"a.mp4","status":3}]}',
    };
    const body = Buffer.from(new URLSearchParams(members).toString());
    expect(parseZego(body, { appId: '1', receivedAt: NOW })).toMatchObject({
      event: { type: 'recording 1' },
      observations: [{ name: 'a.mp4', rank: 1, at: 1_690_000_000_000 }],
    });
  });
});
