import type { TableItem } from '../platform/aws/table-writer.ts';

/** The partitions that spilled messages are spread over, because one takes only 1,000 writes a second. */
export const SPILL_PARTITIONS: readonly string[] = Array.from({ length: 16 }, (_, index) => `spill#${index}`);

/** A message that waits in the table because the queue was out. */
export interface SpilledMessage {
  /** A UUID, by which the log names it. */
  spillId: string;
  message: string;
  /** Its message group in the queue. */
  group: string;
  /** Unix time in ms. */
  spilledAt: number;
}

/** A spilled message in the table, by the key that its item has. */
export interface StoredSpill extends SpilledMessage {
  key: Readonly<Record<'pk' | 'sk', { S: string }>>;
}

/** The table key of a spilled message; those of a partition are in the order of time. */
export function spillKey({ spillId, spilledAt }: Pick<SpilledMessage, 'spillId' | 'spilledAt'>) {
  const index = Number.parseInt(spillId.slice(0, 8), 16) % SPILL_PARTITIONS.length;
  return {
    pk: { S: SPILL_PARTITIONS[index] ?? '' },
    sk: { S: `${new Date(spilledAt).toISOString()}#${spillId}` },
  };
}

/** The item of a spilled message. It never expires. */
export function spillItem(spilled: SpilledMessage): TableItem {
  return { ...spillKey(spilled), message: { S: spilled.message }, messageGroup: { S: spilled.group } };
}

/** Reads an item back. */
export function spilledMessage(
  item: Readonly<Record<string, { S?: string | undefined } | undefined>>,
): StoredSpill {
  const key = { pk: { S: item.pk?.S ?? '' }, sk: { S: item.sk?.S ?? '' } };
  const [spilledAt = '', spillId = ''] = key.sk.S.split('#');
  return {
    key,
    spillId,
    message: item.message?.S ?? '',
    group: item.messageGroup?.S ?? '',
    spilledAt: Date.parse(spilledAt),
  };
}
