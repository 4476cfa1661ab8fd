import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { acceptanceKey } from '../../lib/ledger/keys.ts';
import type { PutItem } from '../../lib/platform/aws/table-writer.ts';
import { createBodyReader } from '../../lib/queue/body-reader.ts';
import {
  decodeEnvelope,
  encodeEnvelope,
  storedBodyOf,
  unverifiedEnvelopeOf,
} from '../../lib/queue/envelope.ts';
import { packBody } from '../../lib/queue/packed-body.ts';
import { storeBody } from '../../lib/queue/stored-body.ts';
import { sampleSecrets } from '../../stack/samples/secrets.ts';
import { CALLER, type DeployedStage, startDeployedStage } from '../support/deployed-stage.ts';
import { RECEIVED_AT, requestOf, unverifiedMessage, verifiedMessage } from '../support/messages.ts';
import { sourceNamed } from '../support/stack-client.ts';
import { runTool, runToolForJson, runToolOnTerminal, type ToolRun } from '../support/tool.ts';

/** What was looked at is visible again after a second. */
const POLL = { interval: 500 };

let stage: DeployedStage;

beforeAll(async () => {
  stage = await startDeployedStage();
});

beforeEach(() => stage.reset());

afterAll(() => stage.close());

interface Listing {
  messages: { messageId: string; result: string; why?: string }[];
  missing: string[];
}

const onStage = (args: string[]): string[] => [...args, '--stage', stage.name];

const json = (args: string[], code = 0): Promise<Listing> =>
  runToolForJson<Listing>(onStage(args), stage.environment, code);

test.each(['quarantine', 'dlq'])(
  '%s replay sends the very same messages to the callback queue',
  async (group) => {
    const queue = group === 'dlq' ? 'dead-letter' : 'quarantine';
    const bodies = ['rongcloud-recording', 'tencent', 'zego'].map((name) => verifiedMessage(name));
    // Of no version that is known: what cannot be read is not changed either.
    bodies.push('{"version":2,"source":"\\u00e4", "body" : "…"}');
    for (const body of bodies) await stage.send(queue, body, 'missing_task_id');

    const { messages } = await json([group, 'replay', '--all']);
    expect(messages.map(({ result }) => result)).toEqual(Array(4).fill('replayed'));
    expect((await stage.messages('callbacks')).toSorted()).toEqual(bodies.toSorted());
    expect(stage.groups.toSorted()).toEqual(['12345', '1400000000', 'e0x9wycfx7flq', undefined]);
    expect(await stage.messages(queue)).toEqual([]);
  },
);

test('the dead-letter queue gives back what did not verify as it is', async () => {
  const message = unverifiedMessage('tencent');
  await stage.send('dead-letter', message);
  const { messages } = await json(['dlq', 'replay', '--all']);
  expect(messages).toMatchObject([{ result: 'replayed' }]);
  expect(await stage.messages('callbacks')).toEqual([message]);
  expect(stage.groups).toEqual(['unverified']);
});

test.each(['nonce_reused', 'too_old_to_check'])('%s stays, however it is chosen', async (reason) => {
  const body = verifiedMessage('zego');
  const id = await stage.send('quarantine', body, reason);
  for (const choice of [[id], ['--all'], ['--reason', reason], ['--source', 'zego']]) {
    const { messages } = await json(['quarantine', 'replay', ...choice], 1);
    expect(messages).toMatchObject([{ result: 'stays', why: expect.stringContaining('quarantine accept') }]);
  }
  expect(await stage.messages('callbacks')).toEqual([]);
});

test.each(['nonce_reused', 'too_old_to_check', 'stale', 'malformed_timestamp'])(
  'accept of %s stores who, when and why, and sends the very same message',
  async (reason) => {
    const body = verifiedMessage('zego');
    const id = await stage.send('quarantine', body, reason);
    const accepted = await runToolForJson(
      onStage(['quarantine', 'accept', id, '--reason', 'checked']),
      stage.environment,
    );
    expect(accepted).toMatchObject({ result: 'accepted', by: CALLER, why: 'checked' });
    expect(await stage.messages('callbacks')).toEqual([body]);
    expect(await stage.messages('quarantine')).toEqual([]);
    const Key = { pk: { S: acceptanceKey(body) }, sk: { S: 'head' } };
    const { Item } = await stage.dynamodb.send(new GetItemCommand({ TableName: stage.tableName, Key }));
    expect(Item).toMatchObject({ by: { S: CALLER }, why: { S: 'checked' }, reason: { S: reason } });
  },
);

