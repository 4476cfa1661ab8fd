import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pathSegmentOf } from '../../../lib/receive/path-segment.ts';
import type { SampleSource, SignedCallback } from '../../../lib/vendors/common/sample.ts';
import { SAMPLE_SOURCES } from '../../../lib/vendors/samples.ts';
import { tencentSignature } from '../../../lib/vendors/tencent/verify.ts';
import { signedSample } from '../../../stack/samples/signed-sample.ts';
import { type OwnStack, startOwnStack } from '../../support/own-stack.ts';
import { quarantinedWhen } from '../../support/quarantine-queue.ts';
import { sourceNamed } from '../../support/stack-client.ts';
import { quickOrWhole } from '../../support/suite.ts';

/** What must never be seen: nothing else on this machine holds it. */
const CANARY = `canary${randomUUID().replaceAll('-', '')}`;

const APP = 'canary-app';
const SECRET = `${CANARY}-secret`;
const SEGMENT = pathSegmentOf(APP, SECRET);
/** What follows the canary in what nobody may see, wherever it is printed. */
const SECRET_PARTS = ['nonce', 'query', 'signature', 'other'];

/** How long the consumer may take. */
const PATIENCE = { interval: 100 };

const DAY_MS = 24 * 60 * 60_000;

let stack: OwnStack;
/** The signatures that were sent, which are hashes, and everything that was answered to a vendor. */
const signatures: string[] = [];
const answers: string[] = [];

beforeAll(async () => {
  const apps = { [APP]: [SECRET] };
  stack = await startOwnStack({ rongcloud: apps, tencent: apps, zego: apps });
});

afterAll(() => stack.dispose());

/** What the samples' bodies carry besides ids; the last is the query of a signed URL. */
const CARRIERS: readonly string[] = [
  'extra',
  'errorMessage',
  'pushUrl',
  'rtmp_url',
  'output.fileUrl',
  'output.fileName',
  'EventInfo.pictureURL',
  'EventInfo.callbackData',
  'EventInfo.Payload.Errmsg',
  'message',
  'download_url',
  'canary',
];

/** A callback whose secret, nonce, body and URLs hold canaries. */
function canaryCallback(
  source: SampleSource,
  event: string,
  { id = randomUUID(), secret = SECRET, now = Date.now(), app = APP } = {},
): SignedCallback {
  const value = `https://a.example/${CANARY}-body?sign=${CANARY}-query`;
  const set = new Map(CARRIERS.map((path) => [path, value]).concat([['marker', id]]) as [string, string][]);
  const nonce = `${CANARY}-nonce-${id}`;
  const built = signedSample(
    source,
    event,
    { [source.vendor]: { [app]: [secret] } },
    { now, nonce, app, set },
  );
  if (!built.ok) throw new Error(built.reason);
  const { headers, body } = built.callback;
  const inBody = /"signature":"(\w+)"/i.exec(body.toString('utf8'))?.[1];
  signatures.push(headers['RC-Signature'] ?? headers.signature ?? headers.Sign ?? inBody ?? '');
  return built.callback;
}

/** A text and what its inside looks like in base64, wherever it begins. */
function formsOf(text: string): string[] {
  const encoded = ['', 'x', 'xx'].map((before) => Buffer.from(before + text).toString('base64'));
  return [text, ...encoded.map((base64) => base64.slice(4, -4))];
}

/** `rest` is what follows the path of the route: the app's segment, or a query. */
async function post(source: SampleSource, callback: SignedCallback, rest = ''): Promise<number> {
  const { status, text, headers } = await stack.client.request(source.path + rest, {
    method: 'POST',
    headers: callback.headers,
    body: callback.body,
  });
  answers.push(text + JSON.stringify([...headers]));
  return status;
}

const SOURCES_OF_VENDORS = ['rongcloud-recording', 'tencent', 'zego'].map(sourceNamed);

test('redaction canary: nothing secret is in a log line or an answer, whatever becomes of the callback', async () => {
  await expectAccepted();
  await expectRefused();
  await expectQuarantined();
  await expectSpilled();
  await expectFailedInConsumer();
  await expectStoredNowhere();
  await stack.stop('SIGTERM');

  const printed = (await Promise.all(stack.logFiles.map((file) => readFile(file, 'utf8')))).join('');
  const inNoLine = [SECRET, SEGMENT, ...signatures, ...SECRET_PARTS.map((part) => `${CANARY}-${part}`)];
  for (const hidden of inNoLine.flatMap(formsOf)) expect(printed).not.toContain(hidden);
  // What the local stack shows of changes is no log line of a function: it shows what came.
  const isShown = (line: string) => line.includes('"message":"change",');
  expect(printed.split('\n').some(isShown)).toBe(true);
  const log = printed.split('\n').filter((line) => !isShown(line));
  const lines = log.filter((line) => line !== '').map((line) => JSON.parse(line));
  const outcomes = lines.map(({ message, verdict }) => verdict ?? message);
  expect(lines.some(({ spilled }) => spilled === true)).toBe(true);
  for (const outcome of ['accepted', 'applied', 'event', 'quarantined', 'refused', 'retry', 'unavailable']) {
    expect(outcomes).toContain(outcome);
  }
  expect(signatures).not.toContain('');
  const seen = [...log, ...answers].join('\n');
  for (const hidden of [CANARY, SEGMENT, ...signatures].flatMap(formsOf)) expect(seen).not.toContain(hidden);
});

