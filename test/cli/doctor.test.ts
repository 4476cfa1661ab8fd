import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { CallbackRequest } from '../../lib/callback.ts';
import { pathSegmentOf } from '../../lib/path-segment.ts';
import { sampleSecrets } from '../../local/secrets.ts';
import type { SecretsByVendor } from '../../local/signed-sample.ts';
import { type DeployedStage, startDeployedStage } from '../support/deployed-stage.ts';
import { requestOf } from '../support/messages.ts';
import { sourceNamed } from '../support/stack-client.ts';
import { runTool, runToolForJson, type ToolRun } from '../support/tool.ts';

interface Report {
  checks: { check: string; state: string; detail?: string; fix?: string }[];
}

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-doctor-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** Writes a request as somebody captured it, and asks the doctor about it. */
async function examine(
  request: Partial<CallbackRequest>,
  secrets: SecretsByVendor = sampleSecrets({}),
  args: string[] = [],
): Promise<ToolRun & Report> {
  const file = join(directory, 'request.json');
  const { body = Buffer.alloc(0), ...rest } = request;
  await writeFile(file, JSON.stringify({ ...rest, bodyBase64: body.toString('base64') }));
  const run = await runTool(['doctor', '--request', file, ...args, '--json'], {
    CALLBACK_SECRETS: JSON.stringify(secrets),
  });
  return { ...run, ...(JSON.parse(run.stdout) as Report) };
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

describe('a request that verifies', () => {
  test.each(['rongcloud-recording', 'tencent', 'zego', 'zego-recording'])('%s', async (name) => {
    const { code, checks } = await examine(requestOf(name));
    expect([code, checks.map(({ state }) => state)]).toEqual([0, ['ok', 'ok']]);
  });

  test('but is stale', async () => {
    const request = requestOf('rongcloud-recording');
    const { code, stdout } = await examine({ ...request, receivedAt: request.receivedAt + 48 * 3_600_000 });
    expect([code, stdout]).toEqual([1, expect.stringContaining('quarantined as stale')]);
  });

  test('but cannot be applied', async () => {
    const { code, stdout } = await examine(requestOf('rongcloud-recording', { recordId: '' }));
    expect([code, stdout]).toEqual([1, expect.stringContaining('quarantined as missing_task_id')]);
  });

  test('a gateway event from events/', async () => {
    const file = fileURLToPath(new URL('../../events/zego-snapshot-percent-encoded.json', import.meta.url));
    expect(await runTool(['doctor', '--request', file])).toMatchObject({ code: 0, stderr: '' });
  });

  test('a gateway event with the segment of another app', async () => {
    const request = requestOf('tencent');
    const event = {
      rawPath: '/callbacks/tencent/x',
      headers: request.headers,
      pathParameters: { segment: pathSegmentOf('1', 'x') },
      requestContext: { http: { method: 'POST', sourceIp: '203.0.113.7' }, timeEpoch: request.receivedAt },
      body: request.body.toString('utf8'),
    };
    const file = join(directory, 'event.json');
    await writeFile(file, JSON.stringify(event));
    const run = await runTool(['doctor', '--request', file]);
    expect([run.code, run.stdout]).toEqual([1, expect.stringContaining('segment is not that of the app')]);
  });
});

describe('why a request does not verify: the secret', () => {
  const sources = ['rongcloud-recording', 'tencent', 'zego'];

  test.each(sources)('%s with white space around it', async (name) => {
    const { vendor } = sourceNamed(name);
    const report = await examine(
      requestOf(name),
      withSecrets(vendor, (secret) => ` ${secret}\n`),
    );
    expect(findings(report)).toEqual(['the secret is used without the white space around it']);
    expect(report.stdout).toContain('white space around the secret');
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
    expect([report.code, findings(report)]).toEqual([1, []]);
    expect(report.stdout).toContain('the app id stands where the secret belongs');
    expect(report.stdout).toMatch(/not the (?:App Key|SDKSecretKey|ServerSecret)/);
  });

  test('no secret is shown', async () => {
    const planted = 'PLANTED-SECRET';
    const report = await examine(requestOf('tencent'), { tencent: { 1400000000: [` ${planted} `] } });
    expect(report.stdout + report.stderr).not.toContain(planted);
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
    expect([report.code, findings(report)]).toEqual([1, [expect.stringContaining(finding)]]);
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

  test("another vendor's route", async () => {
    const report = await examine({ ...requestOf('zego'), path: '/callbacks/tencent' });
    expect(findings(report)).toEqual([expect.stringContaining('a callback of zego')]);
    const named = await examine({ ...requestOf('tencent'), path: '' }, sampleSecrets({}), [
      '--source',
      'rongcloud-room',
    ]);
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
      expect([report.code, findings(report)]).toEqual([1, []]);
      expect(report.checks.map(({ check }) => check)).toContain('nothing that was tried fits');
    }
  });
});

describe('a stack', () => {
  let stage: DeployedStage;

  beforeAll(async () => {
    stage = await startDeployedStage();
  });

  beforeEach(() => stage.reset());

  afterAll(() => stage.close());

  const states = ({ checks }: Report, state: string) => checks.filter((check) => check.state === state);

  test('of npm start is healthy', async () => {
    const { code, stdout } = await runTool(['doctor', '--url', inject('stackUrl')]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('table rtc-callbacks-local-ledger: ACTIVE')]);
    expect(stdout.match(/GET \/callbacks\//g)).toHaveLength(9);
  });

  test('that is deployed is looked at with signed requests', async () => {
    for (const [vendor, secrets] of Object.entries(sampleSecrets({}))) {
      stage.parameters.set(`/rtc-callbacks/${stage.name}/${vendor}`, JSON.stringify(secrets));
    }
    await stage.send('quarantine', 'a message');
    const report = await runToolForJson<Report>(['doctor', '--stage', stage.name], stage.environment);
    expect(states(report, 'failure')).toEqual([]);
    expect(states(report, 'warning')).toEqual([
      expect.objectContaining({ check: 'queue quarantine', fix: expect.stringContaining('quarantine list') }),
    ]);
    const read = stage.apiRequests.find(({ path }) => path.startsWith('/attention'));
    expect(read?.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDTEST\/\d+\/us-east-1\/execute-api\//,
    );
  });

  test('with odd secrets', async () => {
    const put = (vendor: string, value: unknown) =>
      stage.parameters.set(`/rtc-callbacks/${stage.name}/${vendor}`, JSON.stringify(value));
    put('rongcloud', { e0x9wycfx7flq: ['e0x9wycfx7flq'], Y1W2MeFwwwRxa0: ['qf3d5gbjq962h'] });
    put('tencent', { 1400000000: ['  x'], name: ['123654'] });
    put('zego', ['not a map']);
    const report = await runToolForJson<Report>(['doctor', '--stage', stage.name], stage.environment, 1);
    const told = report.checks.map(({ check, detail }) => `${check}: ${detail}`).join('\n');
    for (const expected of [
      'app e0x9wycfx7flq: the app id stands where the secret belongs',
      'App Key and App Secret look exchanged',
      'white space around the secret',
      'only 1 characters',
      'no SdkAppId',
      'not a JSON object of app ids',
    ]) {
      expect(told).toContain(expected);
    }
  });

  test('without secrets, and one that is not there', async () => {
    const report = await runToolForJson<Report>(['doctor', '--stage', stage.name], stage.environment);
    expect(states(report, 'warning').map(({ detail }) => detail)).toEqual(
      Array(3).fill(expect.stringContaining('secrets_unavailable')),
    );
    const nowhere = await runTool(['doctor', '--stage', 'nowhere'], stage.environment);
    expect([nowhere.code, nowhere.stdout]).toEqual([4, expect.stringContaining('does not exist')]);
  });

  test('a clock that is wrong by an hour is noticed', async () => {
    stage.apiClock.skewMs = 3_600_000;
    const { code, stdout } = await runTool(['doctor', '--stage', stage.name], stage.environment);
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/clock of this machine: 3\d\d\d s behind the API/),
    ]);
  });
});

