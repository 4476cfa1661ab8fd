import type { JsonObject } from '../../../lib/platform/json.ts';
import type { Invoke } from './function.ts';
import { fillLedger } from './ledger.ts';
import { mutatedDocument } from './mutate-document.ts';
import { anyText } from './odd-values.ts';
import { Random } from './random.ts';
import { countAnswer, fail, type Report } from './report.ts';
import type { Run, World } from './run.ts';
import { type ServiceAnswer, startService } from './service.ts';
import { readTable, type StoredItem } from './table.ts';

const LARGEST_BATCH = 25;
const LARGEST_CALL = { entries: 10, bytes: 256 * 1_024 };

/** What is left of a function's time where the bus never takes what it refuses: its own margin, and one pause. */
const SHORT_MS = 3_150;

/** A record of the table's stream. */
interface RecordCase {
  index: number;
  /** Whether both images are as the consumer wrote them. */
  isGenuine: boolean;
  record: {
    dynamodb: { SequenceNumber: string; OldImage?: object; NewImage?: object } & Record<string, unknown>;
  };
}

/** The event in an entry, as far as it is looked at. */
interface Published {
  id: string;
  sequence: string;
}

/** What the bus does with the call of a number since the batch began. */
type BusPlan = (call: number, entries: readonly Published[]) => ServiceAnswer;

/** Hands records of a ledger's writes to the function that publishes changes; its bus takes them, or not all of them. */
export async function changesRun(world: World, requests: number): Promise<Run> {
  await fillLedger(world, requests);
  const items = (await readTable(world.engines.dynamodb, world.tableName)).filter(isWatched);
  const bus = await startBus();
  process.env.EVENTS_URL = bus.origin;
  const invoke = world.load('changes');
  const send: Run['send'] = async (indexes, report) => {
    const cases = indexes.map((index) => recordCase(world.seed, index, items));
    for (let from = 0; from < cases.length; ) {
      const random = new Random(world.seed, `changes batch ${cases[from]?.index}`);
      const batch = cases.slice(from, from + 1 + random.below(LARGEST_BATCH));
      from += batch.length;
      await publish(random, invoke, bus, batch, report, world.takeLines);
    }
  };
  return { send, clear: async () => void world.takeLines() };
}