test('accept refuses what no forgery is, and an empty reason', async () => {
  const id = await stage.send('quarantine', verifiedMessage('zego'), 'missing_task_id');
  const run = (...args: string[]) => runTool(onStage(['quarantine', 'accept', ...args]), stage.environment);
  expect(await run(id, '--reason', 'checked')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('missing_task_id'),
  });
  expect(await run(id, '--reason', ' ')).toMatchObject({ code: 2 });
  expect(await run('nothing', '--reason', 'checked')).toMatchObject({ code: 3 });
  expect(await stage.messages('callbacks')).toEqual([]);
});

test('accept asks on a terminal, where an empty answer leaves the message', async () => {
  const body = verifiedMessage('zego');
  const id = await stage.send('quarantine', body, 'stale');
  const answer = async (text: string) => {
    let isAsked = false;
    return runToolOnTerminal(onStage(['quarantine', 'accept', id]), stage.environment, (output) => {
      if (isAsked || !output.includes('Why is it genuine?')) return undefined;
      isAsked = true;
      return `${text}\r`;
    });
  };
  expect(await answer('')).toMatchObject({ code: 1 });
  expect(await stage.messages('callbacks')).toEqual([]);
  await expect.poll(async () => (await answer('checked')).code, POLL).toBe(0);
  expect(await stage.messages('callbacks')).toEqual([body]);
});

test('a dry run says the same and changes nothing', async () => {
  const body = verifiedMessage('tencent');
  const id = await stage.send('quarantine', body, 'stale');
  const { messages } = await json(['quarantine', 'replay', id, '--dry-run']);
  expect(messages).toMatchObject([{ messageId: id, result: 'would be replayed' }]);
  expect(await stage.messages('callbacks')).toEqual([]);
  expect(await stage.messages('quarantine')).toEqual([body]);
});

test('only what is chosen is replayed; an id that is not there is code 3', async () => {
  const ids: string[] = [];
  for (const [source, reason] of [
    ['tencent', 'stale'],
    ['zego', 'stale'],
    ['zego', 'app_mismatch'],
  ] as const) {
    ids.push(await stage.send('quarantine', verifiedMessage(source), reason));
  }
  const both = await json(['quarantine', 'replay', '--source', 'zego', '--reason', 'stale']);
  expect(both.messages).toMatchObject([{ messageId: ids[1], result: 'replayed' }]);
  expect(await stage.messages('quarantine')).toHaveLength(2);
  const args = onStage(['quarantine', 'replay', ids[0] ?? '', 'no-such-id']);
  let run: ToolRun | undefined;
  await expect
    .poll(async () => {
      run = await runTool(args, stage.environment);
      return run.stdout;
    }, POLL)
    .toContain('replayed');
  expect([run?.code, run?.stderr]).toEqual([3, expect.stringContaining('no message no-such-id')]);
  expect(await stage.messages('quarantine')).toHaveLength(1);
});

test('cut off between sending and taking out, a message is in both queues, and says so', async () => {
  const body = verifiedMessage('zego');
  await stage.send('quarantine', body, 'stale');
  stage.faults.sqs = ({ operation }) => (operation === 'DeleteMessage' ? '500' : undefined);
  const { messages } = await json(['quarantine', 'replay', '--all'], 1);
  expect(messages).toMatchObject([{ result: 'failed', why: expect.any(String) }]);
  expect(await stage.messages('callbacks')).toEqual([body]);
  expect(await stage.messages('quarantine')).toEqual([body]);
});

test('what comes back while the replay goes on is not replayed for ever', async () => {
  const bodies = Array.from({ length: 12 }, (_, index) => verifiedMessage('tencent', { index }));
  for (const body of bodies) await stage.send('quarantine', body, 'no_task_or_room');
  let returned: Promise<unknown> | undefined;
  // Between two batches somebody quarantines the first message that was replayed again.
  stage.faults.sqs = async ({ operation, body }) => {
    if (operation === 'SendMessage' && returned === undefined) {
      const { MessageBody } = JSON.parse(body) as { MessageBody: string };
      returned = stage.send('quarantine', MessageBody, 'no_task_or_room');
      await returned;
    }
    return undefined;
  };
  const { messages } = await json(['quarantine', 'replay', '--all'], 1);
  expect(messages.map(({ result }) => result).toSorted()).toEqual([
    'came back',
    ...Array(12).fill('replayed'),
  ]);
  expect(await stage.messages('callbacks')).toHaveLength(12);
});

