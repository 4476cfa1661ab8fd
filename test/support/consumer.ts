import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { QuarantineReason } from '../../lib/callback/callback.ts';
import {
  type ConsumerServices,
  type ConsumerSettings,
  consume,
  type QueueMessage,
} from '../../lib/consume/consume.ts';
import { createHeartbeat } from '../../lib/ledger/heartbeat.ts';
import { createLedger } from '../../lib/ledger/ledger.ts';
import type { LogFields } from '../../lib/platform/log.ts';
import { createBodyReader } from '../../lib/queue/body-reader.ts';
import { SOURCES } from '../../lib/vendors/index.ts';
import { NOW } from './callbacks.ts';

/** The table that a consumer writes to. */
export interface ConsumerTable {
  client: DynamoDBClient;
  tableName: string;
}

/** A consumer whose log and quarantine queue a test can look into. */
export interface TestConsumer {
  /** Applies the messages as one batch; returns the ids of those that failed. */
  consume(...messages: QueueMessage[]): Promise<string[]>;
  /** The messages for the rest of callbacks, in the order they were put into the queue. */
  requeued: QueueMessage[];
  quarantined: { message: QueueMessage; reason: QuarantineReason }[];
  lines: LogLine[];
  /** The verdict on each message, with the reason where there is one, in the order of the log. */
  verdicts(): string[];
}

export interface LogLine {
  level: string;
  message: string;
  fields: LogFields;
}

/** A consumer with history, nonces and state on, as it is deployed. */
export function startConsumer(
  { client, tableName }: ConsumerTable,
  changes: Partial<ConsumerSettings & ConsumerServices> = {},
): TestConsumer {
  const quarantined: TestConsumer['quarantined'] = [];
  const requeued: QueueMessage[] = [];
  const lines: LogLine[] = [];
  const everything = {
    ledger: createLedger(client, tableName),
    isErased: async () => false,
    heartbeat: createHeartbeat(client, tableName),
    readBody: createBodyReader(client, tableName),
    quarantine: async (message: QueueMessage, reason: QuarantineReason) => {
      quarantined.push({ message, reason });
    },
    requeue: async (message: QueueMessage) => {
      requeued.push({ ...message, messageId: `${message.messageId} rest ${requeued.length}` });
    },
    log: (level: string, message: string, fields: LogFields) => {
      lines.push({ level, message, fields });
    },
    now: () => NOW,
    sources: SOURCES,
    eventHistoryDays: 30,
    retentionDays: 0,
    timestampWindowHours: () => 24,
    ...changes,
  };
  return {
    consume: (...messages) => consume(messages, everything, everything),
    requeued,
    quarantined,
    lines,
    verdicts: () => lines.map(({ fields }) => [fields.verdict, fields.reason].filter(Boolean).join(' ')),
  };
}
