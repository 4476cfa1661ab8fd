import { describe, expect, test } from 'vitest';
import type { CallbackRequest, Verified } from '../../lib/callback/callback.ts';
import {
  equalInConstantTime,
  LONGEST_CLAIM,
  refusedClaim,
  verifyWith,
} from '../../lib/callback/verification.ts';
import { checkPathSegment, pathSegmentOf } from '../../lib/receive/path-segment.ts';
import { SECRETS, SIGNERS, signatureOf } from '../support/signed-requests.ts';

/** A text with another character at each position, one at a time. */
function alterations(text: string): string[] {
  return [...text].map((character, position) => {
    const other = character === '1' ? '2' : '1';
    return text.slice(0, position) + other + text.slice(position + 1);
  });
}

/** The request with another signature, in whichever place it is. */
function withSignature(request: CallbackRequest, signature: string): CallbackRequest {
  const replace = (text = '') => text.replace(signatureOf(request) ?? '', () => signature);
  const headers = Object.entries(request.headers).map(([name, value]) => [name, replace(value)]);
  const body = Buffer.from(replace(request.body.toString('utf8')));
  return { ...request, headers: Object.fromEntries(headers), body };
}

describe('every character counts', () => {
  test.each(Object.values(SIGNERS))('of a signature: $vendor', ({ source, sign }) => {
    const request = sign();
    const signature = signatureOf(request) ?? '';
    expect(verifyWith(source.verify, withSignature(request, signature), SECRETS)).toMatchObject({ ok: true });
    for (const altered of alterations(signature)) {
      const verification = verifyWith(source.verify, withSignature(request, altered), SECRETS);
      expect([altered, verification.ok]).toEqual([altered, false]);
    }
  });

  test('of a path segment', () => {
    const segment = pathSegmentOf('app', 'secret');
    const verified: Verified = { ok: true, appId: 'app', keyIndex: 0, strength: 'body', signature: '' };
    const secrets = new Map([['app', ['new', 'secret']]]);
    const check = (pathSegment: string) =>
      checkPathSegment(verified, { ...SIGNERS.tencent.sign(), pathSegment }, secrets);
    expect(check(segment)).toBe(verified);
    for (const other of [...alterations(segment), segment.slice(1), `${segment}x`, '']) {
      expect([other, check(other)]).toMatchObject([other, { ok: false, reason: 'wrong_path_segment' }]);
    }
  });
});

test.each([
  ['', 'a'],
  ['a', ''],
  ['ab', 'a'],
  ['a', 'ab'],
])('%j and %j are not equal, and not refused with an exception', (expected, received) => {
  expect(equalInConstantTime(Buffer.from(expected), Buffer.from(received))).toBe(false);
});

test('a refusal names the app as far as an id may be long, and none where none is claimed', () => {
  const refused = { ok: false, reason: 'wrong_signature' } as const;
  expect(refusedClaim('wrong_signature', undefined)).toStrictEqual(refused);
  const claimedAppId = 'a'.repeat(LONGEST_CLAIM);
  expect(refusedClaim('wrong_signature', `${claimedAppId}b`)).toStrictEqual({ ...refused, claimedAppId });
});
