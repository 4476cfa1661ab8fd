import type { QuarantineReason } from '../../../../lib/callback/callback.ts';
import type { QueueMessage } from '../../../../lib/consume/consume.ts';
import { eventCheck } from '../../../../lib/ledger/history.ts';
import { createLedger, type Ledger } from '../../../../lib/ledger/ledger.ts';
import { forEachConcurrently } from '../../../../lib/platform/concurrency.ts';
import { decodeEnvelope } from '../../../../lib/queue/envelope.ts';
import { type ConsumerTable, startConsumer } from '../../../support/consumer.ts';
import { itemsOf } from '../../../support/table-items.ts';
import type { AcceptedCallback } from './callbacks.ts';
import type { EndState } from './compare.ts';

const CONCURRENT_APPS = 8;

/** What a calm run ends with. */
export interface CalmState extends EndState {
  /** Where each message is kept: the key of its event, or its entry in the quarantine. */
  places: ReadonlyMap<string, string>;
}

/** Applies each callback once, in order; apps have nothing in common, so that several are worked on at once. */
export async function runCalmly(
  table: ConsumerTable,
  callbacks: readonly AcceptedCallback[],
  step: () => void,
): Promise<CalmState> {
  const places = new Map<string, string>();
  const quarantined = new Set<string>();
  const apps = Map.groupBy(callbacks, ({ message }) => appIdOf(message));
  await forEachConcurrently([...apps.values()], CONCURRENT_APPS, async (ofApp) => {
    for (const { message } of ofApp) {
      const keep = (place: string) => void places.set(message.messageId, place);
      const consumer = startConsumer(table, {
        ledger: noticing(createLedger(table.client, table.tableName), keep),
        quarantine: async ({ body }: QueueMessage, reason: QuarantineReason) => {
          quarantined.add(`${reason} ${body}`);
          keep(`${reason} ${body}`);
        },
      });
      const failed = await consumer.consume(message);
      if (failed.length > 0) throw new Error(`${message.messageId}: ${JSON.stringify(consumer.lines)}`);
      step();
    }
  });
  return { items: await itemsOf(table.client, table.tableName), quarantined, places };
}

/** A ledger that reports the key of the event that is recorded, or found. */
function noticing(ledger: Ledger, keep: (key: string) => void): Ledger {
  const notice = (...question: Parameters<Ledger['isRecorded']>) => {
    const { pk, sk } = eventCheck(...question).Key ?? {};
    keep(`${pk?.S} ${sk?.S}`);
  };
  return {
    ...ledger,
    record: (owner, event, envelope, options) => {
      notice(owner, event, '');
      return ledger.record(owner, event, envelope, options);
    },
    isRecorded: (...question) => {
      notice(...question);
      return ledger.isRecorded(...question);
    },
  };
}

function appIdOf({ body }: QueueMessage): string | undefined {
  const envelope = decodeEnvelope(body);
  return envelope === undefined || 'refusal' in envelope ? undefined : envelope.appId;
}
