import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { CallbackRequest, Parse } from '../../lib/callback/callback.ts';
import { verifyWith } from '../../lib/callback/verification.ts';
import type { SourceSamples } from '../../lib/vendors/common/sample.ts';
import { SOURCES } from '../../lib/vendors/index.ts';
import { rongcloudParser } from '../../lib/vendors/rongcloud/parse.ts';
import {
  cdnSamples,
  moderationSamples,
  playerSamples,
  roomSamples,
} from '../../lib/vendors/rongcloud/samples/index.ts';
import { verifyRongcloud } from '../../lib/vendors/rongcloud/verify.ts';

const parseCdn = rongcloudParser('cdn');
const parseModeration = rongcloudParser('moderation');
const parsePlayer = rongcloudParser('player');
const parseRoom = rongcloudParser('room');

const NOW = Date.UTC(2026, 0, 15, 12);
const SECRET = 'secret';
const NONCE = '14314';
const SIGNATURE = createHash('sha1').update(`${SECRET}${NONCE}${NOW}`).digest('hex');

/** What each sample says: the facets that it writes and their outcome. */
const SAMPLES: [path: string, samples: SourceSamples, parse: Parse, says: Record<string, string[]>][] = [
  [
    '/callbacks/rongcloud/room',
    roomSamples,
    parseRoom,
    {
      created: ['open'],
      joined: ['activity'],
      left: ['activity'],
      destroyed: ['close'],
      'resource-changed-1.0': ['activity'],
      'periodic-sync-1.0': ['activity'],
      'unknown-event': ['activity'],
    },
  ],
  [
    '/callbacks/rongcloud/cdn',
    cdnSamples,
    parseCdn,
    {
      start: ['start started', 'start started'],
      'configuration-updated': [],
      end: ['end ended', 'end ended'],
      failed: ['end failed', 'end failed'],
      'unknown-type': [],
    },
  ],
  [
    '/callbacks/rongcloud/player',
    playerSamples,
    parsePlayer,
    {
      start: ['start started'],
      publishing: [],
      interrupted: [],
      end: ['end ended'],
      'end-failed': ['end failed'],
      'start-failed': ['start failed'],
      'unknown-type': [],
    },
  ],
  [
    '/callbacks/rongcloud/moderation',
    moderationSamples,
    parseModeration,
    {
      start: ['start started'],
      result: [],
      rejected: ['risk REJECT'],
      exception: [],
      end: ['end ended'],
      'unknown-type': [],
    },
  ],
];

/** A sample as a request, its header names in lower case as at the edge. */
function requestOf(samples: SourceSamples, event: string, appId: string): CallbackRequest {
  const body = samples.events[event]?.(appId, NOW);
  if (body === undefined) throw new Error(`There is no sample ${event}.`);
  const signed = samples.sign(body, { appId, secret: SECRET, now: NOW, nonce: NONCE });
  const headers = Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method: 'POST',
    path: '/',
    headers: Object.fromEntries(headers),
    query: {},
    body: signed.body,
    sourceIp: '192.0.2.1',
    receivedAt: NOW,
  };
}

describe.each(SAMPLES)('%s', (path, samples, parse, says) => {
  test('the samples are those of the source', () => {
    expect(SOURCES.get(samples.name)?.path).toBe(path);
    expect(samples.name).toBe(path.split('/').slice(2).join('-'));
    expect(Object.keys(samples.events)).toEqual(Object.keys(says));
  });

  test.each(Object.entries(says))('%s verifies and says %j', (event, expected) => {
    const request = requestOf(samples, event, 'app');
    const secrets = new Map([['app', ['newest', SECRET]]]);
    expect(verifyWith(verifyRongcloud, request, secrets)).toEqual({
      ok: true,
      appId: 'app',
      keyIndex: 1,
      strength: 'credential',
      signature: SIGNATURE,
      nonce: NONCE,
      timestamp: String(NOW),
    });
    const parsed = parse(request.body, { appId: 'app', receivedAt: NOW });
    if (!parsed.ok) throw new Error(parsed.reason);
    const said = parsed.observations.map(({ facet, value }) => {
      const outcome = 'status' in value ? value.status : 'riskLevel' in value ? value.riskLevel : '';
      return `${facet} ${outcome}`.trim();
    });
    expect(said).toEqual(expected);
  });
});

test('room status is signed in plain headers, which alone name the app of version 1.1', () => {
  const { headers, body } = requestOf(roomSamples, 'created', 'app');
  expect(headers).toMatchObject({
    appkey: 'app',
    nonce: NONCE,
    timestamp: String(NOW),
    signature: SIGNATURE,
  });
  expect(Object.keys(headers).filter((name) => name.startsWith('rc-'))).toEqual([]);
  expect(body.toString('utf8')).not.toContain('app');
});
