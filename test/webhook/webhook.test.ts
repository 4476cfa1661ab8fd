import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { deliverChangeEvents, type QueuedChangeEvent, retryDelaySeconds } from '../../lib/webhook/deliver.ts';
import { type WebhookKeys, webhookHeaders, webhookKeys } from '../../lib/webhook/signature.ts';
import { changeLine } from '../../stack/change-line.ts';
import { NOW } from '../support/callbacks.ts';

/** Known answers of the tests that the libraries of Standard Webhooks share. */
const VECTORS = [
  {
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    message: { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' },
    signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  {
    secret: 'whsec_plJ3nmyCDGBKInavdOK15jsl',
    message: {
      id: 'msg_loFOjxBNrRLzqYUf',
      timestamp: 1731705121,
      body: '{"event_type":"ping","data":{"success":true}}',
    },
    signature: 'v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=',
  },
];

/** What the receiver's library makes of a message that arrives at once. Throws when it is not genuine. */
function verify(secret: string, body: string, headers: IncomingHttpHeaders): void {
  const clock = vi.spyOn(Date, 'now').mockReturnValue(Number(headers['webhook-timestamp']) * 1000);
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>, { jsonParse: false });
  } finally {
    clock.mockRestore();
  }
}

function keysOf(secret: string): readonly Buffer[] {
  const result = webhookKeys(secret);
  if (!result.ok) throw new Error(result.reason);
  return result.keys;
}

