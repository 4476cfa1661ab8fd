import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { sampleSecrets } from '../../stack/samples/secrets.ts';
import { unverifiedMessage, verifiedMessage } from '../support/messages.ts';
import { post, readWhen, request, sample, sharedStack, sourceNamed } from '../support/stack-client.ts';
import { isWholeSuite } from '../support/suite.ts';
import {
  runSpawnedTool,
  runTool,
  runToolForJson,
  runToolOnTerminal,
  spawnTool,
  startTool,
} from '../support/tool.ts';

/** What was looked at is visible again after a second. */
const POLL = { interval: 500 };

const recording = sourceNamed('rongcloud-recording');

let sqs: SQSClient;

beforeAll(() => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  sqs = new SQSClient({ endpoint: `${inject('stackUrl')}/aws/sqs`, region: 'us-east-1', credentials });
});

afterAll(() => sqs.destroy());

const onStack = (...args: string[]): string[] => [...args, '--url', inject('stackUrl')];

async function put(queue: string, body: string, reason: string): Promise<string> {
  const QueueUrl = `${inject('stackUrl')}/aws/sqs/000000000000/rtc-callbacks-local-${queue}`;
  const MessageAttributes = { reason: { DataType: 'String', StringValue: reason } };
  const { MessageId = '' } = await sqs.send(
    new SendMessageCommand({ QueueUrl, MessageBody: body, MessageAttributes }),
  );
  return MessageId;
}

/** Replays one message; what it says when it has found it. */
async function replay(group: string, id: string, secrets: unknown = sampleSecrets({})): Promise<string> {
  let output = '';
  await expect
    .poll(async () => {
      const environment = { CALLBACK_SECRETS: JSON.stringify(secrets) };
      output = (await runTool(onStack(group, 'replay', id), environment)).stdout;
      return output;
    }, POLL)
    .toContain(id);
  return output;
}

test('what was not verified reaches the ledger once the right secret is there, and replaying again changes nothing', async () => {
  const recordId = randomUUID();
  const body = { recordId, roomId: randomUUID(), 'output.fileName': 'first.mp4' };
  const id = await put('quarantine', unverifiedMessage('rongcloud-recording', body), 'unverified');
  const path = `/tasks/rongcloud/${recording.appId}/${recordId}?events=true`;

  expect(await replay('quarantine', id, { rongcloud: { [recording.appId]: ['wrong'] } })).toContain('stays');
  expect((await request(path)).status).toBe(404);

  expect(await replay('quarantine', id)).toContain('replayed');
  const first = await readWhen(path, ({ body: answer }) => expect(answer.events).toHaveLength(1));
  expect(first.body).toMatchObject({ task: { status: 'started' }, files: [{ name: 'first.mp4' }] });

  // As after a crash between sending and taking out: the same callback once more, and a later one in between.
  const end = sample(recording, 'end', { set: new Map(Object.entries(body)) });
  await post(recording, end);
  const ended = await readWhen(path, ({ body: answer }) => expect(answer.events).toHaveLength(2));
  const again = await put('quarantine', unverifiedMessage('rongcloud-recording', body), 'unverified');
  expect(await replay('quarantine', again)).toContain('replayed');
  const marker = randomUUID();
  const later = await put(
    'dead-letter',
    verifiedMessage('rongcloud-recording', { recordId: marker }),
    'none',
  );
  expect(await replay('dlq', later)).toContain('replayed');
  await readWhen(`/tasks/rongcloud/${recording.appId}/${marker}`, ({ status }) => expect(status).toBe(200));
  expect((await request(path)).body).toEqual(ended.body);
});

/** The verdict on a callback as the local stack remembers it, and whether it was replayed. */
async function verdictOf(messageId: string): Promise<[verdict: string, isReplayed: boolean][]> {
  const answer = await fetch(`${inject('stackUrl')}/local/callbacks`);
  const callbacks = (await answer.json()) as { messageId?: string; verdict: string; replayed?: true }[];
  const found = callbacks.filter((callback) => callback.messageId === messageId);
  return found.map(({ verdict, replayed = false }) => [verdict, replayed]);
}

