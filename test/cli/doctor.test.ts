import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { redactJson } from '../../cli/redaction.ts';
import type { CallbackRequest } from '../../lib/callback/callback.ts';
import { createHeartbeat } from '../../lib/ledger/heartbeat.ts';
import type { Json } from '../../lib/platform/json.ts';
import { pathSegmentOf } from '../../lib/receive/path-segment.ts';
import { sampleSecrets } from '../../stack/samples/secrets.ts';
import { type DeployedStage, startDeployedStage } from '../support/deployed-stage.ts';
import { requestOf, unverifiedMessage, verifiedMessage } from '../support/messages.ts';
import { runTool, runToolForJson, type ToolRun } from '../support/tool.ts';

interface Report {
  checks: { check: string; state: string; detail?: string; shownBy?: string[]; fix?: string }[];
}

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-doctor-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** Writes a request as somebody captured it, and asks the doctor about it. */
async function examine(
  request: Partial<CallbackRequest>,
  args: string[] = [],
  environment: Record<string, string> = {},
): Promise<ToolRun & Report> {
  const file = join(directory, 'request.json');
  const { body = Buffer.alloc(0), ...rest } = request;
  await writeFile(file, JSON.stringify({ ...rest, bodyBase64: body.toString('base64') }));
  const run = await runTool(['doctor', '--request', file, '--json', ...args], environment);
  return { ...run, ...(JSON.parse(run.stdout) as Report) };
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

  test('within the window of the local stack', async () => {
    const request = requestOf('rongcloud-recording');
    const late = { ...request, receivedAt: request.receivedAt + 48 * 3_600_000 };
    const environment = { RONGCLOUD_TIMESTAMP_WINDOW_HOURS: '47' };
    expect((await examine(late, [], environment)).stdout).toContain('more than 47 hours');
    expect(await examine(late, [], { RONGCLOUD_TIMESTAMP_WINDOW_HOURS: '49' })).toMatchObject({ code: 0 });
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
    expect([run.code, run.stdout]).toEqual([
      1,
      expect.stringContaining('the URL has the segment of another app'),
    ]);
  });
});

test('one that does not verify is code 1 and says what fits', async () => {
  const request = requestOf('tencent');
  const report = await examine({ ...request, body: Buffer.concat([request.body, Buffer.from('\n')]) });
  expect(report).toMatchObject({
    code: 1,
    checks: [
      { check: 'signature', state: 'failure', detail: expect.stringContaining('wrong_signature') },
      {
        check: 'it fits when',
        detail: 'the line end at the end of the body is cut off',
        fix: expect.any(String),
      },
    ],
  });
});

test('a redacted request is refused, not diagnosed', async () => {
  const { headers, body } = requestOf('tencent');
  const file = join(directory, 'redacted.json');
  await writeFile(file, JSON.stringify({ headers: redactJson(headers as Json), body: body.toString() }));
  const { code, stdout, stderr } = await runTool(['doctor', '--request', file]);
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining('--quarantined')]);
});

test('one cause is said once', async () => {
  const { checks } = await examine(requestOf('tencent'), [], { CALLBACK_SECRETS: '{"tencent":["x"]}' });
  expect(checks.map(({ check }) => check)).toEqual(['secrets of tencent']);
  const spaced = JSON.stringify({ tencent: { 1400000000: [' 123654 '] } });
  const found = await examine(requestOf('tencent'), [], { CALLBACK_SECRETS: spaced });
  expect(found.checks.map(({ check }) => check)).toEqual(['signature', 'it fits when']);
});

