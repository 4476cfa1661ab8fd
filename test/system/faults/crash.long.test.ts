import { describe, expect, it } from 'vitest';
import type { QueueMessage } from '../../../lib/consume/consume.ts';
import { forEachConcurrently } from '../../../lib/platform/concurrency.ts';
import { SAMPLE_SOURCES } from '../../../lib/vendors/samples.ts';
import {
  HOUR,
  messageOf,
  NOW,
  recordingMessage,
  SECOND,
  sampleBody,
  sampleMessage,
} from '../../support/callbacks.ts';
import { type FaultMoment, interceptCommands } from '../../support/commands.ts';
import { startConsumer } from '../../support/consumer.ts';
import { describeOnDynalite, type Engine } from '../../support/engines.ts';
import { itemsOf, type StoredItem } from '../../support/table-items.ts';

const CONCURRENT_RUNS = 8;

/** A consumer that dies at a write: `before` the service has it, or `after`, so that it never hears of it. */
interface Crash {
  /** The number of the write, from 0; putting a message into quarantine is one too. */
  write: number;
  moment: FaultMoment;
}

/** What a delivery did. */
interface Delivery {
  failed: string[];
  verdicts: string[];
  writes: number;
  quarantined: string[];
}

/** Delivers a message once, to a consumer that is dead from its crash on. */
async function deliver(
  engine: Engine,
  tableName: string,
  message: QueueMessage,
  crash?: Crash,
): Promise<Delivery> {
  let writes = 0;
  const isDead = () => crash !== undefined && writes > crash.write;
  const attempt = async <Output>(write: () => Promise<Output>): Promise<Output> => {
    if (isDead()) throw new Error('dead');
    writes += 1;
    if (isDead() && crash?.moment === 'before') throw new Error('dead');
    // A refused write is an answer too.
    return write().finally(() => {
      if (isDead()) throw new Error('dead');
    });
  };
  const client = interceptCommands(engine.connect(), ({ proceed }) => attempt(proceed));
  const quarantined: string[] = [];
  const consumer = startConsumer(
    { client, tableName },
    {
      heartbeat: async () => {},
      quarantine: ({ body }, reason) => attempt(async () => void quarantined.push(`${reason} ${body}`)),
    },
  );
  const failed = await consumer.consume(message);
  client.destroy();
  return { failed, verdicts: consumer.verdicts(), writes, quarantined };
}

describeOnDynalite('a consumer that dies between two writes', (engine) => {
  /** A new table on which the messages were delivered. */
  async function tableAfter(messages: readonly QueueMessage[]): Promise<string> {
    const tableName = await engine.newTable();
    for (const message of messages) await deliver(engine, tableName, message);
    return tableName;
  }

  /** Lets the consumer die at every write of the message in turn, and delivers it again. Returns the calm run. */
  async function crashEverywhere(
    message: QueueMessage,
    earlier: readonly QueueMessage[] = [],
  ): Promise<{ calm: Delivery; state: Map<string, StoredItem> }> {
    const calmTable = await tableAfter(earlier);
    const calm = await deliver(engine, calmTable, message);
    expect(calm.failed).toEqual([]);
    const state = await itemsOf(engine.client, calmTable);
    await deliver(engine, calmTable, message);
    expect(await itemsOf(engine.client, calmTable)).toEqual(state);

    const claims = message.body.includes('"strength":"credential"') ? 1 : 0;
    // Before any later write there is what there is after the one before it.
    const crashes: Crash[] = [{ write: 0, moment: 'before' }];
    for (let write = 0; write < calm.writes; write++) crashes.push({ write, moment: 'after' });
    for (const crash of crashes) {
      const tableName = await tableAfter(earlier);
      const dead = await deliver(engine, tableName, message, crash);
      expect([crash, dead.failed]).toEqual([crash, [message.messageId]]);
      const again = await deliver(engine, tableName, message);
      // While nothing but its credential is written it cannot be called a duplicate.
      const isUntouched = crash.write < claims || crash.moment === 'before';
      const verdicts = isUntouched ? [calm.verdicts] : [calm.verdicts, ['duplicate']];
      expect([crash, again.failed, verdicts]).toEqual([crash, [], expect.arrayContaining([again.verdicts])]);
      expect([crash, await itemsOf(engine.client, tableName)]).toEqual([crash, state]);
      const quarantined = new Set([...dead.quarantined, ...again.quarantined]);
      expect([crash, quarantined]).toEqual([crash, new Set(calm.quarantined)]);
    }
    return { calm, state };
  }

  describe('leaves what a calm run leaves once the message comes again', () => {
    it.each(SAMPLE_SOURCES.map((source) => [source.name, Object.keys(source.events)] as const))(
      'every sample of %s',
      async (source, events) => {
        await forEachConcurrently(events, CONCURRENT_RUNS, async (event) => {
          const { calm, state } = await crashEverywhere(sampleMessage(source, event));
          expect(calm.verdicts).toEqual([expect.stringMatching(/^(applied|event)$/)]);
          expect(calm.writes).toBeGreaterThanOrEqual(state.size);
          expect(eventsOf(state)).toHaveLength(1);
        });
      },
    );

    const failedAt = (ms: number) =>
      messageOf('rongcloud-recording', sampleBody('rongcloud-recording', 'upload-failed', {}, NOW + ms));
    const credential = { nonce: 'nonce', timestamp: String(NOW) };

    it.each<[string, earlier: QueueMessage[], message: QueueMessage]>([
      [
        'what says nothing of its time and was signed again',
        [sampleMessage('rongcloud-moderation', 'end')],
        sampleMessage('rongcloud-moderation', 'end', { receivedAt: NOW + SECOND }),
      ],
      ['an older failure of the same upload', [failedAt(SECOND)], failedAt(0)],
      ['an upload that had failed', [failedAt(0)], recordingMessage('upload')],
      [
        'a task whose room is another one',
        [recordingMessage('start', { roomId: 'a' })],
        recordingMessage('end', { roomId: 'b' }),
      ],
      [
        'what the vendor sends again',
        [recordingMessage('upload', {}, credential)],
        recordingMessage('upload', {}, { ...credential, receivedAt: NOW + SECOND }),
      ],
      [
        'another body with a credential',
        [recordingMessage('upload', {}, credential)],
        recordingMessage('upload', { output: { fileName: 'forged' } }, credential),
      ],
      [
        'a stale one',
        [],
        recordingMessage('upload', {}, { receivedAt: NOW + 25 * HOUR, timestamp: String(NOW) }),
      ],
      ['an unreadable one', [], messageOf('rongcloud-recording', Buffer.from('{'))],
      ['an unreadable signed one', [], messageOf('tencent', Buffer.from('{'))],
    ])('%s', async (_name, earlier, message) => {
      await crashEverywhere(message, earlier);
    });
  });
});

function eventsOf(items: Map<string, StoredItem>): string[] {
  return [...items.keys()].filter((key) => key.includes(' event#'));
}
