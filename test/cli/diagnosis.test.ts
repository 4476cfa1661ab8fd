import { describe, expect, test } from 'vitest';
import type { Check } from '../../cli/check.ts';
import { diagnose } from '../../cli/diagnosis.ts';
import { connectLocal } from '../../cli/local-connection.ts';
import type { CallbackRequest } from '../../lib/callback/callback.ts';
import { sampleSecrets } from '../../stack/samples/secrets.ts';
import type { SecretsByVendor } from '../../stack/samples/signed-sample.ts';
import { requestOf } from '../support/messages.ts';
import { sourceNamed } from '../support/stack-client.ts';

interface Report {
  checks: Check[];
  /** All details. */
  text: string;
}

/** Asks the doctor about a request. */
async function examine(
  request: CallbackRequest,
  secrets: SecretsByVendor = sampleSecrets({}),
  source?: string,
): Promise<Report> {
  const connection = {
    ...connectLocal({}),
    storedSecrets: async (vendor: string) => ({ text: JSON.stringify(secrets[vendor] ?? {}) }),
  };
  const checks = await diagnose(request, source, connection);
  return { checks, text: JSON.stringify(checks) };
}

/** What the doctor found to fit. */
function findings({ checks }: Report): (string | undefined)[] {
  return checks.filter(({ check }) => check === 'it fits when').map(({ detail }) => detail);
}

/** The sample secrets with each secret of a vendor replaced. */
function withSecrets(vendor: string, change: (secret: string, appId: string) => string): SecretsByVendor {
  const all = sampleSecrets({});
  const apps = Object.entries(all[vendor] ?? {}).map(([appId, secrets]) => [
    appId,
    secrets.map((secret) => change(secret, appId)),
  ]);
  return { ...all, [vendor]: Object.fromEntries(apps) };
}

describe('why a request does not verify: the secret', () => {
  const sources = ['rongcloud-recording', 'tencent', 'zego'];

  test.each(sources)('%s with white space around it', async (name) => {
    const { vendor } = sourceNamed(name);
    const report = await examine(
      requestOf(name),
      withSecrets(vendor, (secret) => ` ${secret}\n`),
    );
    expect(findings(report)).toEqual(['the secret is used without the white space around it']);
  });

  test.each(sources)('%s with quotes around it', async (name) => {
    const { vendor } = sourceNamed(name);
    const report = await examine(
      requestOf(name),
      withSecrets(vendor, (secret) => `"${secret}"`),
    );
    expect(findings(report)).toEqual(['the secret is used without the quotes around it']);
  });

  test.each(sources)('%s of another app of the vendor', async (name) => {
    const { vendor, appId } = sourceNamed(name);
    const [right = ''] = sampleSecrets({})[vendor]?.[appId] ?? [];
    const secrets = { [vendor]: { [appId]: ['none'], other: [right] } };
    expect(findings(await examine(requestOf(name), secrets))).toEqual([
      `the secret is that of ${vendor} app other`,
    ]);
    const unknown = { [vendor]: { other: [right] } };
    expect(findings(await examine(requestOf(name), unknown))).toEqual([
      `the secret is that of ${vendor} app other`,
    ]);
  });

  test.each(sources)('%s of another vendor', async (name) => {
    const { vendor, appId } = sourceNamed(name);
    const [right = ''] = sampleSecrets({})[vendor]?.[appId] ?? [];
    const other = vendor === 'zego' ? 'tencent' : 'zego';
    const secrets = { [vendor]: { [appId]: ['none'] }, [other]: { 77: [right] } };
    expect(findings(await examine(requestOf(name), secrets))).toEqual([
      `the secret is that of ${other} app 77`,
    ]);
  });

  test.each(sources)('%s: the app id stands where the secret belongs', async (name) => {
    const { vendor } = sourceNamed(name);
    const report = await examine(
      requestOf(name),
      withSecrets(vendor, (_, appId) => appId),
    );
    expect(findings(report)).toEqual([]);
    expect(report.text).toContain('the app id stands where the secret belongs');
    expect(report.text).toMatch(/not the (?:App Key|SDKSecretKey|ServerSecret)/);
  });

  test('no secret is shown', async () => {
    const planted = 'PLANTED-SECRET';
    const report = await examine(requestOf('tencent'), { tencent: { 1400000000: [` ${planted} `] } });
    expect(report.text).not.toContain(planted);
  });
});

