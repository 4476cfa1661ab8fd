import { batchesOf, recordAbout } from './batches.ts';
import { USUAL_CALLBACKS } from './callbacks.ts';
import type { CountingProxy } from './counting-proxy.ts';
import type { WarmConsumer } from './processes.ts';

/**
 * Lets a consumer write the heartbeat of a source's app, with a callback about task 0: it is due once in five
 * minutes, and no cost of the callbacks that are counted afterwards.
 */
export async function beat(consumer: WarmConsumer, source: string, proxy: CountingProxy): Promise<void> {
  const event = USUAL_CALLBACKS.find((usual) => usual.source === source)?.event ?? '';
  await consumer.apply(batchesOf([recordAbout(source, event, { task: 0 })], 1));
  proxy.read();
}
