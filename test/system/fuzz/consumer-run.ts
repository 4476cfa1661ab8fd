import { forEachConcurrently } from '../../../lib/platform/concurrency.ts';
import { SAMPLE_SOURCES } from '../../../lib/vendors/samples.ts';
import { type ConsumerCase, consumerCase, waitsForBody } from './consumer-case.ts';
import type { Invoke } from './function.ts';
import { drainQueue, type StoredMessage } from './queue.ts';
import { countAnswer, fail, type Report } from './report.ts';
import type { Run, World } from './run.ts';

const CONCURRENT_REQUESTS = 16;
const CONCURRENT_BATCHES = 3;

/** One in so many callbacks that were applied is looked up by the read API. */
const LOOKED_UP = 20;

const DONE = ['applied', 'duplicate', 'event', 'quarantined'];

/** A message on its way to the consumer. */
interface Delivered {
  messageCase: ConsumerCase;
  messageId: string;
  body: string;
}

/** The log line of a message that is done. */
export interface Consumed {
  messageId: string;
  source?: string;
  appId?: string;
  verdict: string;
  reason?: string;
  taskId?: string;
  roomId?: string;
}

/**
 * Writes messages with the functions that receive callbacks, changes some, and hands them to the consumer in batches.
 * `onConsumed` gets the lines of genuine callbacks.
 */
export function consumerRun(world: World, onConsumed: (line: Consumed) => void = () => {}): Run {
  const writeMessages = messageWriter(world);
  const consumer = world.load('consumer');
  const query = world.load('query');
  const send: Run['send'] = async (indexes, report) => {
    const cases = indexes.map((index) => consumerCase(world.seed, index));
    const written = await writeMessages(cases);
    const delivered = cases.flatMap((messageCase): Delivered[] => {
      const { base, index, messageOf } = messageCase;
      const message = written.get(keyOf(base.source.name, base.request.receivedAt));
      if (message !== undefined) {
        return [{ messageCase, messageId: `message-${index}`, body: messageOf(message) }];
      }
      report.requests += 1;
      report.either += 1;
      countAnswer(report, 'not stored');
      if (base.request.expected.outcome === 'stored') fail(report, 'its request was not stored', index);
      return [];
    });
    const failed = await deliver(consumer, delivered, report);
    const quarantined = await drainQueue(world.engines.sqs, world.queueName('QuarantineQueue'));
    const lines = consumedLines(world.takeLines());
    for (const message of delivered)
      check(message, lines.get(message.messageId) ?? [], failed, quarantined, report);
    if (quarantined.length > 0)
      fail(report, `${quarantined.length} messages were quarantined that nothing was said of`);
    await lookUp(query, delivered, lines, report);
    for (const { messageCase, messageId } of delivered) {
      const [line] = lines.get(messageId) ?? [];
      if (messageCase.isGenuine && line !== undefined) onConsumed(line);
    }
  };
  const clear = async () => {
    await drainQueue(world.engines.sqs, world.queueName('CallbackQueue'));
    await drainQueue(world.engines.sqs, world.queueName('QuarantineQueue'));
    world.takeLines();
  };
  return { send, clear };
}

/** Sends the requests behind the messages; returns what was written, by source and time of reception. */
function messageWriter(world: World): (cases: readonly ConsumerCase[]) => Promise<Map<string, string>> {
  const invokes = new Map(SAMPLE_SOURCES.map(({ name }) => [name, world.load(name)]));
  return async (cases) => {
    const bases = new Map(cases.map(({ base }) => [keyOf(base.source.name, base.request.receivedAt), base]));
    await forEachConcurrently([...bases.values()], CONCURRENT_REQUESTS, async ({ source, request }) => {
      await (invokes.get(source.name) as Invoke)(request.event, 'write');
    });
    const messages = await drainQueue(world.engines.sqs, world.queueName('CallbackQueue'));
    world.takeLines();
    return new Map(
      messages.map(({ body }) => {
        const { source, receivedAt } = JSON.parse(body);
        return [keyOf(source, receivedAt), body];
      }),
    );
  };
}

function keyOf(source: string, receivedAt: number): string {
  return `${source} ${receivedAt}`;
}

