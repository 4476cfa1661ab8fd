import { forEachConcurrently } from '../../../lib/platform/concurrency.ts';
import type { SampleSource } from '../../../lib/vendors/common/sample.ts';
import { itemName, readEnvelope } from './envelope.ts';
import type { Invoke } from './function.ts';
import { type IngestCase, ingestCase, VENDOR_FUZZ } from './ingest-case.ts';
import { drainQueue, type StoredMessage } from './queue.ts';
import { countAnswer, fail, type Report } from './report.ts';
import type { Run, World } from './run.ts';
import { LIVE_KEYS } from './secrets.ts';
import { drainTable, type StoredItem } from './table.ts';

const CONCURRENT_REQUESTS = 16;

const LONGEST_ANSWER_BYTES = 2_000;

/** What a function answered, or that it threw. */
type Answer = { status: number; body: string } | { thrown: string };

/** Sends requests to the function of a callback source and looks into the queue and the table after them. */
export function ingestRun(world: World, source: SampleSource): Run {
  const invoke = world.load(source.name);
  const secrets = LIVE_KEYS[source.vendor].map(({ secret }) => secret);
  const send: Run['send'] = async (indexes, report) => {
    const cases = indexes.map((index) => ingestCase(world.seed, source, index));
    const answers = new Map<IngestCase, Answer>();
    await forEachConcurrently(cases, CONCURRENT_REQUESTS, async (request) => {
      answers.set(request, await answerOf(invoke, request));
    });
    const messages = await drainQueue(world.engines.sqs, world.queueName('CallbackQueue'));
    const items = new Map(
      (await drainTable(world.engines.dynamodb, world.tableName)).map((item) => [itemName(item), item]),
    );
    const owned = Map.groupBy(messages, ({ body }) => receivedAtOf(body));
    const lines = Map.groupBy(world.takeLines(), (line) => JSON.parse(line).requestId as string);
    for (const request of cases) {
      const own = owned.get(request.receivedAt) ?? [];
      owned.delete(request.receivedAt);
      const problems = [
        ...answerProblems(request, answers.get(request) as Answer),
        ...messageProblems(request, own, items, source, answers.get(request) as Answer),
        ...logProblems(lines.get(requestIdOf(request)) ?? [], secrets),
      ];
      tally(report, request, answers.get(request) as Answer, own.length);
      if (problems.length > 0) fail(report, problems.join('; '), request.index, request.event);
    }
    for (const name of items.keys())
      fail(report, `left the item ${name} that no message of this chunk is of`);
    for (const [receivedAt, { length }] of owned) {
      fail(report, `${length} messages of no request of this chunk, received at ${receivedAt}`);
    }
  };
  const clear = async () => {
    await drainQueue(world.engines.sqs, world.queueName('CallbackQueue'));
    await drainTable(world.engines.dynamodb, world.tableName);
    world.takeLines();
  };
  return { send, clear };
}

async function answerOf(invoke: Invoke, request: IngestCase): Promise<Answer> {
  try {
    const { statusCode, body } = (await invoke(request.event, requestIdOf(request))) as {
      statusCode: number;
      body: string;
    };
    return { status: statusCode, body };
  } catch (error) {
    return { thrown: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function requestIdOf({ index }: IngestCase): string {
  return `request-${index}`;
}

function receivedAtOf(message: string): number {
  return JSON.parse(message).receivedAt;
}

/** What is wrong with an answer. */
function answerProblems({ statuses, expected }: IngestCase, answer: Answer): string[] {
  if ('thrown' in answer) return [`threw ${answer.thrown}`];
  const { status, body } = answer;
  if (!statuses.includes(status)) {
    return [`answered ${status} ${body}, expected ${statuses.join(' or ')} (${expected.outcome})`];
  }
  const isRight = status === 200 ? body === '{"code":0}' : isRefusal(status, body);
  return isRight && body.length < LONGEST_ANSWER_BYTES ? [] : [`answered ${status} with ${body}`];
}

function isRefusal(status: number, text: string): boolean {
  const { code, reason, ...others } = JSON.parse(text);
  return code === status && /^[a-z_]+$/.test(reason) && Object.keys(others).length === 0;
}

/** What is wrong with the messages that a request left in the queue. */
function messageProblems(
  request: IngestCase,
  messages: readonly StoredMessage[],
  items: Map<string, StoredItem>,
  source: SampleSource,
  answer: Answer,
): string[] {
  const { expected } = request;
  const isAccepted = 'status' in answer && answer.status === 200;
  const wanted = expected.outcome === 'either' ? Number(isAccepted) : Number(expected.outcome === 'stored');
  const problems =
    messages.length === wanted ? [] : [`wrote ${messages.length} messages, expected ${wanted}`];
  for (const { body } of messages) {
    try {
      problems.push(...envelopeProblems(body, items, request, source));
    } catch (error) {
      problems.push(`wrote what is no envelope: ${(error as Error).message}`);
    }
  }
  return problems;
}

/** A message holds the bytes of its request, and a live secret of its app signed what it says. */
function envelopeProblems(
  message: string,
  items: Map<string, StoredItem>,
  { body, expected }: IngestCase,
  source: SampleSource,
): string[] {
  const envelope = readEnvelope(message, items);
  const keys = LIVE_KEYS[source.vendor].filter(({ appId }) => appId === envelope.appId);
  const isSigned = keys.some(({ secret }) => VENDOR_FUZZ[source.vendor].isSigned(envelope, secret));
  return [
    ...(envelope.body.equals(body) ? [] : ['wrote other bytes than it got']),
    ...(envelope.source === source.name ? [] : [`wrote as source ${envelope.source}`]),
    ...(isSigned ? [] : [`wrote what no secret of app ${envelope.appId} signed`]),
    ...(expected.outcome !== 'stored' || envelope.appId === expected.appId
      ? []
      : [`wrote as app ${envelope.appId}, signed by ${expected.appId}`]),
  ];
}

function logProblems(lines: readonly string[], secrets: readonly string[]): string[] {
  return [
    ...(lines.length === 1 ? [] : [`logged ${lines.length} lines`]),
    ...(lines.some((line) => secrets.some((secret) => line.includes(secret))) ? ['logged a secret'] : []),
  ];
}

function tally(report: Report, { expected }: IngestCase, answer: Answer, written: number): void {
  report.requests += 1;
  if (expected.outcome === 'stored') report.verified += 1;
  else if (expected.outcome === 'refused') report.unverified += 1;
  else report.either += 1;
  report.written += written;
  if (expected.outcome === 'refused') report.unverifiedWrites += written;
  countAnswer(report, 'status' in answer ? answer.status : 'thrown');
  if ('thrown' in answer || answer.status >= 500) report.serverErrors += 1;
}