async function expectAccepted(): Promise<void> {
  for (const source of SAMPLE_SOURCES) {
    for (const event of quickOrWhole(Object.keys(source.events).slice(0, 2), Object.keys(source.events))) {
      expect([source.name, event, await post(source, canaryCallback(source, event))]).toEqual([
        source.name,
        event,
        200,
      ]);
    }
  }
  const rongcloud = sourceNamed('rongcloud-recording');
  const { headers, body } = canaryCallback(rongcloud, 'upload');
  const { 'RC-Nonce': nonce = '', 'RC-Timestamp': timestamp = '', 'RC-Signature': signature = '' } = headers;
  const query = `?${new URLSearchParams({ nonce, timestamp, signature })}`;
  expect(await post(rongcloud, { headers: {}, body }, query)).toBe(200);
  for (const source of SOURCES_OF_VENDORS) {
    const [event = ''] = Object.keys(source.events);
    expect(await post(source, canaryCallback(source, event), `/${SEGMENT}`)).toBe(200);
    expect(await post(source, canaryCallback(source, event), `/${CANARY}`)).toBe(401);
  }
  await expect
    .poll(async () => {
      const lines = await stack.client.linesWith('"message":"consumed"');
      return lines.filter(({ verdict }) => verdict !== 'quarantined').length;
    }, PATIENCE)
    .toBeGreaterThan(SAMPLE_SOURCES.length);
}

async function expectRefused(): Promise<void> {
  for (const source of SOURCES_OF_VENDORS) {
    const [event = ''] = Object.keys(source.events);
    expect(await post(source, canaryCallback(source, event, { secret: `${CANARY}-other` }))).toBe(401);
    const { headers, body } = canaryCallback(source, event);
    const signature = signatures.at(-1) ?? '';
    const malformed = (text: string) => text.replace(signature, `${CANARY}-signature`);
    const damaged = Object.entries(headers).map(([name, value]) => [name, malformed(value)]);
    expect(
      await post(source, {
        headers: Object.fromEntries(damaged),
        body: Buffer.from(malformed(body.toString('utf8'))),
      }),
    ).toBe(401);
    const bare = { headers: { 'content-type': CANARY }, body: Buffer.from(`${CANARY} is no JSON`) };
    expect([400, 401]).toContain(await post(source, bare, `?signature=${CANARY}`));
    expect(await post(source, canaryCallback(source, event, { app: 'nobody' }))).toBe(401);
  }
}

async function expectQuarantined(): Promise<void> {
  for (const source of SOURCES_OF_VENDORS) {
    const id = randomUUID();
    const now = Date.now() - 2 * DAY_MS;
    const [event = ''] = Object.keys(source.events);
    const old = canaryCallback(source, event, { id, now });
    // TRTC's signed bodies are never stale: one that is no JSON is quarantined.
    const broken = Buffer.from(`${CANARY} ${id}`);
    const callback =
      source.vendor === 'tencent'
        ? { headers: { SdkAppId: APP, Sign: tencentSignature(SECRET, broken) }, body: broken }
        : old;
    expect(await post(source, callback)).toBe(200);
    await quarantinedWhen(stack.url, id);
  }
}

async function postOfEachVendor(status: number): Promise<void> {
  for (const source of SOURCES_OF_VENDORS) {
    const [event = ''] = Object.keys(source.events);
    // Again where a busy machine was too slow to store it: as vendors do.
    const answered = () => post(source, canaryCallback(source, event));
    await expect.poll(answered, PATIENCE).toBe(status);
  }
}

async function expectSpilled(): Promise<void> {
  await stack.deleteQueue('callbacks');
  await postOfEachVendor(200);
  await stack.createQueue('callbacks');
}

async function expectFailedInConsumer(): Promise<void> {
  await stack.deleteTable();
  await postOfEachVendor(200);
  await expect
    .poll(async () => (await stack.client.linesWith('"message":"retry"')).length, PATIENCE)
    .toBeGreaterThanOrEqual(SOURCES_OF_VENDORS.length);
}

/** The table is away already. */
async function expectStoredNowhere(): Promise<void> {
  await stack.deleteQueue('callbacks');
  await postOfEachVendor(503);
}