test('a quarantined callback goes by its id in the log, and what is shown of it follows replay and removal', async () => {
  const [genuine, forged] = [randomUUID(), randomUUID()];
  const arrive = (recordId: string) =>
    put('callbacks', unverifiedMessage('rongcloud-recording', { recordId }), 'none');
  const [applied, removed] = [await arrive(genuine), await arrive(forged)];
  for (const id of [applied, removed]) {
    await expect.poll(() => verdictOf(id), POLL).toEqual([['quarantined', false]]);
  }
  const show = onStack('tasks', 'show', 'rongcloud', recording.appId, genuine);
  const shown = async () => (await runTool(show)).stderr;
  await expect.poll(shown, POLL).toContain('In quarantine: 1 of this task (unverified).');
  const answerTo =
    (command: string, id: string, ...options: string[]) =>
    async () =>
      (await runTool(onStack('quarantine', command, id, ...options))).stdout;
  await expect.poll(answerTo('replay', applied, '--wait'), POLL).toMatch(/replayed +applied/);
  await expect.poll(() => verdictOf(applied), POLL).toEqual([['applied', true]]);
  await expect.poll(answerTo('remove', removed, '--yes'), POLL).toBe('1 removed\n');
  expect(await verdictOf(removed)).toEqual([['removed', false]]);
});

test('a replay that is waited for says that the callback came back, and why', async () => {
  const text = verifiedMessage('rongcloud-recording', { recordId: '' });
  const id = await put('quarantine', text, 'missing_task_id');
  let report = { code: null as number | null, stdout: '' };
  const replayed = async () => {
    report = await runTool(onStack('quarantine', 'replay', id, '--wait', '--json'));
    return report.stdout;
  };
  await expect.poll(replayed, POLL).toContain('"replayed"');
  expect(report.code).toBe(1);
  expect(JSON.parse(report.stdout)).toMatchObject({
    messages: [{ messageId: id, result: 'replayed', became: 'quarantined', why: 'missing_task_id' }],
  });
});

