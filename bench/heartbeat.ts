import { batchesOf, recordAbout } from './batches.ts';
import { USUAL_CALLBACKS } from './callbacks.ts';
import type { CountingProxy } from './counting-proxy.ts';
import type { WarmConsumer } from './processes.ts';

/**
 * Lets a consumer write the heartbeat of a source's app and the day of room 1, with a callback about task 0: one is due
 * once in five minutes, the other once a day, and neither is a cost of the callbacks that are counted afterwards.
 */
export async function beat(consumer: WarmConsumer, source: string, proxy: CountingProxy): Promise<void> {
  const event = USUAL_CALLBACKS.find((usual) => usual.source === source)?.event ?? '';
  await consumer.apply(batchesOf([recordAbout(source, event, { task: 0, room: 1 })], 1));
  proxy.read();
}