describe('a stack', () => {
  let stage: DeployedStage;

  beforeAll(async () => {
    stage = await startDeployedStage();
  });

  beforeEach(() => stage.reset());

  afterAll(() => stage.close());

  /** Quarantines a message and asks the doctor about it. */
  async function examineQuarantined(text: string, reason: string, secrets?: object) {
    const samples = { ...sampleSecrets({}), ...secrets };
    for (const [vendor, value] of Object.entries(samples))
      stage.parameters.set(`/rtc-callbacks/${stage.name}/${vendor}`, JSON.stringify(value));
    const id = await stage.send('quarantine', text, reason);
    const args = ['doctor', '--quarantined', id, '--json', '--stage', stage.name];
    const { code, stdout } = await runTool(args, stage.environment);
    return { code, ...(JSON.parse(stdout) as Report) };
  }

  test('finds the white space in a secret from a message in quarantine', async () => {
    const message = unverifiedMessage('tencent');
    const report = await examineQuarantined(message, 'unverified', {
      tencent: { 1400000000: ['123654\n'] },
    });
    expect(report).toMatchObject({
      code: 1,
      checks: [
        { check: 'signature', state: 'failure' },
        { check: 'it fits when', detail: expect.stringContaining('white space'), fix: expect.any(String) },
        { check: 'quarantined as unverified', state: 'failure' },
      ],
    });
  });

  test('says that a message in quarantine can be replayed', async () => {
    const report = await examineQuarantined(unverifiedMessage('tencent'), 'unverified');
    expect(report).toMatchObject({ code: 0, checks: [{ state: 'ok' }, { state: 'ok' }, { state: 'ok' }] });
    expect(report.checks[2]?.fix).toContain('quarantine replay');
  });

  test('says of a message that verified what keeps it in quarantine', async () => {
    const nameless = await examineQuarantined(
      verifiedMessage('rongcloud-recording', { recordId: '' }),
      'missing_task_id',
    );
    expect(nameless.code).toBe(1);
    expect(states(nameless, 'failure').map(({ check }) => check)).toEqual([
      'content',
      'quarantined as missing_task_id',
    ]);
    const forged = await examineQuarantined(verifiedMessage('rongcloud-recording'), 'nonce_reused');
    expect(states(forged, 'failure')).toEqual([
      expect.objectContaining({ fix: expect.stringContaining('quarantine accept') }),
    ]);
  });

  const states = ({ checks }: Report, state: string) => checks.filter((check) => check.state === state);

  const putSecrets = (secrets: object) => {
    for (const [vendor, value] of Object.entries(secrets))
      stage.parameters.set(`/rtc-callbacks/${stage.name}/${vendor}`, JSON.stringify(value));
  };

  test('that uses the published sample secrets', async () => {
    putSecrets(sampleSecrets({}));
    const report = await runToolForJson<Report>(['doctor', '--stage', stage.name], stage.environment, 1);
    expect(states(report, 'failure').map(({ detail }) => detail)).toEqual(
      Array(3).fill(expect.stringContaining('published sample secrets')),
    );
  });

  test('that refused callbacks, and has messages in flight', async () => {
    putSecrets({ tencent: { 1: ['newest1'] }, zego: {}, rongcloud: {} });
    const line = {
      message: 'callback',
      source: 'tencent',
      verdict: 'refused',
      reason: 'wrong_signature',
      claimedAppId: '1',
    };
    stage.logLines.push({ functionName: 'tencent', line });
    await stage.send('dead-letter', 'a message');
    await stage.receive('dead-letter');
    const report = await runToolForJson<Report>(['doctor', '--stage', stage.name], stage.environment, 1);
    expect(states(report, 'failure')).toEqual([
      expect.objectContaining({ check: 'tencent app 1', detail: expect.stringContaining('1 of 1 refused') }),
      expect.objectContaining({ check: 'queue dead-letter', detail: '1 message, 1 in flight' }),
    ]);
  });

  const callbackLine = (fields: object) => ({ message: 'callback', source: 'tencent', ...fields });

  test('names one cause for missing secrets and the 503s of all sources', async () => {
    putSecrets({ tencent: { 1: ['newest1'] }, zego: {} });
    for (const functionName of ['rongcloud-recording', 'rongcloud-room']) {
      const line = callbackLine({
        ...{ source: functionName, verdict: 'unavailable', reason: 'secrets_unavailable' },
        cause: 'parameter /rtc-callbacks/test/rongcloud: ParameterNotFound',
      });
      stage.logLines.push({ functionName, line });
    }
    const report = await runToolForJson<Report>(['doctor', '--stage', stage.name], stage.environment, 1);
    expect(states(report, 'failure')).toEqual([
      {
        check: 'secrets of rongcloud (parameter /rtc-callbacks/test/rongcloud)',
        state: 'failure',
        detail: expect.stringMatching(/^there are none: /),
        shownBy: [
          expect.stringMatching(/^rongcloud-recording: 1 of 1 answered 503 /),
          expect.stringMatching(/^rongcloud-room: 1 of 1 answered 503 /),
        ],
        fix: expect.stringContaining('put {"<appId>":["<secret>"]} there'),
      },
    ]);
  });

  test('names one cause for refusals and the white space in the secret, and for what is quarantined', async () => {
    putSecrets({ tencent: { 1: ['newest1 '], 2: ['newest2'] }, zego: {}, rongcloud: {} });
    for (const claimedAppId of ['1', '1', '2']) {
      const line = callbackLine({ verdict: 'refused', reason: 'wrong_signature', claimedAppId });
      stage.logLines.push({ functionName: 'tencent', line });
    }
    const quarantined = { message: 'consumed', source: 'zego', verdict: 'quarantined', reason: 'stale' };
    stage.logLines.push({ functionName: 'consumer', line: quarantined });
    await stage.send('quarantine', 'a message');
    const report = await runToolForJson<Report>(['doctor', '--stage', stage.name], stage.environment, 1);
    expect(states(report, 'failure').map(({ check, shownBy = [] }) => [check, ...shownBy])).toEqual([
      ['tencent app 2'],
      ['queue quarantine', expect.stringMatching(/^zego: 1 quarantined in 10 min: stale/)],
      ['secret 1 of tencent app 1', expect.stringMatching(/^tencent app 1: 2 of 2 refused/)],
    ]);
    const ofSecrets = report.checks.filter(({ check }) => check.startsWith('secret 1'));
    expect(ofSecrets.map(({ detail }) => detail)).toEqual(['white space around the secret']);
  });

  test('reads no log without end: the latest lines of a function that says too much, and says so', async () => {
    putSecrets({ tencent: { 1: ['newest1'] }, zego: {}, rongcloud: {} });
    const now = Date.now();
    const push = (functionName: string, minutes: number, line: object) =>
      stage.logLines.push({ functionName, line, at: now - minutes * 60_000 });
    push('zego', 9, callbackLine({ source: 'zego', verdict: 'refused', reason: 'wrong_signature' }));
    for (let index = 0; index < 2_500; index += 1)
      push('tencent', 9 - index / 500, callbackLine({ verdict: 'accepted', appId: '1' }));
    push('tencent', 1, callbackLine({ verdict: 'refused', reason: 'wrong_signature', claimedAppId: '1' }));
    const report = await runToolForJson<Report>(['doctor', '--stage', stage.name], stage.environment, 1);
    expect(states(report, 'warning').map(({ check }) => check)).toContainEqual(
      expect.stringMatching(/^log of tencent: too large, read only since \d{4}-/),
    );
    // What the others said is read whole.
    expect(states(report, 'failure').map(({ check }) => check)).toEqual(
      expect.arrayContaining(['zego', 'tencent app 1']),
    );
  });

  test("takes an app for silent after the stage's own time, and never where that is switched off", async () => {
    putSecrets({ tencent: { 1: ['newest1'] }, zego: { 2: ['newest22'] }, rongcloud: {} });
    const beat = createHeartbeat(stage.dynamodb, stage.tableName);
    const receivedAt = Date.now() - 3 * 3_600_000;
    await beat({ vendor: 'tencent', appId: '1' }, { receivedAt, keyIndex: 0 });
    await beat({ vendor: 'zego', appId: '2' }, { receivedAt, keyIndex: 0 });
    const silent = async () => {
      const report = await runToolForJson<Report>(['doctor', '--stage', stage.name], stage.environment);
      return states(report, 'warning').flatMap(({ check }) => check.match(/^callbacks of \w+ app \d/) ?? []);
    };
    expect(await silent()).toEqual([]);
    stage.variables.watch = { TENCENT_APP_SILENT_HOURS: '2', ZEGO_APP_SILENT_HOURS: '0' };
    expect(await silent()).toEqual(['callbacks of tencent app 1']);
  });

  test('says when each live secret last verified since the parameter changed', async () => {
    const now = Date.now();
    const HOUR = 3_600_000;
    const beat = createHeartbeat(stage.dynamodb, stage.tableName);
    const owner = (appId: string) => ({ vendor: 'tencent' as const, appId });
    await beat(owner('11'), { receivedAt: now - 3 * HOUR, keyIndex: 1 });
    await beat(owner('11'), { receivedAt: now - HOUR, keyIndex: 0 });
    await beat(owner('12'), { receivedAt: now - HOUR, keyIndex: 1 });
    await beat(owner('13'), { receivedAt: now - 48 * HOUR, keyIndex: 0 });
    const apps = { 11: ['newest1', 'older11'], 12: ['newest2', 'older12'], 13: ['newest3'] };
    putSecrets({ tencent: apps, zego: {}, rongcloud: {} });
    stage.parametersChanged.at = now - 2 * HOUR;
    const report = await runToolForJson<Report>(['doctor', '--stage', stage.name], stage.environment);
    const of = (appId: string) => report.checks.find(({ check }) => check.endsWith(`tencent app ${appId}`));
    expect(of('11')).toMatchObject({
      state: 'ok',
      detail: expect.stringMatching(/secret 1 verified one 1 h ago, secret 2 verified none since/),
      fix: expect.stringContaining('rotation is complete'),
    });
    expect(of('12')).toMatchObject({ state: 'warning', fix: expect.stringContaining('signs with secret 2') });
    expect(of('13')).toMatchObject({
      state: 'warning',
      detail: expect.stringContaining('the last came 2 d ago'),
    });
  });

  test('that cannot be reached says so once', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await promisify(server.close.bind(server))();
    const { code, stdout } = await runTool(['doctor', '--url', `http://127.0.0.1:${port}`]);
    expect([code, stdout.match(/cannot be reached/g)?.length]).toEqual([4, 1]);
  });

  test('of npm start', async () => {
    const { stdout } = await runTool(['doctor', '--url', inject('stackUrl')]);
    expect(stdout).toContain('table rtc-callbacks-local-ledger: ACTIVE');
    expect(stdout).toContain('with the published sample secrets');
    expect(stdout.match(/GET http:\S+\/callbacks\//g)).toHaveLength(9);
  });

  test('that is deployed is looked at with signed requests', async () => {
    putSecrets({ tencent: { 1400000000: ['123657'] }, zego: {}, rongcloud: {} });
    await stage.send('quarantine', 'a message');
    const report = await runToolForJson<Report>(['doctor', '--stage', stage.name], stage.environment, 1);
    expect(states(report, 'failure')).toEqual([
      expect.objectContaining({ check: 'queue quarantine', fix: expect.stringContaining('quarantine list') }),
    ]);
    expect(states(report, 'warning')).toEqual([
      // The embedded DynamoDB has no such protection.
      expect.objectContaining({
        check: `table ${stage.tableName}`,
        fix: expect.stringContaining('--deletion-protection-enabled'),
      }),
    ]);
    const read = stage.apiRequests.find(({ path }) => path.startsWith('/attention'));
    expect(read?.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDTEST\/\d+\/us-east-1\/execute-api\//,
    );
  });

  test('that is deployed for some vendors is looked at, and printed, as far as it is there', async () => {
    putSecrets({ tencent: { 1400000000: ['123657'] }, zego: { 12345: ['secret'] } });
    const url = String(stage.environment.AWS_ENDPOINT_URL_CLOUDFORMATION);
    const TencentLambdaFunctionUrl = `${url}/tencent/`;
    Object.assign(stage.outputs, {
      CallbackSources: 'tencent',
      CallbackUrl: undefined,
      TencentLambdaFunctionUrl,
    });
    const onStage = ['--stage', stage.name];
    const { checks } = await runToolForJson<Report>(['doctor', ...onStage], stage.environment);
    const names = checks.map(({ check }) => check);
    expect(names.filter((name) => name.startsWith('GET http'))).toEqual([`GET ${url}/tencent`]);
    expect(names.filter((name) => /rongcloud|zego/.test(name))).toEqual([]);
    const { urls } = await runToolForJson<{ urls: { url: string }[] }>(
      ['urls', ...onStage],
      stage.environment,
    );
    expect(urls).toMatchObject([{ url: `${url}/tencent` }]);
    const sent = await runTool(['send', 'zego', ...onStage], stage.environment);
    expect([sent.code, sent.stderr]).toEqual([3, expect.stringContaining('parameter vendors')]);
  });

  test('that is deployed has its own window for signed timestamps', async () => {
    const secrets = JSON.stringify(sampleSecrets({}).rongcloud);
    stage.parameters.set(`/rtc-callbacks/${stage.name}/rongcloud`, secrets);
    const request = requestOf('rongcloud-recording');
    const late = { ...request, receivedAt: request.receivedAt + 10 * 3_600_000 };
    const report = async (window: string) => {
      stage.variables.consumer.RONGCLOUD_TIMESTAMP_WINDOW_HOURS = window;
      return examine(late, ['--stage', stage.name], stage.environment);
    };
    expect(await report('11')).toMatchObject({ code: 0 });
    expect((await report('9')).stdout).toContain('more than 9 hours');
  });

  test('with odd secrets', async () => {
    const put = (vendor: string, value: unknown) =>
      stage.parameters.set(`/rtc-callbacks/${stage.name}/${vendor}`, JSON.stringify(value));
    put('rongcloud', { e0x9wycfx7flq: ['e0x9wycfx7flq'], Y1W2MeFwwwRxa0: ['qf3d5gbjq962h'] });
    put('tencent', { 1400000000: ['  x', '123657'], name: ['123657'] });
    put('zego', ['not a map']);
    const report = await runToolForJson<Report>(['doctor', '--stage', stage.name], stage.environment, 1);
    const text = report.checks.map(({ check, detail }) => `${check}: ${detail}`).join('\n');
    for (const expected of [
      'app e0x9wycfx7flq: the app id stands where the secret belongs',
      'App Key and App Secret look exchanged',
      'white space around the secret',
      'only 1 characters',
      'secrets of tencent apps 1400000000, name: they share a secret',
      'no SdkAppId',
      'not a JSON object of app ids',
    ]) {
      expect(text).toContain(expected);
    }
  });

  test('without secrets, and one that is not there', async () => {
    const report = await runToolForJson<Report>(['doctor', '--stage', stage.name], stage.environment);
    const details = states(report, 'warning').map(({ detail = '' }) => detail);
    expect(details.filter((detail) => detail.includes('secrets_unavailable'))).toHaveLength(3);
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