/** What the function of the stream gets, as the filter in `serverless.yml` says. */
function isWatched({ pk, sk }: StoredItem): boolean {
  return (
    pk.S === 'heartbeat' || (/^(task|room)#/.test(pk.S) && (sk.S === 'head' || sk.S.startsWith('file#')))
  );
}

/** A bus that checks what it is given and notes what it takes. */
async function startBus() {
  const bus = {
    origin: '',
    taken: [] as Published[],
    problems: [] as string[],
    begin(plan: BusPlan): void {
      Object.assign(bus, { taken: [], problems: [] });
      current = { plan, calls: 0 };
    },
  };
  let current: { plan: BusPlan; calls: number } = { plan: accepted, calls: 0 };
  bus.origin = await startService(({ body }) => {
    const { Entries } = JSON.parse(body.toString('utf8')) as { Entries: Record<string, string>[] };
    const events = Entries.map(
      ({ Detail = '' }) => JSON.parse(Detail) as Published & Record<string, unknown>,
    );
    const bytes = Entries.reduce(
      (sum, { Source = '', DetailType = '', Detail = '' }) =>
        sum + Buffer.byteLength(Source + DetailType + Detail),
      0,
    );
    if (Entries.length === 0 || Entries.length > LARGEST_CALL.entries || bytes > LARGEST_CALL.bytes)
      bus.problems.push(`a call has ${Entries.length} entries of ${bytes} bytes`);
    for (const [index, { id, type, source, subject, time, sequence }] of events.entries()) {
      const isWhole = [id, type, source, subject, time, sequence].every(
        (text) => typeof text === 'string' && text !== '',
      );
      if (!isWhole || type !== Entries[index]?.DetailType)
        bus.problems.push(`published ${Entries[index]?.Detail}`);
    }
    current.calls += 1;
    const answer = current.plan(current.calls, events);
    const results = answer === 'hang up' || answer.status !== 200 ? [] : entriesIn(answer.body);
    bus.taken.push(...events.filter((_, index) => results[index]?.EventId !== undefined));
    return answer;
  });
  return bus;
}

function entriesIn(body = ''): { EventId?: string }[] {
  return body.startsWith('{"Entries"') ? JSON.parse(body).Entries : [];
}

function accepted(_call: number, events: readonly Published[]): ServiceAnswer {
  return entriesAnswer(events.map(() => ({ EventId: 'taken' })));
}

function entriesAnswer(Entries: readonly object[]): ServiceAnswer {
  return { status: 200, body: JSON.stringify({ Entries }) };
}

/** What a bus with a fault does. Only the last one never takes what it has refused. */
function faultyPlan(random: Random): { plan: BusPlan; remainingMs?: number } {
  const seed = random.below(3);
  const some = (call: number) => (_: unknown, index: number) =>
    (index + call + seed) % 3 === 0 ? { ErrorCode: 'ThrottlingException' } : { EventId: 'taken' };
  const first =
    (answer: ServiceAnswer): BusPlan =>
    (call, events) =>
      call === 1 ? answer : accepted(call, events);
  return random.pick([
    {
      plan: (call: number, events: readonly Published[]) =>
        call < 3 ? entriesAnswer(events.map(some(call))) : accepted(call, events),
    },
    { plan: first({ status: 503, body: '{}' }) },
    { plan: first('hang up') },
    { plan: first({ status: 200, body: '<html>' }) },
    {
      plan: (call: number, events: readonly Published[]) =>
        call > seed ? entriesAnswer(events.map(some(0))) : accepted(call, events),
      remainingMs: SHORT_MS,
    },
  ]);
}

async function publish(
  random: Random,
  invoke: Invoke,
  bus: Awaited<ReturnType<typeof startBus>>,
  batch: readonly RecordCase[],
  report: Report,
  takeLines: World['takeLines'],
): Promise<void> {
  const first = batch[0]?.index;
  const run = async (plan: BusPlan, remainingMs?: number) => {
    bus.begin(plan);
    const answer = (await invoke(
      { Records: batch.map(({ record }) => record) },
      `batch-${first}`,
      remainingMs,
    )) as {
      batchItemFailures: { itemIdentifier: string }[];
    };
    const lines = takeLines().map((line) => JSON.parse(line));
    const logged = lines.filter(({ message }) => message === 'changes').length;
    if (logged !== 1) fail(report, `logged ${logged} lines of the batch`, first);
    for (const problem of bus.problems) fail(report, problem, first);
    return {
      failed: answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
      taken: bus.taken,
      lines,
    };
  };
  for (const { isGenuine } of batch) {
    report.requests += 1;
    if (isGenuine) report.verified += 1;
    else report.unverified += 1;
  }
  try {
    const healthy = await run(accepted);
    report.written += healthy.taken.length;
    if (healthy.failed.length > 0) fail(report, `a healthy bus, but ${healthy.failed} failed`, first);
    const lost = healthy.lines.filter(({ message }) => message === 'change_lost');
    if (lost.length > 0 && batch.every(({ isGenuine }) => isGenuine))
      fail(report, `lost ${JSON.stringify(lost[0])}`, first);
    const { plan, remainingMs } = faultyPlan(random);
    const faulty = await run(plan, remainingMs);
    countAnswer(report, faulty.failed.length > 0 ? 'comes again' : 'published');
    for (const problem of missing(batch, healthy.taken, faulty)) fail(report, problem, first);
  } catch (error) {
    report.serverErrors += 1;
    fail(
      report,
      `the batch threw ${(error as Error).stack}`,
      first,
      batch.map(({ record }) => record),
    );
  }
}

/** What a bus with a fault has not got before the record from which on the batch comes again. */
function missing(
  batch: readonly RecordCase[],
  wanted: readonly Published[],
  { failed, taken }: { failed: readonly string[]; taken: readonly Published[] },
): string[] {
  const from = batch.findIndex(({ record }) => record.dynamodb.SequenceNumber === failed[0]);
  if (failed.length > 1 || (failed.length === 1 && from < 0)) return [`answered that ${failed} failed`];
  const before = batch.slice(0, failed.length === 0 ? batch.length : from);
  const sequences = new Set(before.map(({ record }) => record.dynamodb.SequenceNumber.padStart(40, '0')));
  const got = new Set(taken.map(({ id }) => id));
  return wanted
    .filter(({ id, sequence }) => sequences.has(sequence) && !got.has(id))
    .map(({ id }) => `the event ${id} is lost: ${failed.length === 0 ? 'nothing' : failed} comes again`);
}

function recordCase(seed: number, index: number, items: readonly StoredItem[]): RecordCase {
  const random = new Random(seed, `changes ${index}`);
  const after = items.length === 0 ? { pk: { S: 'heartbeat' }, sk: { S: 'x' } } : random.pick(items);
  const before = random.chance(0.3) ? undefined : earlier(random, after);
  const isGenuine = random.chance(0.7);
  const image = (item: StoredItem | undefined) =>
    isGenuine || item === undefined ? item : damagedImage(random, item);
  const dynamodb = {
    SequenceNumber: String(1_000_000 + index),
    ApproximateCreationDateTime: isGenuine ? 1_768_478_400 : random.pick([1_768_478_400, 0, 1.5, -1]),
    ...Object.fromEntries(
      [
        ['OldImage', image(before)],
        ['NewImage', image(after)],
      ].filter(([, value]) => value !== undefined),
    ),
  };
  return { index, isGenuine, record: { dynamodb } };
}

/** The item before some of its attributes were written. */
function earlier(random: Random, item: StoredItem): StoredItem {
  const isKept = new Map<string, boolean>();
  const facetOf = (name: string) => name.replace(/Order$/, '');
  const kept = Object.entries(item).filter(([name]) => {
    const facet = facetOf(name);
    if (!isKept.has(facet)) isKept.set(facet, random.chance(0.6));
    return name === 'pk' || name === 'sk' || isKept.get(facet);
  });
  return Object.fromEntries(kept) as StoredItem;
}

/** The item with attributes as no version of the service has written them: one is odd, gone or another one's. */
export function damaged(random: Random, { pk, sk, ...attributes }: StoredItem): StoredItem {
  const names = ['start', ...Object.keys(attributes)];
  const name = random.pick(names);
  const value = random.pick([{ S: odd(random) }, attributes[random.pick(names)], undefined]);
  const { [name]: _, ...others } = attributes;
  return { ...others, ...(value === undefined ? {} : { [name]: value }), pk, sk };
}

/** The same, or attributes as no table would take them. */
function damagedImage(random: Random, { pk, sk, ...attributes }: StoredItem): StoredItem {
  if (random.chance(0.5)) return damaged(random, { pk, sk, ...attributes });
  return { ...(mutatedDocument(random, attributes as JsonObject) as typeof attributes), pk, sk };
}

function odd(random: Random): string {
  return random.pick([
    () => anyText(random).toWellFormed(),
    () =>
      random.pick([
        '',
        'null',
        '{}',
        '[]',
        '{"at":"x"}',
        '{"at":1e300}',
        '{"at":-1}',
        '{"at":1,"task":null}',
        '9999',
        '+275760-09-13T00:00:00.001Z',
      ]),
  ])();
}
