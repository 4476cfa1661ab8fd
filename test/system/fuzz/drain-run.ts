import type { Invoke } from './function.ts';
import { anyText } from './odd-values.ts';
import { drainQueue } from './queue.ts';
import { Random } from './random.ts';
import { countAnswer, fail, type Report } from './report.ts';
import type { Run, World } from './run.ts';
import { drainTable, putItem, type StoredItem } from './table.ts';

const PARTITIONS = 16;

/** What no message can hold. */
const NOT_FOR_SQS = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g;

/** A message that waits in the table, as the functions that receive callbacks write it, or damaged. */
interface SpillCase {
  index: number;
  item: StoredItem;
  /** Its message, which nothing else of the run has. */
  message: string;
  isGenuine: boolean;
}

/** Puts spilled messages into the table, some damaged, and looks into the queue and the table after draining them. */
export function drainRun(world: World): Run {
  const drain = world.load('drain');
  const queue = world.queueName('CallbackQueue');
  const send: Run['send'] = async (indexes, report) => {
    const cases = indexes.map((index) => spillCase(world.seed, index));
    for (const { item } of cases) await putItem(world.engines.dynamodb, world.tableName, item);
    const drained = await drainAll(drain, indexes[0], report);
    const queued = (await drainQueue(world.engines.sqs, queue)).map(({ body }) => body);
    const left = await drainTable(world.engines.dynamodb, world.tableName);
    const lines = world.takeLines();
    for (const spill of cases) check(spill, queued, left, lines, report);
    report.written += queued.length;
    if (drained !== cases.length - left.length)
      fail(
        report,
        `answered that it drained ${drained}; ${left.length} of ${cases.length} are left`,
        indexes[0],
      );
  };
  const clear = async () => {
    await drainQueue(world.engines.sqs, queue);
    await drainTable(world.engines.dynamodb, world.tableName);
    world.takeLines();
  };
  return { send, clear };
}

/** Runs until a run moves nothing more; returns how many all of them have moved. */
async function drainAll(drain: Invoke, first: number | undefined, report: Report): Promise<number> {
  for (let total = 0; ; ) {
    try {
      const { drained } = (await drain({}, 'drain')) as { drained: number };
      total += drained;
      if (drained === 0) return total;
    } catch (error) {
      report.serverErrors += 1;
      fail(report, `threw ${(error as Error).stack}`, first);
      return total;
    }
  }
}

function check(
  { index, item, message, isGenuine }: SpillCase,
  queued: readonly string[],
  left: readonly StoredItem[],
  lines: readonly string[],
  report: Report,
): void {
  report.requests += 1;
  if (isGenuine) report.verified += 1;
  else report.unverified += 1;
  const sent = queued.filter((body) => body === message).length;
  const isLeft = left.some(({ pk, sk }) => pk.S === item.pk.S && sk.S === item.sk.S);
  countAnswer(report, isLeft ? 'left' : 'drained');
  const problems = [
    ...(sent + Number(isLeft) === 1
      ? []
      : [`is ${sent} times in the queue and ${isLeft ? '' : 'not '}in the table`]),
    ...(isGenuine && isLeft ? ['was left by a healthy queue'] : []),
    ...(lines.some((line) => line.includes(secretOf(index))) ? ['was logged'] : []),
  ];
  if (problems.length > 0) fail(report, problems.join('; '), index, item);
}

/** A text in the message of a number that no log line may hold. */
function secretOf(index: number): string {
  return `secret-of-${index}-`;
}

function spillCase(seed: number, index: number): SpillCase {
  const random = new Random(seed, `drain ${index}`);
  const text = anyText(random).toWellFormed().replace(NOT_FOR_SQS, '');
  const message = JSON.stringify({ version: 1, body: secretOf(index) + text, index });
  const spillId = `${random.bytes(4).toString('hex')}-${index}`;
  const spilledAt = new Date(1_700_000_000_000 + random.below(1e9)).toISOString();
  const item: StoredItem = {
    pk: { S: `spill#${Number.parseInt(spillId.slice(0, 8), 16) % PARTITIONS}` },
    sk: { S: `${spilledAt}#${spillId}` },
    message: { S: message },
    messageGroup: { S: random.chance(0.7) ? 'e0x9wycfx7flq' : anyText(random) || 'x' },
  };
  const isGenuine = random.chance(0.8);
  if (!isGenuine) random.pick(DAMAGES)(random, item);
  return { index, item, message, isGenuine };
}

const DAMAGES: readonly ((random: Random, item: StoredItem) => unknown)[] = [
  (random, item) => {
    item.sk = {
      S: `${random.pick(['', '#', '9999', '2026-01-15T12:00:00.000Z', '+#'])}${anyText(random).slice(0, 200)}${random.bytes(8).toString('hex')}`,
    };
  },
  (random, item) => {
    item.pk = { S: `spill#${random.below(PARTITIONS)}` };
  },
  (_random, item) => {
    item.extra = { S: 'of a later version' };
  },
  (_random, item) => delete item.messageGroup,
];