describe('why a request does not verify: changed on the way', () => {
  const text = (request: CallbackRequest) => request.body.toString('utf8');
  const withBody = (request: CallbackRequest, body: string | Buffer) => ({
    ...request,
    body: Buffer.from(body),
  });

  test.each<[string, (request: CallbackRequest) => CallbackRequest, string]>([
    [
      'a line feed added',
      (request) => withBody(request, `${text(request)}\n`),
      'line end at the end of the body is cut off',
    ],
    [
      'CRLF',
      (request) => withBody(request, text(request).replaceAll('\n', '\r\n')),
      'become a line feed in the body',
    ],
    [
      're-serialised',
      (request) => withBody(request, JSON.stringify(JSON.parse(text(request)))),
      "in the vendor's style with tabs",
    ],
    [
      'indented',
      (request) => withBody(request, JSON.stringify(JSON.parse(text(request)), null, 2)),
      "in the vendor's style with tabs",
    ],
    ['in base64', (request) => withBody(request, request.body.toString('base64')), 'decoded from base64'],
    [
      'read as Latin-1',
      (request) => withBody(request, Buffer.from(request.body.toString('latin1'), 'utf8')),
      'Latin-1',
    ],
    [
      'a plus became a space',
      (request) => ({
        ...request,
        headers: { ...request.headers, sign: request.headers.sign?.replaceAll('+', ' ') },
      }),
      'is a plus',
    ],
  ])('TRTC: %s', async (_, change, finding) => {
    // Its signature has a plus with near certainty among so many.
    let request = requestOf('tencent', { 'EventInfo.userID': 'ä直' });
    while (!request.headers.sign?.includes('+')) {
      request = requestOf('tencent', { 'EventInfo.userID': `ä直${Math.random()}` });
    }
    const report = await examine(change(request));
    expect(findings(report)).toEqual([expect.stringContaining(finding)]);
  });

  test('RongCloud: another unit of the timestamp', async () => {
    const request = requestOf('rongcloud-recording');
    const seconds = String(request.headers['rc-timestamp']).slice(0, -3);
    const report = await examine({
      ...request,
      headers: { ...request.headers, 'rc-timestamp': `${seconds}` },
    });
    // The milliseconds of the fixed time are zeros.
    expect(findings(report)).toEqual(['the timestamp is in milliseconds']);
  });

  test('RongCloud: the credentials are spread over headers and query', async () => {
    const request = requestOf('rongcloud-recording');
    const { 'rc-signature': signature, ...headers } = request.headers;
    const report = await examine({ ...request, headers, query: { signature } });
    expect(findings(report)).toEqual(['the credentials are gathered from headers, query and body']);
  });

  test.each([
    ['headers that lost their prefix', 'rc-', ''],
    ['headers that got another prefix', 'rc-', 'x-'],
  ])('RongCloud: %s', async (_name, prefix, other) => {
    const request = requestOf('rongcloud-recording');
    const renamed = Object.entries(request.headers).map(([name, value]) => [
      name.replace(prefix, other),
      value,
    ]);
    const headers: Record<string, string> = Object.fromEntries(renamed);
    // Plain names are documented too, and are no mistake when all are there.
    const { [`${other}nonce`]: nonce = '', ...rest } = headers;
    const report = await examine({ ...request, headers: rest, query: { nonce } });
    expect(findings(report)).toEqual(['the credentials are gathered from headers, query and body']);
  });

  test('TRTC: the credentials are in the query', async () => {
    const { headers, ...request } = requestOf('tencent', {});
    const { sdkappid: SdkAppId, sign: Sign, ...others } = headers;
    const report = await examine({ ...request, headers: others, query: { SdkAppId, Sign } });
    expect(findings(report)).toEqual(['the credentials are gathered from headers, query and body']);
  });

  test("another vendor's route", async () => {
    const report = await examine({ ...requestOf('zego'), path: '/callbacks/tencent' });
    expect(findings(report)).toEqual([expect.stringContaining('a callback of zego')]);
    const named = await examine({ ...requestOf('tencent'), path: '' }, sampleSecrets({}), 'rongcloud-room');
    expect(findings(named)).toEqual([expect.stringContaining('a callback of tencent')]);
  });

  test('a forgery fits nothing', async () => {
    for (const name of ['rongcloud-recording', 'tencent', 'zego']) {
      const request = requestOf(name);
      const { vendor } = sourceNamed(name);
      const report = await examine(
        request,
        withSecrets(vendor, () => 'completely-different'),
      );
      expect(findings(report)).toEqual([]);
      expect(report.checks.map(({ check }) => check)).toContain('nothing that was tried fits');
    }
  });
});
