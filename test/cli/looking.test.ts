import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { encodeEnvelope, unverifiedEnvelopeOf } from '../../lib/queue/envelope.ts';
import { type DeployedStage, startDeployedStage } from '../support/deployed-stage.ts';
import { requestOf, unverifiedMessage, verifiedMessage } from '../support/messages.ts';
import { runTool, runToolForJson, runToolOnTerminal, spawnTool } from '../support/tool.ts';

/** What was looked at is visible again after a second. */
const POLL = { interval: 500 };

/** Clears a screen, names a window, turns the writing direction: what a forger would put into a name. */
const HOSTILE = '\u001b[2J\u001b]0;owned\u0007\u009b31m\u202etxt.exe\r\n';

const ESCAPE = '\u001b';

let stage: DeployedStage;

beforeAll(async () => {
  stage = await startDeployedStage();
});

beforeEach(() => stage.reset());

afterAll(() => stage.close());

const onStage = (...args: string[]): string[] => [...args, '--stage', stage.name];

interface Listing {
  messages: { messageId: string; reason?: string; source?: string; appId?: string; refusal?: string }[];
}

test('list says what each message is, and leaves all of them where they are', async () => {
  const bodies = [verifiedMessage('zego'), unverifiedMessage('tencent'), 'not ours'];
  const ids: string[] = [];
  for (const [index, reason] of ['stale', 'unverified', 'unreadable_envelope'].entries()) {
    ids.push(await stage.send('quarantine', bodies[index] ?? '', reason));
  }
  const { messages } = await runToolForJson<Listing>(onStage('quarantine', 'list'), stage.environment);
  expect(messages).toHaveLength(3);
  expect(messages).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ messageId: ids[0], reason: 'stale', source: 'zego', appId: '12345' }),
      expect.objectContaining({ messageId: ids[1], reason: 'unverified', refusal: 'wrong_signature' }),
      expect.objectContaining({ messageId: ids[2], reason: 'unreadable_envelope' }),
    ]),
  );
  expect((await stage.messages('quarantine')).toSorted()).toEqual(bodies.toSorted());
  const again = async () =>
    (await runToolForJson<Listing>(onStage('quarantine', 'list'), stage.environment)).messages.length;
  await expect.poll(again, POLL).toBe(3);
});

test('list names app, task, room and age, and filters by them', async () => {
  const of = (taskId: string, roomId: string) => ({ recordId: taskId, roomId });
  await stage.send('quarantine', verifiedMessage('rongcloud-recording', of('task-1', 'room-1')), 'stale');
  await stage.send(
    'quarantine',
    unverifiedMessage('rongcloud-recording', of('task-2', 'room-2')),
    'unverified',
  );
  const list = async (...args: string[]) => {
    const { stdout } = await runTool(onStage('quarantine', 'list', ...args), stage.environment);
    return stdout.split('\n').slice(2, -1);
  };
  const rows = (...patterns: RegExp[]) => patterns.map((pattern) => expect.stringMatching(pattern));
  const first = /stale +rongcloud-recording +\S+ +task-1 +room-1 +1 d$/;
  const second = /unverified: wrong_signature +rongcloud-recording +\S+ \(unverified\) +task-2 +room-2 +1 d$/;
  await expect.poll(() => list('--task', 'task-1'), POLL).toEqual(rows(first));
  await expect.poll(() => list('--room', 'room-2'), POLL).toEqual(rows(second));
  await expect.poll(() => list('--app', 'e0x9wycfx7flq'), POLL).toHaveLength(2);
  await expect.poll(() => list('--app', 'e0x9wycfx7flq', '--reason', 'stale'), POLL).toEqual(rows(first));
});

test('every message is listed once, however many there are', async () => {
  const sent: string[] = [];
  for (let index = 0; index < 57; index += 1) {
    sent.push(await stage.send('dead-letter', verifiedMessage('tencent', { index })));
  }
  const { messages } = await runToolForJson<Listing>(onStage('dlq', 'list'), stage.environment);
  expect(messages.map(({ messageId }) => messageId).toSorted()).toEqual(sent.toSorted());
});

test('show gives the callback without its credentials', async () => {
  const body = { url: 'https://example.com/x.mp4?sign=SECRET1', token: 'SECRET2', recordId: 'shown' };
  const request = requestOf('rongcloud-recording', body);
  const withQuery = { ...request, query: { signature: 'SECRET3', appKey: 'key' }, pathSegment: 'SECRET4' };
  const id = await stage.send(
    'quarantine',
    encodeEnvelope(unverifiedEnvelopeOf('rongcloud-recording', withQuery, 'wrong_signature')),
    'unverified',
  );
  const { code, stdout } = await runTool(onStage('quarantine', 'show', id), stage.environment);
  expect(code).toBe(0);
  for (const shown of [
    'wrong_signature',
    '"recordId": "shown"',
    'https://example.com/x.mp4',
    '203.0.113.7',
  ]) {
    expect(stdout).toContain(shown);
  }
  const { 'rc-signature': signature = 'none', 'rc-nonce': nonce = 'none' } = request.headers;
  for (const hidden of ['SECRET', signature, nonce]) expect(stdout).not.toContain(hidden);
});

test('a message that is not there is code 3', async () => {
  const { code, stdout, stderr } = await runTool(onStage('dlq', 'show', 'no-such-id'), stage.environment);
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toContain('no message no-such-id');
});

