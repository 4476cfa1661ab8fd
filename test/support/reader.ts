import {
  ATTENTION_LISTS,
  type AttentionAnswer,
  type AttentionOptions,
  readAttention,
} from '../../lib/attention/read-attention.ts';
import type { File } from '../../lib/ledger/answers.ts';
import type { Cursor } from '../../lib/ledger/cursor.ts';
import { decodeCursor } from '../../lib/ledger/cursor.ts';
import { type RoomAnswer, readRoom } from '../../lib/ledger/read-room.ts';
import { type ListOptions, readTask, type TaskAnswer } from '../../lib/ledger/read-task.ts';
import { createLedgerTable } from '../../lib/ledger/table.ts';
import type { Owner } from '../../lib/ledger/updates.ts';
import { NOW } from './callbacks.ts';
import type { ConsumerTable } from './consumer.ts';

const CURSOR_LISTS = ['files', 'events', 'tasks', ...ATTENTION_LISTS];

/** What is read of the ledger; every page of an answer, in order. */
export interface Reader {
  task(owner: Owner, taskId: string, options?: Partial<ListOptions>): Promise<TaskAnswer[]>;
  room(owner: Owner, roomId: string, options?: Partial<ListOptions>): Promise<RoomAnswer[]>;
  attention(options?: Partial<AttentionOptions>): Promise<AttentionAnswer[]>;
  /** The one file of a task. */
  file(owner: Owner, taskId: string): Promise<File | undefined>;
}

/** Pages that follow each other for this long never end. */
const MOST_PAGES = 1000;

/** Reads a ledger at `NOW`, with events. */
export function readerOf({ client, tableName }: ConsumerTable): Reader {
  const table = createLedgerTable(client, tableName);
  const reader: Reader = {
    task: (owner, taskId, options) => pages(options, (page) => readTask(table, owner, taskId, page)),
    room: (owner, roomId, options) => pages(options, (page) => readRoom(table, owner, roomId, page)),
    attention: (options) => pages(options, (page) => readAttention(table, page)),
    async file(owner, taskId) {
      const files = (await reader.task(owner, taskId)).flatMap((page) => page.files);
      if (files.length > 1) throw new Error(`The task has ${files.length} files.`);
      return files[0];
    },
  };
  return reader;
}

/** Follows `next` to the last page; no page when nothing is known. */
async function pages<Answer extends { next?: string }>(
  options: Partial<AttentionOptions> | undefined,
  read: (options: AttentionOptions) => Promise<Answer | undefined>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  let cursor: Cursor | undefined;
  do {
    const answer = await read({ limit: 500, events: true, now: NOW, ...options, cursor });
    if (answer === undefined) break;
    answers.push(answer);
    if (answers.length > MOST_PAGES) throw new Error(`There are more than ${MOST_PAGES} pages.`);
    cursor = answer.next === undefined ? undefined : decodeCursor(answer.next, CURSOR_LISTS);
  } while (cursor !== undefined);
  return answers;
}
