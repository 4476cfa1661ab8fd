import { createHash } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import type { SignedCallback } from '../../../lib/vendors/common/sample.ts';
import { rongcloudSignature } from '../../../lib/vendors/rongcloud/verify.ts';
import { zegoSignature } from '../../../lib/vendors/zego/verify.ts';
import { type Life, lifeOf } from '../../support/lives.ts';
import { quarantinedWhen } from '../../support/quarantine-queue.ts';
import { type StackAnswer, sharedStack } from '../../support/stack-client.ts';
import { runTool, runToolForJson } from '../../support/tool.ts';

/*
 * Attacks on the running stack by somebody who captured a request. All use the documented sample secrets only to make
 * what is captured.
 */

const stack = sharedStack();

const RONGCLOUD_SECRET = 'Y1W2MeFwwwRxa0';
const ZEGO_SECRET = 'secret';

function firstOf(source: string): { life: Life; first: SignedCallback } {
  const life = lifeOf(source);
  return { life, first: life.callbacks[0] as SignedCallback };
}

/** A RongCloud callback with these credentials, and a marker in its body. */
function rongcloud(
  { first }: { first: SignedCallback },
  credentials: { nonce: string; timestamp: string; signature: string },
  marker: string,
): SignedCallback {
  const body = { ...JSON.parse(first.body.toString('utf8')), marker };
  const { nonce, timestamp, signature } = credentials;
  return {
    headers: {
      ...first.headers,
      'RC-Nonce': nonce,
      'RC-Timestamp': timestamp,
      'RC-Signature': signature,
    },
    body: Buffer.from(JSON.stringify(body)),
  };
}

function signed(nonce: string, timestamp: string) {
  return { nonce, timestamp, signature: rongcloudSignature(RONGCLOUD_SECRET, nonce, timestamp) };
}

async function quarantineOf({ life }: { life: Life }, callback: SignedCallback, marker: string) {
  expect((await stack.post(life.source, callback)).status).toBe(200);
  return (await quarantinedWhen(inject('stackUrl'), marker)).reason;
}

const applied = ({ life }: { life: Life }): Promise<StackAnswer> =>
  stack.readWhen(life.path, ({ body }) => expect(body.events).toHaveLength(1));

describe('a captured signature carries no second body', () => {
  test('with a digit moved from the nonce of RongCloud to its timestamp', async () => {
    const captured = firstOf('rongcloud-recording');
    const now = String(Date.now());
    const genuine = signed(`${captured.life.id.length}550`, now);
    await stack.post(captured.life.source, rongcloud(captured, genuine, 'genuine'));
    const { text } = await applied(captured);
    for (const [index, moved] of [
      { nonce: genuine.nonce.slice(0, -1), timestamp: `0${now}` },
      { nonce: genuine.nonce + now.slice(0, 3), timestamp: now.slice(3) },
      { ...genuine, signature: genuine.signature.toUpperCase() },
    ].entries()) {
      const marker = `forged-${index}-${captured.life.id}`;
      const reason = await quarantineOf(
        captured,
        rongcloud(captured, { ...genuine, ...moved }, marker),
        marker,
      );
      expect(reason).toBe('signature' in moved ? 'nonce_reused' : 'malformed_timestamp');
    }
    expect((await stack.request(captured.life.path)).text).toBe(text);
  });

  test('read as a fresh time in seconds, which an old one of RongCloud ends in', async () => {
    const captured = firstOf('rongcloud-recording');
    // Signed in 2023; its last ten digits are a time of today.
    const old = `169${String(Math.floor(Date.now() / 1000))}`;
    const capture = signed('5', old);
    const marker = `forged-${captured.life.id}`;
    const split = { ...capture, nonce: `5${old.slice(0, 3)}`, timestamp: old.slice(3) };
    expect(await quarantineOf(captured, rongcloud(captured, split, marker), marker)).toBe(
      'malformed_timestamp',
    );
    expect((await stack.request(captured.life.path)).status).toBe(404);
  });

  test('of ZEGOCLOUD, split in every way that still verifies', async () => {
    const captured = firstOf('zego-recording');
    const timestamp = String(Math.floor(Date.now() / 1000));
    // Its first three digits make the seconds milliseconds: fresh, and another pair.
    const nonce = '990999';
    const signature = zegoSignature(ZEGO_SECRET, timestamp, nonce);
    const bodyWith = (credentials: object) =>
      Buffer.from(JSON.stringify({ ...JSON.parse(captured.first.body.toString('utf8')), ...credentials }));
    await stack.post(captured.life.source, {
      ...captured.first,
      body: bodyWith({ timestamp, nonce, signature }),
    });
    const { text } = await applied(captured);
    const joined = timestamp + nonce;
    const splits = Array.from({ length: joined.length - 1 }, (_, index) => [
      joined.slice(0, index + 1),
      joined.slice(index + 1),
    ]).flatMap(([head = '', tail = '']) => [
      { nonce: head, timestamp: tail },
      { nonce: tail, timestamp: head },
    ]);
    const verifying = splits.filter(
      (split) => zegoSignature(ZEGO_SECRET, split.timestamp, split.nonce) === signature,
    );
    expect(verifying.length).toBeGreaterThan(3);
    for (const [index, split] of verifying.entries()) {
      const marker = `forged-${index}-${captured.life.id}`;
      const body = bodyWith({ ...split, signature, marker });
      expect(await quarantineOf(captured, { ...captured.first, body }, marker)).toMatch(
        /^(nonce_reused|malformed_timestamp|stale)$/,
      );
    }
    expect((await stack.request(captured.life.path)).text).toBe(text);
  });
});