test('what a forger puts into a callback never reaches the terminal as it is', async () => {
  const request = requestOf('tencent', { 'EventInfo.RoomId': HOSTILE });
  const hostile = {
    ...request,
    body: Buffer.concat([request.body, Buffer.from(HOSTILE)]),
    sourceIp: HOSTILE,
  };
  const message = encodeEnvelope(unverifiedEnvelopeOf(`tencent${HOSTILE}`, hostile, 'wrong_signature'));
  const id = await stage.send('quarantine', message, 'unverified');
  for (const args of [
    ['list'],
    ['list', '--json'],
    ['show', id],
    ['show', id, '--json'],
    ['replay', id],
    ['remove', id, '--dry-run'],
  ]) {
    let output = '';
    const run = async () => {
      const { stdout, stderr } = await runTool(onStage('quarantine', ...args), stage.environment);
      output = stdout + stderr;
      return output;
    };
    await expect.poll(run, POLL).toContain('owned');
    expect(output.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
  }
});

test('colours are for terminals only', async () => {
  await stage.send('quarantine', verifiedMessage('zego'), 'stale');
  const args = onStage('quarantine', 'replay', '--all', '--dry-run');
  const piped = await runTool(args, stage.environment);
  expect(piped.stdout).toContain('would be replayed');
  expect(piped.stdout + piped.stderr).not.toContain(ESCAPE);
  const shown = (environment: Record<string, string>) => async () =>
    (await runToolOnTerminal(args, { ...stage.environment, ...environment })).output;
  await expect.poll(shown({}), POLL).toContain(`${ESCAPE}[33mwould be replayed${ESCAPE}[39m`);
  await expect.poll(shown({ NO_COLOR: '1' }), POLL).toMatch(/[^m]would be replayed/);
});

test('remove asks on a terminal, and only a yes counts', async () => {
  const body = verifiedMessage('zego');
  const id = await stage.send('quarantine', body, 'nonce_reused');
  const args = onStage('quarantine', 'remove', id);
  const nobody = await runTool(args, stage.environment);
  expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringContaining('--yes')]);

  const answer = async (key: string) => {
    let isAsked = false;
    return runToolOnTerminal(args, stage.environment, (output) => {
      if (isAsked || !output.includes('[y/N]')) return undefined;
      isAsked = true;
      return `${key}\r`;
    });
  };
  await expect.poll(async () => (await answer('')).output, POLL).toContain('1 stays');
  expect(await stage.messages('quarantine')).toEqual([body]);
  await expect.poll(async () => (await answer('y')).output, POLL).toContain('removed');
  expect(await stage.messages('quarantine')).toEqual([]);
});

test('remove --yes takes out what is chosen and nothing else', async () => {
  const kept = verifiedMessage('zego');
  await stage.send('dead-letter', kept);
  await stage.send('dead-letter', verifiedMessage('tencent'));
  const run = await runTool(onStage('dlq', 'remove', '--source', 'tencent', '--yes'), stage.environment);
  expect([run.code, run.stdout]).toEqual([0, '1 removed\n']);
  expect(await stage.messages('dead-letter')).toEqual([kept]);
  expect(await stage.messages('callbacks')).toEqual([]);
});

test('Ctrl-C makes the messages visible again', async () => {
  for (let index = 0; index < 25; index += 1) {
    await stage.send('quarantine', verifiedMessage('tencent', { index }), 'stale');
  }
  let received = 0;
  let interrupt = () => {};
  stage.faults.sqs = ({ operation }) => {
    if (operation === 'ReceiveMessage' && ++received === 2) interrupt();
    return undefined;
  };
  const tool = spawnTool(onStage('quarantine', 'list'), stage.environment);
  // Twice, as npx passes on what the terminal has sent to both.
  interrupt = () => {
    tool.interrupt();
    setTimeout(tool.interrupt, 20);
  };
  expect(await tool.ended).toBe(130);
  stage.faults.sqs = () => undefined;
  const listed = async () =>
    (await runToolForJson<Listing>(onStage('quarantine', 'list'), stage.environment)).messages.length;
  await expect.poll(listed, POLL).toBe(25);
});

test('what cannot be reached is code 4 and says how to fix it', async () => {
  const nowhere = await runTool(['quarantine', 'list', '--url', 'http://127.0.0.1:9'], {});
  expect([nowhere.code, nowhere.stdout]).toEqual([4, '']);
  expect(nowhere.stderr).toContain('npm start');
  const other = await runTool(['dlq', 'list', '--stage', 'nowhere'], stage.environment);
  expect([other.code, other.stderr]).toEqual([4, expect.stringMatching(/stage nowhere.*--region/i)]);
  const denied = await runTool(onStage('dlq', 'list'), {
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    HOME: '/nonexistent',
  });
  expect([denied.code, denied.stderr]).toEqual([4, expect.stringContaining('--profile')]);
  for (const run of [nowhere, other, denied]) expect(run.stderr).not.toMatch(/^\s+at /m);
});

test.each([
  [['quarantine', 'replay'], 'Which messages?'],
  [['quarantine', 'replay', 'an-id', '--all'], 'Give either'],
  [['quarantine', 'list', '--limit', 'x'], '--limit'],
  [['quarantine', 'lits'], "unknown command 'lits'"],
  [['dlq', 'list', '--no-such-option'], 'unknown option'],
  [['dlq', 'show'], "missing required argument 'id'"],
  [['list', '--stage', 'no/stage'], ''],
])('%j is wrong usage', async (args, complaint) => {
  const { code, stdout, stderr } = await runTool(args, {});
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(complaint);
});