/** Hands the messages over in batches; returns the ids of those that were reported as failed. */
async function deliver(
  consumer: Invoke,
  delivered: readonly Delivered[],
  report: Report,
): Promise<Set<string>> {
  const batches: Delivered[][] = [];
  for (let from = 0; from < delivered.length; ) {
    const size = delivered[from]?.messageCase.batchSize ?? 1;
    batches.push(delivered.slice(from, from + size));
    from += size;
  }
  const failed = new Set<string>();
  await forEachConcurrently(batches, CONCURRENT_BATCHES, async (batch) => {
    const first = batch[0]?.messageCase.index;
    const Records = batch.map(recordOf);
    try {
      const answer = (await consumer({ Records }, `batch-${first}`)) as {
        batchItemFailures: { itemIdentifier: string }[];
      };
      for (const { itemIdentifier } of answer.batchItemFailures) {
        if (batch.some(({ messageId }) => messageId === itemIdentifier)) failed.add(itemIdentifier);
        else fail(report, `reported ${itemIdentifier}, which was not in the batch`, first);
      }
    } catch (error) {
      report.serverErrors += 1;
      fail(report, `the batch threw ${(error as Error).stack}`, first);
    }
  });
  return failed;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
function recordOf({ messageId, body }: Delivered): object {
  return {
    messageId,
    receiptHandle: 'handle',
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'x',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:callbacks',
    awsRegion: 'us-east-1',
  };
}

function consumedLines(lines: readonly string[]): Map<string, Consumed[]> {
  const parsed = lines.map((line) => JSON.parse(line)).filter(({ message }) => message === 'consumed');
  return Map.groupBy(parsed as Consumed[], ({ messageId }) => messageId);
}

/** Counts what became of a message, and notes what is wrong with it. */
function check(
  message: Delivered,
  lines: readonly Consumed[],
  failed: ReadonlySet<string>,
  quarantined: StoredMessage[],
  report: Report,
): void {
  const { messageCase, messageId, body } = message;
  report.requests += 1;
  if (messageCase.isGenuine) report.verified += 1;
  else report.unverified += 1;
  const isFailed = failed.has(messageId);
  if (isFailed && waitsForBody(messageCase, body)) {
    countAnswer(report, 'waits for its body');
    return;
  }
  countAnswer(report, isFailed ? 'failed' : (lines[0]?.verdict ?? 'nothing'));
  if (isFailed) report.serverErrors += 1;
  if (lines[0]?.verdict === 'quarantined') report.written += 1;
  const problems = isFailed
    ? ['was reported as failed by a healthy store']
    : problemsOf(message, lines, quarantined);
  if (problems.length > 0) fail(report, problems.join('; '), messageCase.index, { body });
}

/** A message is done, and in the quarantine queue, unchanged and with its reason, where that is what was said. */
function problemsOf(
  { messageCase, body }: Delivered,
  lines: readonly Consumed[],
  quarantined: StoredMessage[],
): string[] {
  const [line] = lines;
  if (line === undefined || lines.length > 1 || !DONE.includes(line.verdict)) {
    return [`ended as ${JSON.stringify(lines)}`];
  }
  if (line.verdict !== 'quarantined') return [];
  const isIt = (message: StoredMessage) =>
    message.body === body && message.messageAttributes.reason?.StringValue === line.reason;
  const at = quarantined.findIndex(isIt);
  if (at >= 0) quarantined.splice(at, 1);
  return [
    ...(at < 0 ? [`is not in quarantine for ${line.reason}`] : []),
    ...(messageCase.isApplicable ? [`a sample as it is was quarantined: ${line.reason}`] : []),
  ];
}

/** What was applied can be read. */
async function lookUp(
  query: Invoke,
  delivered: readonly Delivered[],
  lines: ReadonlyMap<string, Consumed[]>,
  report: Report,
): Promise<void> {
  for (const { messageCase, messageId } of delivered) {
    const { index, isApplicable, base } = messageCase;
    if (!isApplicable || index % LOOKED_UP !== 0) continue;
    const [line] = lines.get(messageId) ?? [];
    const id = line?.taskId ?? line?.roomId ?? '';
    // The log cuts long ids short: what they were cannot be asked for.
    if (id.endsWith('…')) continue;
    const appId = base.request.expected.outcome === 'stored' ? base.request.expected.appId : '';
    const [list, name] =
      line?.taskId === undefined ? (['rooms', 'roomId'] as const) : (['tasks', 'taskId'] as const);
    const event = {
      routeKey: `GET /${list}/{vendor}/{appId}/{${name}+}`,
      pathParameters: { vendor: base.source.vendor, appId, [name]: id },
      queryStringParameters: { limit: '1' },
    };
    const { statusCode } = (await query(event, 'look-up')) as { statusCode: number };
    if (statusCode !== 200)
      fail(report, `${line?.verdict} ${id}, but the read API answers ${statusCode}`, index);
  }
}
