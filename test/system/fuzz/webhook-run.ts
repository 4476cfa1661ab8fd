import { Webhook } from 'standardwebhooks';
import type { Invoke } from './function.ts';
import { mutatedBytes } from './mutate-bytes.ts';
import { anyText, oddValue } from './odd-values.ts';
import { Random } from './random.ts';
import { countAnswer, fail, type Report } from './report.ts';
import type { Run, World } from './run.ts';
import { WEBHOOK_SECRET } from './secrets.ts';
import { type ServiceAnswer, type ServiceRequest, startService } from './service.ts';

const LARGEST_BATCH = 10;

/** What a header can carry. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** A queued change event, and what its receiver answers. */
interface DeliveryCase {
  index: number;
  body: string;
  /** Whether it is such an event as the service publishes. */
  isGenuine: boolean;
  id: string | undefined;
  answer: ServiceAnswer;
  attempt: number;
}

/** Posts events to a receiver that checks them with a library of Standard Webhooks and answers as it likes. */
export async function webhookRun(world: World): Promise<Run> {
  let received: ServiceRequest[] = [];
  let answers = new Map<string, ServiceAnswer>();
  const receiver = await startService((request) => {
    received.push(request);
    return answers.get(request.body.toString('utf8')) ?? { status: 500 };
  });
  process.env.WEBHOOK_URL = `${receiver}/hook`;
  const invoke = world.load('webhook');
  const send: Run['send'] = async (indexes, report) => {
    const cases = indexes.map((index) => deliveryCase(world.seed, index));
    for (let from = 0; from < cases.length; ) {
      const size = 1 + new Random(world.seed, `webhook batch ${cases[from]?.index}`).below(LARGEST_BATCH);
      const batch = cases.slice(from, from + size);
      from += size;
      received = [];
      answers = new Map(batch.map(({ body, answer }) => [body, answer]));
      await deliver(invoke, batch, report, () => received, world.takeLines);
    }
  };
  return { send, clear: async () => void world.takeLines() };
}

async function deliver(
  invoke: Invoke,
  batch: readonly DeliveryCase[],
  report: Report,
  taken: () => readonly ServiceRequest[],
  takeLines: World['takeLines'],
): Promise<void> {
  let failed: string[];
  try {
    const { batchItemFailures } = (await invoke({ Records: batch.map(recordOf) }, 'batch')) as {
      batchItemFailures: { itemIdentifier: string }[];
    };
    failed = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  } catch (error) {
    report.serverErrors += 1;
    return fail(report, `the batch threw ${(error as Error).stack}`, batch[0]?.index);
  }
  const lines = takeLines();
  if (lines.some((line) => line.includes(WEBHOOK_SECRET.slice(6))))
    fail(report, 'logged a secret', batch[0]?.index);
  const others = taken().filter(({ path }) => path !== '/hook');
  if (others.length > 0) fail(report, `followed a redirect to ${others[0]?.path}`, batch[0]?.index);
  for (const delivery of batch) {
    const own = taken().filter(({ body }) => body.equals(Buffer.from(delivery.body)));
    report.requests += 1;
    if (delivery.isGenuine) report.verified += 1;
    else report.unverified += 1;
    const isFailed = failed.includes(messageIdOf(delivery));
    countAnswer(report, isFailed ? 'comes again' : 'delivered');
    report.written += own.length;
    const problems = problemsOf(delivery, own, isFailed, lines);
    if (problems.length > 0) fail(report, problems.join('; '), delivery.index, delivery);
  }
}

function problemsOf(
  delivery: DeliveryCase,
  own: readonly ServiceRequest[],
  isFailed: boolean,
  lines: readonly string[],
): string[] {
  const { answer, id, isGenuine } = delivery;
  const isTaken = answer !== 'hang up' && answer.status >= 200 && answer.status < 300;
  const canBeSent = id === undefined || HEADER_VALUE.test(id);
  const logged = lines
    .map((line) => JSON.parse(line))
    .filter(({ messageId }) => messageId === messageIdOf(delivery));
  return [
    ...(own.length === 1 || (own.length === 0 && !canBeSent) ? [] : [`was posted ${own.length} times`]),
    ...(isFailed === !(isTaken && own.length > 0) ? [] : [`is ${isFailed ? '' : 'not '}to come again`]),
    ...(isGenuine && !canBeSent ? ['has an id that no header carries'] : []),
    ...(logged.length === 1 && logged[0].verdict === (isFailed ? 'retry' : 'delivered')
      ? []
      : [`logged ${JSON.stringify(logged)}`]),
    ...own.flatMap(({ headers, body }) => signatureProblems(delivery, headers, body)),
  ];
}

function signatureProblems(
  delivery: DeliveryCase,
  headers: ServiceRequest['headers'],
  body: Buffer,
): string[] {
  if (!delivery.isGenuine) return [];
  try {
    new Webhook(WEBHOOK_SECRET).verify(body, headers as Record<string, string>);
  } catch (error) {
    return [`does not verify: ${(error as Error).message}`];
  }
  return headers['webhook-id'] === delivery.id ? [] : [`was sent with the id ${headers['webhook-id']}`];
}

function deliveryCase(seed: number, index: number): DeliveryCase {
  const random = new Random(seed, `webhook ${index}`);
  const isGenuine = random.chance(0.6);
  const id = random.bytes(16).toString('hex');
  const event = { specversion: '1.0', id, type: 'rtc.file.uploaded', index, data: { name: anyText(random) } };
  const text = JSON.stringify(event);
  const body = isGenuine
    ? text
    : random.pick([
        () => JSON.stringify({ ...event, id: random.chance(0.5) ? anyText(random) : oddValue(random) }),
        () => mutatedBytes(random, Buffer.from(text)).toString('utf8'),
        () => `${index} ${anyText(random).toWellFormed()}`,
      ])();
  const answer = random.weighted<ServiceAnswer>([
    [12, { status: random.pick([200, 201, 202, 204]) }],
    [2, { status: random.pick([301, 302, 307, 308]), headers: { location: '/elsewhere' } }],
    [3, { status: random.pick([400, 401, 404, 410, 429, 500, 502, 503]), body: 'no' }],
    [1, 'hang up'],
  ]);
  return {
    index,
    body: body.toWellFormed(),
    isGenuine,
    id: idOf(body),
    answer,
    attempt: 1 + random.below(20),
  };
}

/** The id that the body gives as a text; digits and the message's own id, which stands in for all else, can be sent. */
function idOf(body: string): string | undefined {
  try {
    const { id } = JSON.parse(body.toWellFormed());
    return typeof id === 'string' && id !== '' ? id.toWellFormed() : undefined;
  } catch {
    return undefined;
  }
}

function messageIdOf({ index }: DeliveryCase): string {
  return `message-${index}`;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
function recordOf(delivery: DeliveryCase): object {
  const attributes = { ApproximateReceiveCount: String(delivery.attempt) };
  return { messageId: messageIdOf(delivery), receiptHandle: 'handle', body: delivery.body, attributes };
}