describe('a signature is not made from another one', () => {
  /** The padding that SHA-1 puts behind a message of so many bytes. */
  function padding(bytes: number): Buffer {
    const zeros = (119 - (bytes % 64)) % 64;
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(bytes * 8));
    return Buffer.concat([Buffer.from([0x80]), Buffer.alloc(zeros), length]);
  }

  test('by SHA-1 length extension, in the query', async () => {
    const captured = firstOf('rongcloud-room');
    const { nonce, timestamp } = signed('14314', '1408710653000');
    const message = Buffer.from(RONGCLOUD_SECRET + nonce + timestamp);
    const glue = padding(message.length);
    const later = String(Date.now());
    // What an attacker computes from the signature alone: the hash of secret, captured values, padding and a new time.
    const extended = createHash('sha1')
      .update(Buffer.concat([message, glue, Buffer.from(later)]))
      .digest('hex');
    const bytes = Buffer.concat([Buffer.from(nonce + timestamp), glue]);
    const escaped = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    const query = `nonce=${escaped}&timestamp=${later}&signature=${extended}`;
    const answer = await stack.request(`/callbacks/rongcloud/room?${query}`, {
      method: 'POST',
      body: captured.first.body.toString('utf8'),
    });
    expect(answer).toMatchObject({ status: 401, body: { reason: 'wrong_signature' } });
  });

  test('with two Sign headers, or an app of a prototype', async () => {
    const { life, first } = firstOf('tencent');
    const { Sign = '', ...others } = first.headers;
    const other = { ...first, headers: { ...others, Sign: `${Sign}, ${Sign}` } };
    expect((await stack.post(life.source, other)).status).toBe(401);
    for (const SdkAppId of ['__proto__', 'constructor', 'toString']) {
      const forged = { ...first, headers: { ...first.headers, SdkAppId } };
      expect(await stack.post(life.source, forged)).toMatchObject({
        status: 401,
        body: { reason: 'unknown_app' },
      });
    }
  });
});

/** The exit code of a command whose message is not in the queue. */
const NOT_FOUND = 3;

describe('what may be forged', () => {
  async function reused() {
    const captured = firstOf('rongcloud-recording');
    const genuine = signed('123450', String(Date.now()));
    await stack.post(captured.life.source, rongcloud(captured, genuine, 'genuine'));
    await applied(captured);
    // Of a size that no other test's callback has.
    const marker = `forged-${captured.life.id}-${'x'.repeat(1_234)}`;
    const forged = rongcloud(captured, genuine, marker);
    await quarantineOf(captured, forged, marker);
    // A message that another test looks at is hidden from these commands for that time.
    let id = '';
    const found = async () => {
      const { messages } = await runToolForJson<{
        messages: { messageId: string; loggedId?: string; bodyBytes: number }[];
      }>(['quarantine', 'list', '--reason', 'nonce_reused', '--url', inject('stackUrl')]);
      const message = messages.find(({ bodyBytes }) => bodyBytes === forged.body.length);
      id = message?.loggedId ?? message?.messageId ?? '';
      return id !== '';
    };
    await expect.poll(found).toBe(true);
    return { captured, marker, id };
  }

  async function runOnFound(...args: string[]) {
    let run = { code: NOT_FOUND, stdout: '', stderr: '' } as Awaited<ReturnType<typeof runTool>>;
    const attempt = async () => {
      run = await runTool(['quarantine', ...args, '--url', inject('stackUrl')]);
      return run.code;
    };
    await expect.poll(attempt).not.toBe(NOT_FOUND);
    return run;
  }

  test('is not replayed, and is accepted only for a reason', async () => {
    const { captured, marker, id } = await reused();
    const replay = await runOnFound('replay', id);
    expect([replay.code, replay.stdout]).toEqual([1, expect.stringContaining('quarantine accept')]);
    const unasked = await runOnFound('accept', id);
    expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringContaining('--reason')]);

    const accepted = await runOnFound('accept', id, '--reason', 'by chance');
    expect([accepted.code, accepted.stderr]).toEqual([0, '']);
    // Both bodies, side by side.
    expect(accepted.stdout).toContain('the first body');
    expect(accepted.stdout).toMatch(new RegExp(`"marker": "genuine".*≠.*"marker": "${marker}"`));
    const { body } = await stack.readWhen(captured.life.path, ({ text }) => expect(text).toContain(marker));
    expect(body.events).toHaveLength(2);
    const lines = await stack.linesWith(`"replayOf":"${id}"`);
    expect(lines).toMatchObject([{ acceptedWhy: 'by chance', acceptedBy: expect.stringMatching(/./) }]);
  });
});