test('urls name every console, and with --segments every app', async () => {
  const plain = await runToolForJson<{ urls: { url: string; console: string }[] }>([
    'urls',
    '--url',
    'https://api.example.com/',
  ]);
  expect(plain.urls.map(({ url }) => url)).toEqual(
    [...new Set(plain.urls.map(({ url }) => url))].filter((url) =>
      url.startsWith('https://api.example.com/callbacks/'),
    ),
  );
  expect(plain.urls).toHaveLength(9);
  const environment = { CALLBACK_SECRETS: JSON.stringify({ zego: { 7: ['newest', 'older'] } }) };
  const { urls } = await runToolForJson<{ urls: object[] }>(['urls', '--segments'], environment);
  expect(urls).toEqual(
    ['/callbacks/zego', '/callbacks/zego/recording'].map((path) =>
      expect.objectContaining({
        appId: '7',
        url: `http://127.0.0.1:3000${path}/${pathSegmentOf('7', 'newest')}`,
      }),
    ),
  );
});

test.each([
  [['doctor', '--request', '/no/such/file'], 3],
  [['doctor', '--request', fileURLToPath(import.meta.url)], 2],
  [
    [
      'doctor',
      '--request',
      fileURLToPath(new URL('../../events/zego-room-close.json', import.meta.url)),
      '--source',
      'x',
    ],
    2,
  ],
])('%j ends with code %i', async (args, expected) => {
  const { code, stderr } = await runTool(args);
  expect([code, stderr]).toEqual([expected, expect.stringMatching(/./)]);
});