describe('a signature', () => {
  test.each(VECTORS)('is the known answer for $message.id', ({ secret, message, signature }) => {
    expect(webhookHeaders(message, keysOf(secret))).toEqual({
      'webhook-id': message.id,
      'webhook-timestamp': String(message.timestamp),
      'webhook-signature': signature,
    });
  });

  test('is what every receiver expects, with each secret while one is replaced, and of no other body', () => {
    const secrets = fc
      .array(fc.uint8Array({ minLength: 1, maxLength: 64 }), { minLength: 1, maxLength: 3 })
      .map((keys) => keys.map((key) => `whsec_${Buffer.from(key).toString('base64')}`));
    const id = fc.stringMatching(/^[\w-]{1,64}$/);
    const timestamp = fc.integer({ min: 1_000_000_000, max: 9_999_999_999 });
    const body = fc.json({ stringUnit: 'grapheme' });
    fc.assert(
      fc.property(secrets, fc.record({ id, timestamp, body }), (known, message) => {
        const headers = webhookHeaders(message, keysOf(` ${known.join('\n')} `));
        for (const secret of known) {
          verify(secret, message.body, headers);
          expect(() => verify(secret, `${message.body} `, headers)).toThrow('No matching signature');
        }
      }),
    );
  });

  test.each(['', ' ', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_', 'whsec_MfKQ9r8G other'])(
    'is not made with %j, and the reason quotes nothing',
    (secret) => {
      expect(webhookKeys(secret)).toEqual({
        ok: false,
        reason: expect.stringMatching(/^(there is no )?webhook secret/),
      });
    },
  );
});

test('attempts are made after 5 s, 20 s, … and at most 4 h: fourteen take more than a day', () => {
  const delays = Array.from({ length: 13 }, (_, index) => retryDelaySeconds(index + 1));
  expect(delays.slice(0, 4)).toEqual([5, 20, 80, 320]);
  expect(Math.max(...delays)).toBe(4 * 60 * 60);
  expect(delays.reduce((sum, delay) => sum + delay)).toBeGreaterThan(24 * 60 * 60);
});

describe('delivering', () => {
  let server: Server;
  let url = '';
  const requests: { path: string; headers: IncomingHttpHeaders; body: string }[] = [];

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const path = request.url ?? '';
      requests.push({ path, headers: request.headers, body: await text(request) });
      const status = Number(path.slice(1));
      response.writeHead(status, status === 302 ? { location: '/200' } : {}).end('answer');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  async function deliver(path: string, keys: WebhookKeys = webhookKeys(VECTORS[0]?.secret ?? '')) {
    requests.length = 0;
    const delays: [string, number][] = [];
    const lines: object[] = [];
    const event: QueuedChangeEvent = {
      messageId: 'message',
      receiptHandle: 'receipt',
      body: JSON.stringify({ id: 'event', type: 'rtc.file.uploaded', data: { url: 'https://signed?x' } }),
      attempt: 2,
    };
    const failed = await deliverChangeEvents([event], url + path, {
      keys: async () => keys,
      delay: async (receiptHandle, seconds) => void delays.push([receiptHandle, seconds]),
      log: (_level, message, fields) => void lines.push({ message, ...fields }),
      now: () => NOW,
    });
    return { event, failed, delays, lines };
  }

  test('posts the event as it was queued, signed', async () => {
    const { event, failed, delays, lines } = await deliver('/200');
    expect(requests).toEqual([
      {
        path: '/200',
        headers: expect.objectContaining({
          'content-type': 'application/cloudevents+json; charset=utf-8',
          'webhook-id': 'event',
          'webhook-timestamp': String(NOW / 1000),
        }),
        body: event.body,
      },
    ]);
    verify(VECTORS[0]?.secret ?? '', event.body, requests[0]?.headers ?? {});
    expect([failed, delays]).toEqual([[], []]);
    expect(lines).toEqual([
      {
        message: 'webhook',
        messageId: 'message',
        eventId: 'event',
        type: 'rtc.file.uploaded',
        verdict: 'delivered',
        attempt: 2,
        durationMs: 0,
      },
    ]);
  });

  test.each([302, 400, 410, 429, 500, 503])(
    'an answer of %i is a failure, and is not followed',
    async (status) => {
      const { failed, delays, lines } = await deliver(`/${status}`);
      expect([failed, delays]).toEqual([['message'], [['receipt', 20]]]);
      expect(lines).toMatchObject([{ verdict: 'retry', reason: `answered ${status}` }]);
      expect(requests).toHaveLength(1);
    },
  );

  test('nothing is posted without the secret, unless nothing is to be signed', async () => {
    const { failed, lines } = await deliver('/200', { ok: false, reason: 'no parameter' });
    expect([failed, requests.length]).toEqual([['message'], 0]);
    expect(lines).toMatchObject([{ verdict: 'retry', reason: 'no parameter' }]);
    expect((await deliver('/200', { ok: true, keys: [] })).failed).toEqual([]);
    expect(requests[0]?.headers).not.toHaveProperty('webhook-signature');
  });

  test('a receiver that is not there is logged with its reason', async () => {
    const origin = url;
    url = 'http://127.0.0.1:1';
    const { failed, lines } = await deliver('/200');
    url = origin;
    expect(failed).toEqual(['message']);
    expect(lines).toMatchObject([{ reason: expect.stringMatching(/^[A-Z_]+$|Error$/) }]);
  });
});

test('a printed change has addresses without their queries and no free text, and everything else', () => {
  const data = {
    url: 'https://a.example/x.mp4?sig=1&b=2',
    name: 'see http://b.example/y#token, or ask? ok',
    plain: 'a?b',
    ...{ message: 'words', extra: 'more words', config: { of: 'any kind' } },
  };
  const named = (name: string) => `tasks/a%3Fb/files/${name}`;
  const subject = named(encodeURIComponent('https://a.example/x.mp4?sig=1&b=2'));
  expect(JSON.parse(changeLine({ subject: named('%') }, NOW)).event.subject).toBe(named('%'));
  expect(JSON.parse(changeLine({ subject, data }, NOW))).toEqual({
    level: 'info',
    message: 'change',
    time: '2026-01-15T12:00:00.000Z',
    event: {
      subject: named(encodeURIComponent('https://a.example/x.mp4?…')),
      data: {
        url: 'https://a.example/x.mp4?…',
        name: 'see http://b.example/y?… or ask? ok',
        plain: 'a?b',
      },
    },
  });
});
