import { ATTENTION_LISTS, type AttentionOptions, readAttention } from '../../lib/attention/read-attention.ts';
import type {
  AttentionAnswer,
  File,
  RoomAnswer,
  Task,
  TaskAnswer,
  UsageAnswer,
} from '../../lib/ledger/answers.ts';
import type { Cursor } from '../../lib/ledger/cursor.ts';
import { decodeCursor } from '../../lib/ledger/cursor.ts';
import { type RoomOptions, readRoom } from '../../lib/ledger/read-room.ts';
import { type ListOptions, readTask } from '../../lib/ledger/read-task.ts';
import { createLedgerTable } from '../../lib/ledger/table.ts';
import type { Owner } from '../../lib/ledger/updates.ts';
import { listFiles, listTasks } from '../../lib/query/lists.ts';
import type { Query } from '../../lib/query/parameters.ts';
import { readUsage } from '../../lib/query/usage.ts';
import { HOUR, iso, NOW } from './callbacks.ts';
import type { ConsumerTable } from './consumer.ts';

const CURSOR_LISTS = ['files', 'events', 'tasks', 'taskFiles', ...ATTENTION_LISTS];

/** What is read of the ledger; every page of an answer, in order. */
export interface Reader {
  task(owner: Owner, taskId: string, options?: Partial<ListOptions>): Promise<TaskAnswer[]>;
  room(owner: Owner, roomId: string, options?: Partial<RoomOptions>): Promise<RoomAnswer[]>;
  attention(options?: Partial<AttentionOptions>): Promise<AttentionAnswer[]>;
  /** The tasks or files of an app on all pages of a list by time. */
  list<Name extends 'tasks' | 'files'>(name: Name, owner: Owner, query?: Query): Promise<Rows[Name][]>;
  usage(owner: Owner, query?: Query): Promise<UsageAnswer[]>;
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
    async list(name, owner, query) {
      const read: (...request: Parameters<typeof listTasks>) => Promise<{ next?: string }> =
        name === 'tasks' ? listTasks : listFiles;
      const answers = await listPages(owner, query, (page) => read(table, page, NOW));
      return answers.flatMap((answer) => Reflect.get(answer, name));
    },
    usage: (owner, query) => listPages(owner, query, (page) => readUsage(table, page, NOW)),
    async file(owner, taskId) {
      const files = (await reader.task(owner, taskId)).flatMap((page) => page.files);
      if (files.length > 1) throw new Error(`The task has ${files.length} files.`);
      return files[0];
    },
  };
  return reader;
}

/** What each list has. */
interface Rows {
  tasks: Task;
  files: File;
}

/** Two days before and after `NOW`, unless the query says otherwise. */
const RANGE = { from: iso(-2 * 24 * HOUR), to: iso(2 * 24 * HOUR) };

/** The pages of a list by time. */
async function listPages<Answer extends { next?: string }>(
  owner: Owner,
  query: Query | undefined,
  read: (query: Query) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  let cursor: string | undefined;
  do {
    const answer = await read({ ...owner, ...RANGE, ...query, ...(cursor === undefined ? {} : { cursor }) });
    answers.push(answer);
    if (answers.length > MOST_PAGES) throw new Error(`There are more than ${MOST_PAGES} pages.`);
    cursor = answer.next;
  } while (cursor !== undefined);
  return answers;
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
