import { forEachConcurrently } from '../../../../lib/platform/concurrency.ts';
import { type ConsumerPlace, deployConsumer } from '../../../support/deployed-consumer.ts';
import { type Fault, type ProxiedRequest, startFaultProxy } from '../../../support/fault-proxy.ts';
import type { AcceptedCallback } from './callbacks.ts';
import { createFaultSchedule, type FaultSchedule } from './faults.ts';

/** As in `serverless.yml`. */
const BATCH_SIZE = 10;

/** Most of the time of a batch is waiting, for the SDK's next attempt. */
const CONCURRENT_BATCHES = 4;

/** No fault lasts for this many deliveries of one message. */
const MOST_DELIVERIES = 100;

/** A consumer, the messages that it has to take, and the faults that it meets. */
export interface Lane {
  /** Delivers batches until every message is taken; those that fail come again after the others. */
  deliverAll(step: () => void): Promise<void>;
  schedule: FaultSchedule;
  deliveries: number;
  mostDeliveriesOfOne: number;
  stop(): Promise<void>;
}

/**
 * Starts a deployed consumer behind fault proxies. Each of `forged` is delivered once the message that it forges was
 * taken here: before that nobody could have captured it.
 */
export async function startLane(
  name: string,
  seed: number,
  services: ConsumerPlace,
  messages: readonly AcceptedCallback[],
  forged: readonly AcceptedCallback[],
): Promise<Lane> {
  const schedule = createFaultSchedule(seed, name);
  const faultOf = async (request: ProxiedRequest): Promise<Fault | undefined> => {
    const fault = schedule.faultOf(request);
    if (fault !== 'crash before' && fault !== 'crash after') return fault;
    await consumer.kill();
    return fault === 'crash before' ? 'drop before' : 'drop after';
  };
  const proxies = await Promise.all([
    startFaultProxy(services.dynamodb, faultOf),
    startFaultProxy(services.sqs, faultOf),
  ]);
  const [dynamodb, sqs] = proxies;
  const consumer = await deployConsumer({ ...services, dynamodb: dynamodb.origin, sqs: sqs.origin });

  const deliveriesOf = new Map<string, number>();
  const forgedBy = Map.groupBy(forged, ({ forges }) => forges);
  const lane: Lane = {
    schedule,
    deliveries: 0,
    mostDeliveriesOfOne: 0,
    async deliverAll(step) {
      for (let queue = [...messages]; queue.length > 0; ) {
        const again: AcceptedCallback[] = [];
        await forEachConcurrently(batchesOf(queue), CONCURRENT_BATCHES, async (batch) => {
          count(batch);
          const failed = await deliver(batch);
          for (const callback of batch) {
            const { messageId } = callback.message;
            if (failed.has(messageId)) again.push(callback);
            else again.push(...(forgedBy.get(messageId) ?? []));
            if (!failed.has(messageId)) step();
          }
        });
        queue = again;
      }
    },
    async stop() {
      await consumer.kill();
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };

  /** The ids of the messages that have to come again; all of them where the consumer died. */
  async function deliver(batch: readonly AcceptedCallback[]): Promise<Set<string>> {
    const records = batch.map(({ message }) => message);
    const failed = await consumer.deliver(records).catch(() => records.map(({ messageId }) => messageId));
    return new Set(failed);
  }

  function count(batch: readonly AcceptedCallback[]): void {
    lane.deliveries += batch.length;
    for (const { message } of batch) {
      const deliveries = (deliveriesOf.get(message.messageId) ?? 0) + 1;
      if (deliveries > MOST_DELIVERIES) throw new Error(`${message.messageId} is never taken.`);
      deliveriesOf.set(message.messageId, deliveries);
      lane.mostDeliveriesOfOne = Math.max(lane.mostDeliveriesOfOne, deliveries);
    }
  }

  return lane;
}

function batchesOf(messages: readonly AcceptedCallback[]): AcceptedCallback[][] {
  const count = Math.ceil(messages.length / BATCH_SIZE);
  return Array.from({ length: count }, (_, index) =>
    messages.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE),
  );
}
