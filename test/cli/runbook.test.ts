import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHeartbeat } from '../../lib/ledger/heartbeat.ts';
import { sampleSecrets } from '../../stack/samples/secrets.ts';
import { verifiedMessage } from '../support/messages.ts';
import { type OwnStack, startOwnStack } from '../support/own-stack.ts';
import { sourceNamed } from '../support/stack-client.ts';
import { runTool } from '../support/tool.ts';

/** What was looked at is visible again after a second. */
const POLL = { interval: 500 };
const DAY = 24 * 60 * 60_000;
const CREDENTIALS = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const { appId } = sourceNamed('rongcloud-recording');

/** The commands of "It is 3 a.m." in docs/operations.md, by symptom. */
const RUNBOOK = new Map(
  readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8')
    .split('\n## ')[1]
    ?.split('\n')
    .filter((line) => /^\| [^-]/.test(line))
    .slice(1)
    .map((line) => line.slice(2).split(' | '))
    .map(([symptom = '', commands = '']) => [symptom, commandsOf(commands)]),
);

function commandsOf(cell: string): string[] {
  return [...cell.matchAll(/`npx rtc-callbacks ([^`]+)`/g)].map(([, command = '']) => command);
}

const tried = new Set<string>();
let stack: OwnStack;

beforeAll(async () => {
  stack = await startOwnStack(sampleSecrets({}), { TENCENT_VERIFICATION_MODE: 'shadow' });
});

afterAll(() => stack.dispose());

const onStack = (...args: string[]): string[] => [...args, '--url', stack.url];
const send = (...args: string[]) => runTool(onStack('send', ...args));

/** A command of the runbook, with values for its placeholders. */
function command(symptom: string, index = 0, values: Record<string, string> = {}): string[] {
  tried.add(`${symptom} ${index}`);
  const text = RUNBOOK.get(symptom)?.[index];
  if (text === undefined) throw new Error(`The runbook has no command ${index} for "${symptom}".`);
  return onStack(...text.split(' ').map((word) => values[word] ?? word));
}

/** Runs a command of the runbook until it says what is expected. */
async function says(expected: RegExp, args: string[], code = 0): Promise<string> {
  let output = '';
  const run = async () => {
    const { code: ended, stdout, stderr } = await runTool(args);
    output = stdout;
    return `code ${ended}\n${stdout}${stderr}`;
  };
  await expect.poll(run, POLL).toMatch(new RegExp(`^code ${code}\n[^]*${expected.source}`));
  return output;
}

test('a fresh stack is healthy', async () => {
  expect(await runTool(onStack('doctor'))).toMatchObject({ code: 0, stderr: '' });
});

test('401s', async () => {
  expect((await send('zego', 'snapshot', '--bad', 'signature')).code).toBe(1);
  await says(
    /failure {2}zego app \d+: 1 of 1 refused \(the app is unverified\) in 10 min: wrong_signature/,
    command('401s'),
    1,
  );
});

test('vendor silent', async () => {
  const dynamodb = new DynamoDBClient({ ...CREDENTIALS, endpoint: `${stack.url}/aws/dynamodb` });
  const owner = { vendor: 'tencent' as const, appId: sourceNamed('tencent').appId };
  const beat = createHeartbeat(dynamodb, 'rtc-callbacks-local-ledger');
  await beat(owner, { receivedAt: Date.now() - 3 * DAY, keyIndex: 0 });
  dynamodb.destroy();
  await says(/warning {2}callbacks of tencent app \d+: the last came 3 d ago/, command('vendor silent'), 1);
});

test('bucket broken, and the vendor says that it delivered', async () => {
  const recordId = randomUUID();
  await send('rongcloud-recording', 'upload-failed', '--set', `recordId="${recordId}"`);
  await says(new RegExp(`${recordId} [^\n]*upload_failed`), command('bucket broken'));

  const claim = '“we delivered X at 10:31”';
  const values = { '<vendor>': 'rongcloud', '<app>': appId, '<task>': recordId };
  await says(/recording \d+ +rongcloud-recording/, command(claim, 0, values));
  const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
  const between = (from: number, to: number) =>
    command(claim, 1, { ...values, '<from>': at(from), '<to>': at(to) });
  await send('rongcloud-recording', '--bad', 'signature');
  const found = await says(
    new RegExp(`accepted +rongcloud-recording[^]*applied +rongcloud-recording[^\\n]*${recordId}[^]*refused`),
    between(-10, 1),
  );
  expect(found).toMatch(/refused +rongcloud-recording +401/);
  expect((await runTool(between(-30, -20))).code).toBe(3);
});

test('rotation', async () => {
  await says(
    new RegExp(`callbacks of rongcloud app ${appId}: [^\n]*secret 1 verified one`),
    command('rotation'),
    1,
  );
});

test('quarantine, also in shadow mode', async () => {
  expect((await send('tencent', '--bad', 'signature')).code).toBe(0);
  await send('rongcloud-recording', '--set', 'recordId=""');
  const list = command('quarantine');
  await says(/unverified: wrong_signature +tencent/, list);
  const listed = await says(/missing_task_id/, list);
  const id = listed.match(/(\S+) +missing_task_id/)?.[1] ?? '';
  await says(/quarantined as missing_task_id/, command('quarantine', 1, { '<id>': id }), 1);
  const replay = command('quarantine', 2, { '<reason>': 'missing_task_id' });
  await says(/replayed +quarantined +missing_task_id/, replay, 1);
});

test('dead-letter queue', async () => {
  const sqs = new SQSClient({ ...CREDENTIALS, endpoint: `${stack.url}/aws/sqs` });
  const QueueUrl = `${stack.url}/aws/sqs/000000000000/rtc-callbacks-local-dead-letter`;
  const MessageBody = verifiedMessage('rongcloud-recording', { recordId: 'dead' });
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  sqs.destroy();
  await says(/rongcloud-recording +\S+ +dead/, command('dead-letter queue'));
  await says(/dead +replayed +applied/, command('dead-letter queue', 1));
});

test('“Why am I getting 401?”', async () => {
  const page = readFileSync(new URL('../../docs/why-401.md', import.meta.url), 'utf8');
  const commands = [...page.matchAll(/npx rtc-callbacks ((?:[^`\n#]|#\S)+)/g)]
    .map(([, text = '']) => text.replace('--stage prod', '').trim())
    .toSorted();
  const finds: [command: string, expected: RegExp, code: number][] = [
    ['doctor --quarantined <id>', /signature: wrong_signature/, 1],
    ['doctor --request events/tencent-bad-signature.json', /signature: wrong_signature/, 1],
    ['doctor  --since 1h', /zego app \d+: 1 of 1 refused/, 1],
    ['quarantine replay --reason unverified', /tencent +\d+ \(unverified\)[^\n]* stays +wrong_signature/, 1],
    ['urls', /callbacks\/tencent/, 0],
    ['urls --segments', /callbacks\/tencent\/\w+/, 0],
  ];
  expect([...new Set(commands)]).toEqual(finds.map(([text]) => text).toSorted());
  const listed = await says(/unverified: wrong_signature/, command('quarantine'));
  const id = listed.match(/(\S+) +unverified/)?.[1] ?? '';
  for (const [text, expected, code] of finds) {
    const words = text.split(/ +/).map((word) => (word === '<id>' ? id : word));
    await says(expected, onStack(...words), code);
  }
});

test('queue growing', async () => {
  await stack.deleteTable();
  await send('rongcloud-recording');
  await says(/failure {2}table: [^\n]*\n +· consumer: \d+ failed attempts? in/, command('queue growing'), 4);
});

test('every command of the runbook was tried', () => {
  const all = [...RUNBOOK].flatMap(([symptom, commands]) =>
    commands.map((_, index) => `${symptom} ${index}`),
  );
  expect(all.length).toBeGreaterThan(8);
  expect([...tried].toSorted()).toEqual(all.toSorted());
});
