import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListQueuesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Random, seededRandom } from '../../../demo/random.ts';
import type { Json } from '../../../lib/platform/json.ts';
import { decodeEnvelope } from '../../../lib/queue/envelope.ts';
import type { SampleSource, SignedCallback } from '../../../lib/vendors/common/sample.ts';
import { SAMPLE_SOURCES } from '../../../lib/vendors/samples.ts';
import { type ChildStack, startChildStack } from '../../../stack/child-stack.ts';
import { callbacksDrained } from '../../../stack/queue-depth.ts';
import { sampleSecrets } from '../../../stack/samples/secrets.ts';
import { type Flaw, signedSample } from '../../../stack/samples/signed-sample.ts';
import { PATIENCE_MS } from '../../support/suite.ts';
import { itemsOf } from '../../support/table-items.ts';

const CONCURRENT_SENDERS = 12;

/** How many callbacks the stack acknowledges, at least and at most, before it is killed. */
const FEWEST_ANSWERS = 20;
const MOST_ANSWERS = 200;

/** What is sent: a kind of callback, and where its body names its task. */
const KINDS: readonly { source: string; event: string; idPath: string; flaw?: Flaw }[] = [
  { source: 'rongcloud-recording', event: 'upload', idPath: 'recordId' },
  { source: 'rongcloud-screenshot', event: 'start', idPath: 'imageId' },
  { source: 'tencent', event: 'recording-start', idPath: 'EventInfo.TaskId' },
  { source: 'zego', event: 'snapshot', idPath: 'task_id' },
  { source: 'rongcloud-recording', event: 'end', idPath: 'recordId', flaw: 'stale' },
];

/** What came of it. */
export interface KillReport {
  callbacks: number;
  requests: number;
  acknowledged: number;
  kills: number;
  quarantined: number;
  /** Acknowledged callbacks that are neither in the history nor in quarantine. */
  lost: string[];
  /** Callbacks with more than one event. */
  doubled: string[];
}

/** A callback with an id of its own, and whether it was answered with 200. */
interface Sent {
  id: string;
  source: SampleSource;
  callback: SignedCallback;
  isAcknowledged: boolean;
}

/**
 * Kills the local stack so many times while callbacks are sent to it, and starts it again on the same data. Those
 * without an answer are sent again, as vendors do. The seed chooses the callbacks and the moments.
 */
export async function runKills(
  kills: number,
  seed: number,
  log: (line: string) => void,
): Promise<KillReport> {
  const random = seededRandom(seed);
  const directory = await mkdtemp(join(tmpdir(), 'rtc-callbacks-kill-'));
  const sender = createSender(random);
  let port = 0;
  const start = (round: number) =>
    startChildStack(directory, join(directory, `functions-${round}.log`), { port });
  try {
    for (let round = 1; round <= kills; round++) {
      const stack = await start(round);
      const answers = FEWEST_ANSWERS + Math.floor(random() * (MOST_ANSWERS - FEWEST_ANSWERS));
      await sender.sendUntilGone(stack, answers, () => stack.stop('SIGKILL'));
      log(`kill ${round} of ${kills}: ${sender.sent.length} callbacks sent`);
      // Every other time it comes back where it was.
      port = round % 2 === 0 ? 0 : Number(new URL(stack.url).port);
    }
    const stack = await start(kills + 1);
    try {
      await sender.sendRest(stack);
      await callbacksDrained(stack.url, PATIENCE_MS);
      return { kills, ...(await judge(stack, sender.sent)), requests: sender.requests };
    } finally {
      await stack.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function createSender(random: Random) {
  const secrets = sampleSecrets();
  const sent: Sent[] = [];
  let unanswered: Sent[] = [];
  let acknowledged = 0;

  function next(): Sent {
    const again = unanswered.pop();
    if (again !== undefined) return again;
    const kind = KINDS[Math.floor(random() * KINDS.length)] as (typeof KINDS)[number];
    const source = SAMPLE_SOURCES.find(({ name }) => name === kind.source) as SampleSource;
    const id = `killed-${sent.length}-`;
    const sample = signedSample(source, kind.event, secrets, {
      now: Date.now(),
      nonce: String(Math.floor(random() * 1e15)),
      set: new Map<string, Json>([[kind.idPath, id]]),
      flaw: kind.flaw,
    });
    if (!sample.ok) throw new Error(sample.reason);
    const one = { id, source, callback: sample.callback, isAcknowledged: false };
    sent.push(one);
    return one;
  }

  /** Whether the stack is still there. */
  async function send(url: string, one: Sent): Promise<boolean> {
    sender.requests += 1;
    try {
      const { headers, body } = one.callback;
      const response = await fetch(url + one.source.path, { method: 'POST', headers, body });
      one.isAcknowledged = response.status === 200;
      if (one.isAcknowledged) acknowledged += 1;
      await response.text();
      return true;
    } catch {
      return false;
    } finally {
      if (!one.isAcknowledged) unanswered.push(one);
    }
  }

  const sender = {
    sent,
    requests: 0,
    /** Sends until nobody answers, and calls `enough` in the midst of it, after so many acknowledgements. */
    async sendUntilGone({ url }: ChildStack, answers: number, enough: () => Promise<void>): Promise<void> {
      const before = acknowledged;
      let isEnough = false;
      const work = async () => {
        while (await send(url, next())) {
          if (isEnough || acknowledged - before < answers) continue;
          isEnough = true;
          void enough();
        }
      };
      await Promise.all(Array.from({ length: CONCURRENT_SENDERS }, work));
    },
    async sendRest({ url }: ChildStack): Promise<void> {
      const rest = unanswered;
      unanswered = [];
      for (const one of rest) await send(url, one);
    },
  };
  return sender;
}

/** Looks for each callback in the table and in the quarantine queue. */
async function judge(
  { url }: ChildStack,
  sent: readonly Sent[],
): Promise<Pick<KillReport, 'callbacks' | 'acknowledged' | 'quarantined' | 'lost' | 'doubled'>> {
  const settings = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const dynamodb = new DynamoDBClient({ ...settings, endpoint: `${url}/aws/dynamodb` });
  const sqs = new SQSClient({ ...settings, endpoint: `${url}/aws/sqs` });
  const { TableNames = [] } = await dynamodb.send(new ListTablesCommand({}));
  const events = new Map<string, number>();
  for (const key of (await itemsOf(dynamodb, TableNames[0] ?? '')).keys()) {
    const id = /(killed-\d+-) event#/.exec(key)?.[1];
    if (id !== undefined) events.set(id, (events.get(id) ?? 0) + 1);
  }
  const quarantined = await quarantinedIds(sqs);
  const acknowledged = sent.filter(({ isAcknowledged }) => isAcknowledged);
  const isKept = ({ id }: Sent) => events.has(id) || quarantined.has(id);
  dynamodb.destroy();
  sqs.destroy();
  return {
    callbacks: sent.length,
    acknowledged: acknowledged.length,
    quarantined: quarantined.size,
    lost: acknowledged.filter((one) => !isKept(one)).map(({ id }) => id),
    doubled: [...events].filter(([, count]) => count > 1).map(([id]) => id),
  };
}

async function quarantinedIds(sqs: SQSClient): Promise<Set<string>> {
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  const QueueUrl = QueueUrls.find((url) => url.endsWith('-quarantine'));
  const ids = new Set<string>();
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return ids;
    for (const { Body = '' } of Messages) {
      const id = /killed-\d+-/.exec(decodeEnvelope(Body)?.body.toString('utf8') ?? '')?.[0];
      if (id !== undefined) ids.add(id);
    }
  }
}
