import type { AttentionEvent, AttentionReason } from '../../types/index.d.ts';
import { type AttentionItem, failureOf, overdueOf } from '../attention/attention-item.ts';
import type { Item } from '../ledger/facets.ts';
import { HEAD, HEARTBEATS, type ItemIds } from '../ledger/keys.ts';
import { fileData, otherFilesView, taskData, taskOfHead } from './item-views.ts';
import { familyOf, fileSubject } from './subject.ts';

/** A change of an attention item. */
export type AttentionChange = Pick<AttentionEvent, 'type' | 'subject' | 'data'> & {
  /** Distinguishes this change from every other of the same item of the table. */
  identity: string;
};

type Attention = Pick<AttentionEvent['data'], 'reason' | 'previousReason' | 'since'>;

/** A kind of attention item that an item of the table may be. */
interface Kind {
  attentionItemOf(item: Item | undefined): AttentionItem<AttentionReason> | undefined;
  /** Whether the watch has dropped it, which leaves the reason there. */
  isDropped(item: Item): boolean;
}

const FAILURE: Kind = {
  attentionItemOf: failureOf,
  isDropped: ({ attentionReason }) => attentionReason !== undefined,
};

const OVERDUE: Kind = {
  attentionItemOf: overdueOf,
  isDropped: ({ watchReason }) => watchReason !== undefined,
};

/** A failed upload is an expectation no more: a file is one of both kinds. */
const FAILURE_OR_OVERDUE: Kind = {
  attentionItemOf: (item) => failureOf(item) ?? overdueOf(item),
  isDropped: (item) => FAILURE.isDropped(item) || OVERDUE.isDropped(item),
};

/** An attention item that an item of the table may be, with the subject and the data of its change events. */
interface Role {
  kind: Kind;
  subject: string;
  data(): Omit<AttentionEvent['data'], keyof Attention>;
}

/**
 * The changes of attention items that a write of an item of the table has made; `subject` is that of the item itself.
 * Each attention item has a subject of its own, so that the latest change event of a task or file is still that of its
 * state. Pure.
 */
export function attentionChanges(
  subject: string,
  ids: ItemIds,
  before: Item | undefined,
  after: Item,
): AttentionChange[] {
  return rolesOf(subject, ids, after).flatMap(({ kind, ...role }) => {
    const [old, current] = [kind.attentionItemOf(before), kind.attentionItemOf(after)];
    if (current?.reason === old?.reason) return [];
    const { reason, since } = (current ?? old) as AttentionItem<AttentionReason>;
    const previousReason = current && old?.reason;
    const ended = kind.isDropped(after) ? 'rtc.attention.dropped' : 'rtc.attention.cleared';
    return {
      type: current === undefined ? ended : 'rtc.attention.raised',
      subject: `${role.subject}/attention`,
      data: { ...role.data(), reason, previousReason, since } as AttentionEvent['data'],
      identity: JSON.stringify([old, current]),
    };
  });
}

function rolesOf(subject: string, ids: ItemIds, item: Item): Role[] {
  const family = familyOf(item);
  if (family === 'room') return [];
  if (family === HEARTBEATS) {
    const app = { ...ids.owner, lastReceivedAt: item.lastReceivedAt?.S ?? '' };
    return [{ kind: OVERDUE, subject, data: () => ({ app }) }];
  }
  if (item.sk?.S !== HEAD) return [{ kind: FAILURE_OR_OVERDUE, subject, data: () => fileData(ids, item) }];
  // A task may be silent while the upload of its other files has failed.
  return [
    { kind: OVERDUE, subject, data: () => taskAttentionData(ids, item) },
    { kind: FAILURE, subject: fileSubject(subject, ''), data: () => otherFilesData(ids, item) },
  ];
}

function taskAttentionData(ids: ItemIds, head: Item) {
  const { task, files } = taskData(ids, head);
  return { task, files };
}

function otherFilesData(ids: ItemIds, head: Item) {
  const { status: _, ...task } = taskOfHead(ids, head);
  return { file: otherFilesView(ids, head), task };
}
