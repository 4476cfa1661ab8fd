import { describe, expect, test } from 'vitest';
import { pathSegmentOf } from '../../lib/receive/path-segment.ts';
import { ingest } from '../../lib/receive/receive.ts';
import { ingestSettings } from '../../lib/receive/settings.ts';
import { fakeServices } from '../support/fake-services.ts';
import { APP, bare, CONTENT, SECRET, SECRETS, SIGNERS } from '../support/signed-requests.ts';

const ALL = Object.values(SIGNERS);
const { tencent } = SIGNERS;

describe('settings', () => {
  test('everything is off when nothing is set', () => {
    const settings = ingestSettings({ ALLOWED_NETWORKS: '', PATH_SEGMENT: '' });
    expect(settings).toEqual({
      isInAllowedNetwork: undefined,
      requirePathSegment: false,
      verificationMode: 'enforce',
    });
  });

  test.each([
    [{ VERIFICATION_MODE: 'off' }, 'VERIFICATION_MODE must be enforce or shadow, not "off"'],
    [{ PATH_SEGMENT: 'yes' }, 'PATH_SEGMENT must be optional or required, not "yes"'],
    [{ ALLOWED_NETWORKS: '192.0.2.0/33' }, 'not "192.0.2.0/33"'],
    [{ ALLOWED_NETWORKS: '192.0.2.0/' }, 'not "192.0.2.0/"'],
    [{ ALLOWED_NETWORKS: '192.0.2.1/2/3' }, 'not "192.0.2.1/2/3"'],
    [{ ALLOWED_NETWORKS: '192.0.2.1, example.com' }, 'not "example.com"'],
    [{ ALLOWED_NETWORKS: '2001:db8::/129' }, 'not "2001:db8::/129"'],
  ])('%o is refused by name', (environment, message) => {
    expect(() => ingestSettings(environment)).toThrow(message);
  });
});

describe('source addresses', () => {
  const settings = ingestSettings({ ALLOWED_NETWORKS: '198.51.100.7, 192.0.2.0/24 2001:db8::/32' });

  test.each([
    ['198.51.100.7', true],
    ['192.0.2.255', true],
    ['2001:db8:1::1', true],
    ['198.51.100.8', false],
    ['192.0.3.0', false],
    ['2001:db9::1', false],
    ['::ffff:198.51.100.8', false],
    ['', false],
    ['not an address', false],
  ])('%s: %s', (sourceIp, allowed) => {
    expect(settings.isInAllowedNetwork?.(sourceIp)).toBe(allowed);
  });

  test.each(ALL)('$vendor: only those of the list may send', async ({ source, sign }) => {
    const services = fakeServices({ settings });
    const { status, body } = await ingest(source, { ...sign(), sourceIp: '203.0.113.7' }, services);
    expect([status, body, services.sent]).toEqual([401, { code: 401, reason: 'network_not_allowed' }, []]);
    expect((await ingest(source, { ...sign(), sourceIp: '192.0.2.9' }, services)).status).toBe(200);
  });
});

describe('the unguessable path segment', () => {
  const segment = pathSegmentOf(APP, SECRET);

  test('follows from app and secret, and fits a URL', () => {
    expect(segment).toMatch(/^[\w-]{22}$/);
    expect(pathSegmentOf(APP, 'another')).not.toBe(segment);
    expect(pathSegmentOf('another', SECRET)).not.toBe(segment);
  });

  test.each(ALL)('$vendor: is checked wherever there is one', async ({ source, sign }) => {
    const services = fakeServices();
    expect((await ingest(source, { ...sign(), pathSegment: segment }, services)).status).toBe(200);
    const wrong = { ...sign(), pathSegment: pathSegmentOf('another', SECRET) };
    expect((await ingest(source, wrong, services)).body).toEqual({ code: 401, reason: 'wrong_path_segment' });
  });

  test.each(ALL)('$vendor: may be required', async ({ source, sign }) => {
    const services = fakeServices({ settings: { requirePathSegment: true } });
    expect((await ingest(source, sign(), services)).body).toEqual({
      code: 401,
      reason: 'missing_path_segment',
    });
    expect((await ingest(source, { ...sign(), pathSegment: segment }, services)).status).toBe(200);
    expect(services.sent).toHaveLength(1);
  });

  test('may be that of any live secret, and of one that was just put in', async () => {
    const services = fakeServices({ renewed: new Map([[APP, ['new-secret', SECRET]]]) });
    const request = { ...tencent.sign(), pathSegment: pathSegmentOf(APP, 'new-secret') };
    expect([(await ingest(tencent.source, request, services)).status, services.mismatches]).toEqual([200, 1]);
  });
});

describe('shadow mode', () => {
  const shadow = { settings: { verificationMode: 'shadow' as const } };

  test.each(ALL)(
    '$vendor: what does not verify is acknowledged, marked and logged',
    async ({ source, sign }) => {
      const services = fakeServices(shadow);
      const { status } = await ingest(source, sign(CONTENT, 'canary-wrong-secret'), services);
      expect(status).toBe(200);
      expect(JSON.parse(services.sent[0]?.message ?? '')).toMatchObject({ refusal: 'wrong_signature' });
      expect(services.sent[0]?.group).toBe('unverified');
      expect(services.lines).toMatchObject([
        {
          level: 'warn',
          fields: { status: 200, verdict: 'shadowed', reason: 'wrong_signature', messageId: 'm-1' },
        },
      ]);
    },
  );

  test.each(ALL)('$vendor: what verifies goes its usual way', async ({ source, sign }) => {
    const services = fakeServices(shadow);
    await ingest(source, sign(), services);
    expect(JSON.parse(services.sent[0]?.message ?? '')).not.toHaveProperty('refusal');
    expect(services.lines[0]?.fields).toMatchObject({ verdict: 'accepted', appId: APP });
  });

  test('lets the vendor send again what no store takes', async () => {
    const out = { ok: false as const, reason: 'out' };
    const services = fakeServices({ ...shadow, sending: out, putting: out });
    expect((await ingest(tencent.source, bare(tencent), services)).status).toBe(503);
  });

  test('a rotated secret is still found by reading the secrets again', async () => {
    const services = fakeServices({ ...shadow, secrets: { ok: true, secrets: new Map() }, renewed: SECRETS });
    await ingest(tencent.source, tencent.sign(), services);
    expect(services.lines[0]?.fields.verdict).toBe('accepted');
  });
});