test.each(['rongcloud-recording', 'tencent', 'zego'])(
  'an unverified callback of %s goes on once its secret is there, with the same body and time',
  async (name) => {
    const { vendor } = sourceNamed(name);
    const parameter = `/rtc-callbacks/${stage.name}/${vendor}`;
    const request = requestOf(name);
    const message = encodeEnvelope(unverifiedEnvelopeOf(name, request, 'wrong_signature'));
    await stage.send('quarantine', message, 'unverified');

    const apps = Object.keys(sampleSecrets({})[vendor] ?? {});
    stage.parameters.set(parameter, JSON.stringify(Object.fromEntries(apps.map((app) => [app, ['other']]))));
    const { messages } = await json(['quarantine', 'replay', '--all'], 1);
    expect(messages).toMatchObject([{ result: 'stays', why: 'wrong_signature' }]);
    expect(await stage.messages('callbacks')).toEqual([]);
    expect(await stage.messages('quarantine')).toEqual([message]);

    stage.parameters.set(parameter, JSON.stringify(sampleSecrets({})[vendor]));
    const replay = onStage(['quarantine', 'replay', '--all']);
    await expect
      .poll(async () => (await runTool(replay, stage.environment)).stdout, POLL)
      .toContain('replayed');
    expect(await stage.messages('quarantine')).toEqual([]);
    const [arrived = '', ...others] = await stage.messages('callbacks');
    expect(others).toEqual([]);
    const envelope = decodeEnvelope(arrived);
    expect(envelope).toMatchObject({ source: name, receivedAt: RECEIVED_AT, keyIndex: 0 });
    expect(envelope).not.toHaveProperty('refusal');
    expect(envelope?.body.equals(request.body)).toBe(true);
  },
);

test('an unverified callback whose large body is in the table goes on without moving it', async () => {
  stage.parameters.set(`/rtc-callbacks/${stage.name}/tencent`, JSON.stringify(sampleSecrets({}).tencent));
  const request = requestOf('tencent', { filler: 'x'.repeat(50_000) });
  const put: PutItem = async ({ bytes, ...item }) => {
    const binary = { B: Buffer.from((bytes as { B: string }).B, 'base64') };
    await stage.dynamodb.send(
      new PutItemCommand({ TableName: stage.tableName, Item: { ...item, bytes: binary } as never }),
    );
    return { ok: true };
  };
  const result = await storeBody(packBody(request.body).bytes, put, Date.now() + 10_000);
  if (!result.ok) throw new Error(result.reason);
  const envelope = unverifiedEnvelopeOf('tencent', request, 'unknown_app');
  await stage.send('quarantine', encodeEnvelope(envelope, result.stored), 'unverified');
  await stage.send('quarantine', encodeEnvelope(envelope, { key: '0'.repeat(64), parts: 1 }), 'unverified');

  const { messages } = await json(['quarantine', 'replay', '--all'], 1);
  expect(messages).toContainEqual(
    expect.objectContaining({ result: 'stays', why: expect.stringContaining('is not in the table') }),
  );
  const [arrived = ''] = await stage.messages('callbacks');
  expect(storedBodyOf(arrived)).toEqual(result.stored);
  const bytes = await createBodyReader(stage.dynamodb, stage.tableName)(result.stored);
  expect(decodeEnvelope(arrived, bytes)?.body.equals(request.body)).toBe(true);
});

test('a callback that was refused for where it came from goes on only when it is named', async () => {
  stage.parameters.set(`/rtc-callbacks/${stage.name}/zego`, JSON.stringify(sampleSecrets({}).zego));
  const message = encodeEnvelope(unverifiedEnvelopeOf('zego', requestOf('zego'), 'network_not_allowed'));
  const id = await stage.send('quarantine', message, 'unverified');
  const all = await json(['quarantine', 'replay', '--all'], 1);
  expect(all.messages).toMatchObject([
    { result: 'stays', why: expect.stringContaining('network_not_allowed') },
  ]);
  const one = onStage(['quarantine', 'replay', id]);
  await expect.poll(async () => (await runTool(one, stage.environment)).code, POLL).toBe(0);
  expect(await stage.messages('callbacks')).toHaveLength(1);
});