test('tasks, rooms and files are shown as in the read API', async () => {
  const [recordId, roomId] = [`task ${randomUUID()}`, `room/${randomUUID()}#直播`];
  const values = { recordId, roomId, 'output.fileName': 'lost\u001b[2J.mp4' };
  for (const event of ['start', 'upload-failed']) {
    await post(recording, sample(recording, event, { set: new Map(Object.entries(values)) }));
  }
  const path = `/tasks/rongcloud/${recording.appId}/${encodeURIComponent(recordId)}?events=true`;
  const { body } = await readWhen(path, (answer) => expect(answer.body.events).toHaveLength(2));

  const show = onStack('tasks', 'show', 'rongcloud', recording.appId, recordId);
  expect(await runToolForJson([...show, '--events'])).toEqual(body);
  const task = await runTool(show);
  expect(task.code).toBe(0);
  expect(task.stdout).toMatch(/lost\\u001b\[2J\.mp4 +upload_failed/);
  expect(task.stdout).not.toContain('\u001b');

  const room = await runTool(onStack('rooms', 'show', 'rongcloud', recording.appId, roomId));
  expect([room.code, room.stdout]).toEqual([0, expect.stringContaining('直播')]);
  expect(room.stdout).toContain(recordId);

  const attention = await runToolForJson<{ files: { taskId: string }[] }>(onStack('attention', 'list'));
  expect(attention.files.map(({ taskId }) => taskId)).toContain(recordId);
  const onTerminal = await runToolOnTerminal(onStack('attention', 'list'));
  expect([onTerminal.code, onTerminal.output]).toEqual([
    0,
    expect.stringContaining('\u001b[31mupload_failed'),
  ]);
});

test('a task is erased with --yes only', async () => {
  const recordId = randomUUID();
  const values = new Map(Object.entries({ recordId, 'output.fileName': 'a.mp4' }));
  for (const event of ['start', 'upload']) await post(recording, sample(recording, event, { set: values }));
  const path = `/tasks/rongcloud/${recording.appId}/${recordId}?events=true`;
  await readWhen(path, (answer) => expect(answer.body.events).toHaveLength(2));

  const command = onStack('erase', 'task', 'rongcloud', recording.appId, recordId);
  expect(await runToolForJson(command)).toMatchObject({
    erased: false,
    tasks: 1,
    files: 1,
    storedCallbacks: 2,
  });
  expect((await request(path)).status).toBe(200);

  const erasing = spawnTool([...command, '--yes']);
  await readWhen(path, ({ status }) => expect(status).toBe(404));
  await expect.poll(erasing.stderr, POLL).toContain('Removed.');
  // It would wait for two minutes now.
  erasing.interrupt();
  expect(await erasing.ended).toBe(130);
  expect((await runTool(command)).code).toBe(3);
});

test('of a user what is the user’s alone goes, and of what others share the user’s part', async () => {
  const [userId, other, recordId, roomId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const tencent = sourceNamed('tencent');
  const own = new Map(Object.entries({ recordId, userId, 'output.fileName': 'a.mp4' }));
  for (const event of ['start', 'upload']) await post(recording, sample(recording, event, { set: own }));
  for (const userID of [userId, other]) {
    const info = { roomID: roomId, userID, eventID: `${userID}.jpg` };
    const set = new Map(Object.entries(info).map(([name, value]) => [`EventInfo.${name}`, value]));
    await post(tencent, sample(tencent, 'screenshot', { set }));
  }
  const ownPath = `/tasks/rongcloud/${recording.appId}/${recordId}?events=true`;
  const sharedPath = `/tasks/tencent/${tencent.appId}/${roomId}?events=true`;
  for (const path of [ownPath, sharedPath])
    await readWhen(path, (answer) => expect(answer.body.events).toHaveLength(2));

  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  const command = (vendor: string, appId: string) =>
    onStack('erase', 'user', vendor, userId, '--app', appId, '--from', day(-2), '--to', day(2));
  expect(await runToolForJson(command('rongcloud', recording.appId))).toMatchObject({
    erased: false,
    ...{ tasks: 1, files: 1, storedCallbacks: 2 },
  });
  const ofShared = command('tencent', tencent.appId);
  expect(await runToolForJson(ofShared)).toMatchObject({ tasks: 0, files: 1, storedCallbacks: 1 });
  expect((await request(ownPath)).status).toBe(200);

  for (const args of [command('rongcloud', recording.appId), ofShared]) {
    const erasing = startTool([...args, '--yes']);
    await erasing.hasNoted('Removed.');
    erasing.interrupt();
    await erasing.ended;
  }
  expect((await request(ownPath)).status).toBe(404);
  const left = JSON.stringify((await readWhen(sharedPath, ({ status }) => expect(status).toBe(200))).body);
  expect([left.includes(userId), left.includes(other)]).toEqual([false, true]);
  expect((await runTool(ofShared)).code).toBe(3);
});

test.runIf(isWholeSuite)('a task with more files than a page is shown whole', async () => {
  const taskId = randomUUID();
  // A page has 500, and a message applies as many.
  const pictures = Array.from({ length: 501 }, (_, index) => ({
    url: `https://cdn.example.com/${index}.jpg`,
  }));
  const zego = sourceNamed('zego');
  const set = new Map([
    ['task_id', taskId],
    ['snapshot_pic_list', JSON.stringify(pictures)],
  ]);
  await post(zego, sample(zego, 'snapshot', { set }));
  const show = onStack('tasks', 'show', 'zego', zego.appId, taskId);
  await sharedStack().consumedWhen(taskId, 2);
  const { files } = await runToolForJson<{ files: unknown[] }>(show);
  expect(files).toHaveLength(501);
});

test('what is not known is code 3, an unknown vendor code 2', async () => {
  const unknown = await runTool(onStack('tasks', 'show', 'zego', '1', 'no-such-task'));
  expect([unknown.code, unknown.stdout, unknown.stderr]).toEqual([
    3,
    '',
    expect.stringContaining('not known'),
  ]);
  const vendor = await runTool(onStack('rooms', 'show', 'agora', '1', '2'));
  expect([vendor.code, vendor.stderr]).toEqual([2, expect.stringContaining('rongcloud, tencent, zego')]);
});

test('send signs samples, and says what was answered', async () => {
  const environment = { CALLBACK_SECRETS: JSON.stringify(inject('stackSecrets')) };
  const taskId = randomUUID();
  const args = ['send', 'tencent', 'recording-start', '--set', `EventInfo.TaskId=${taskId}`];
  const sent = await runTool(onStack(...args, '--times', '2'), environment);
  expect([sent.code, sent.stdout]).toEqual([0, expect.stringMatching(/^(?:200 \{"code":0\} \d+ ms\n){2}$/)]);
  await readWhen(`/tasks/tencent/${sourceNamed('tencent').appId}/${taskId}`, ({ status }) =>
    expect(status).toBe(200),
  );

  const bad = await runToolForJson<{ answers: { status: number }[] }>(
    onStack(...args, '--bad', 'body'),
    environment,
    1,
  );
  expect(bad.answers).toMatchObject([{ status: 401 }]);
  const whole = [...args, '--url', `${inject('stackUrl')}/callbacks/tencent`];
  expect((await runTool(whole, environment)).code).toBe(0);
});

test.each([
  [['send', 'tencent', 'no-such-event'], 2],
  [['send', 'no-such-source'], 2],
  [['send', 'tencent', '--times', '0'], 2],
  [['send', 'tencent', '--set', 'x'], 2],
  [['send', 'tencent', '--app', 'no-such-app'], 2],
  [['send', 'tencent', '--url', 'http://127.0.0.1:9'], 4],
  [['attention', 'list', '--url', 'http://127.0.0.1:9'], 4],
  [['attention', 'list', '--url', 'nonsense'], 2],
  [['attention'], 2],
  [[], 2],
  [['--help'], 0],
  [['tasks', 'show', '--help'], 0],
  [['--version'], 0],
])('%j ends with code %i', async (args, expected) => {
  const { code, stderr } = await runTool(args, {});
  expect([code, stderr]).toEqual([expected, expected === 0 ? '' : expect.stringMatching(/./)]);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test('the shell completes commands and what an argument may be', async () => {
  const completions = async (...words: string[]) => {
    const { stdout } = await runSpawnedTool(['complete', '--', ...words]);
    return stdout.split('\n').map((line) => line.split('\t')[0]);
  };
  expect(await completions('quarantine', 're')).toEqual(expect.arrayContaining(['replay', 'remove']));
  expect(await completions('send', 'tenc')).toContain('tencent');
  const { code, stdout } = await runSpawnedTool(['completion', 'bash']);
  expect([code, stdout]).toEqual([0, expect.stringContaining('rtc-callbacks')]);
});

test('send --curl prints a command that sends the signed callback', async () => {
  const recordId = `it's ${randomUUID()}`;
  const options = ['send', 'rongcloud-recording', 'upload', '--set', `recordId=${recordId}`, '--curl'];
  const { code, stdout } = await runTool(onStack(...options));
  expect(code).toBe(0);
  const answer = execFileSync('sh', ['-c', stdout.replace('curl -i', 'curl -s')], { encoding: 'utf8' });
  expect(answer).toBe('{"code":0}');
  await readWhen(`/tasks/rongcloud/${recording.appId}/${encodeURIComponent(recordId)}`, ({ status }) =>
    expect(status).toBe(200),
  );
});
