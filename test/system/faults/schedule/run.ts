import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Random, seededRandom, shuffled } from '../../../../demo/random.ts';
import { decodeEnvelope } from '../../../../lib/queue/envelope.ts';
import { createTable } from '../../../../stack/resources.ts';
import { startDynaliteThread } from '../../../support/dynalite-thread.ts';
import { ledgerTableDefinition } from '../../../support/ledger-table.ts';
import { itemsOf } from '../../../support/table-items.ts';
import { startTestQueues } from '../../../support/test-queues.ts';
import { type AcceptedCallback, acceptedCallbacks } from './callbacks.ts';
import { runCalmly } from './calm.ts';
import { bodyHash, type Differences, differences } from './compare.ts';
import { type Lane, startLane } from './lane.ts';

/** Consumers that work on the queue at the same time. */
const CONSUMERS = 4;

/** The share of messages that SQS delivers twice although they were taken. */
const DELIVERED_TWICE = 0.1;

const QUARANTINE = 'quarantine';

/** What is run. */
export interface ScheduleOptions {
  callbacks: number;
  seed: number;
}

/** Called when a message was taken. */
export interface Progress {
  begin(what: string, total: number): void;
  step(): void;
  done(): void;
}

/** What came of it. */
export interface ScheduleReport {
  callbacks: number;
  quarantined: number;
  /** Messages that were handed to a consumer, once for each time. */
  deliveries: number;
  mostDeliveriesOfOne: number;
  requests: number;
  /** How many there were by kind. */
  faults: Map<string, number>;
  /** Callbacks that are neither in the history nor in quarantine. */
  lostCallbacks: string[];
  differences: Differences;
}

/**
 * Makes accepted callbacks, applies them once each and in order, then shuffled, some of them twice, to consumers that
 * meet faults, until each is taken; and compares. The same seed makes the same callbacks, order and faults.
 */
export async function runSchedule(options: ScheduleOptions, progress: Progress): Promise<ScheduleReport> {
  const random = seededRandom(options.seed);
  const callbacks = acceptedCallbacks(options.callbacks, random);
  const [dynamodb, queues] = await Promise.all([startDynaliteThread(), startTestQueues()]);
  const client = new DynamoDBClient({
    endpoint: dynamodb.origin,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const lanes: Lane[] = [];
  try {
    for (const name of ['calm', 'faulty']) await createTable(client, ledgerTableDefinition(name));
    await queues.create(QUARANTINE);
    progress.begin('Applied calmly', callbacks.length);
    const calm = await runCalmly({ client, tableName: 'calm' }, callbacks, progress.step);
    progress.done();

    const queue = deliveryOrder(callbacks, random);
    for (let number = 0; number < CONSUMERS; number++) {
      const services = { dynamodb: dynamodb.origin, sqs: queues.origin };
      lanes.push(
        await startLane(
          `consumer ${number}`,
          options.seed,
          { ...services, tableName: 'faulty', quarantineQueueName: QUARANTINE },
          queue.filter((_, index) => index % CONSUMERS === number),
          callbacks.filter(({ forges }) => forges !== undefined),
        ),
      );
    }
    const forged = callbacks.filter(({ forges }) => forges !== undefined).length;
    progress.begin('Applied under faults', queue.length + forged);
    await Promise.all(lanes.map((lane) => lane.deliverAll(progress.step)));
    progress.done();

    const quarantined = await queues.drain(QUARANTINE);
    const state = {
      items: await itemsOf(client, 'faulty'),
      quarantined: new Set(
        quarantined.map(({ Body, MessageAttributes }) => `${MessageAttributes?.reason?.StringValue} ${Body}`),
      ),
    };
    const bodies = callbacks.map(({ message }) => bodyHash(decodeEnvelope(message.body)?.body));
    return {
      callbacks: callbacks.length,
      quarantined: state.quarantined.size,
      deliveries: sum(lanes.map((lane) => lane.deliveries)),
      mostDeliveriesOfOne: Math.max(...lanes.map((lane) => lane.mostDeliveriesOfOne)),
      requests: sum(lanes.map((lane) => lane.schedule.requests)),
      faults: totals(lanes.map((lane) => lane.schedule.counts)),
      lostCallbacks: [...calm.places]
        .filter(([, place]) => !state.items.has(place) && !state.quarantined.has(place))
        .map(([messageId]) => messageId),
      differences: differences(calm, state, new Set(bodies)),
    };
  } finally {
    await Promise.all(lanes.map((lane) => lane.stop()));
    client.destroy();
    await Promise.all([dynamodb.stop(), queues.stop()]);
  }
}

/** Every message in random order, some twice; without forged ones, which follow the message that they forge. */
function deliveryOrder(callbacks: readonly AcceptedCallback[], random: Random): AcceptedCallback[] {
  const genuine = callbacks.filter(({ forges }) => forges === undefined);
  const twice = genuine
    .filter(() => random() < DELIVERED_TWICE)
    // Other than SQS's own: a batch never has the same message twice.
    .map((callback) => ({
      ...callback,
      message: { ...callback.message, messageId: `${callback.message.messageId}, again` },
    }));
  return shuffled([...genuine, ...twice], random);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function totals(counts: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const total = new Map<string, number>();
  for (const [kind, count] of counts.flatMap((one) => [...one]))
    total.set(kind, (total.get(kind) ?? 0) + count);
  return total;
}
