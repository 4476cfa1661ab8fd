import type { AttentionEvent, AttentionReason } from '../../types/index.d.ts';
import { type Entry, failureOf, overdueOf } from '../attention/entries.ts';
import { HEAD, HEARTBEATS, type ItemIds } from '../ledger/keys.ts';
import { type Item, taskFacets, taskView } from '../ledger/view.ts';
import { fileData, otherFilesView, taskData } from './item-views.ts';
import { familyOf, fileSubject } from './subject.ts';

/** What has become of an entry of `/attention`. */
export type AttentionChange = Pick<AttentionEvent, 'type' | 'subject' | 'data'> & {
  /** What tells this entry from those that the item was before, or will be. */
  entry: string;
};

type Attention = Pick<AttentionEvent['data'], 'reason' | 'previousReason' | 'since'>;

/** A kind of entry that an item may be. */
interface EntryKind {
  entryOf(item: Item | undefined): Entry<AttentionReason> | undefined;
  /** Whether an item that is no such entry was given up by the watch, which leaves the reason there. */
  isGivenUp(item: Item): boolean;
}

const FAILURE: EntryKind = {
  entryOf: failureOf,
  isGivenUp: ({ attentionReason }) => attentionReason !== undefined,
};

const OVERDUE: EntryKind = {
  entryOf: overdueOf,
  isGivenUp: ({ watchReason }) => watchReason !== undefined,
};

/** Word of a file's upload is waited for until it comes: the file is one of both. */
const FAILURE_OR_OVERDUE: EntryKind = {
  entryOf: (item) => failureOf(item) ?? overdueOf(item),
  isGivenUp: (item) => FAILURE.isGivenUp(item) || OVERDUE.isGivenUp(item),
};

/** An entry that an item may be, with the subject of its events and what they tell of the item. */
interface Role {
  kind: EntryKind;
  subject: string;
  data(): Omit<AttentionEvent['data'], keyof Attention>;
}

/**
 * What a write has done to the entries that an item, whose own `subject` is given, is or was. Each entry has a subject of
 * its own, so that the latest event of a task or file is still that of its state. Pure.
 */
export function attentionChanges(
  subject: string,
  ids: ItemIds,
  before: Item | undefined,
  after: Item,
): AttentionChange[] {
  return rolesOf(subject, ids, after).flatMap(({ kind, ...role }) => {
    const [old, current] = [kind.entryOf(before), kind.entryOf(after)];
    if (current?.reason === old?.reason) return [];
    const { reason, since } = (current ?? old) as Entry<AttentionReason>;
    const previousReason = current && old?.reason;
    const ended = kind.isGivenUp(after) ? 'rtc.attention.dropped' : 'rtc.attention.cleared';
    return {
      type: current === undefined ? ended : 'rtc.attention.raised',
      subject: `${role.subject}/attention`,
      data: { ...role.data(), reason, previousReason, since } as AttentionEvent['data'],
      entry: JSON.stringify([old, current]),
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
    { kind: OVERDUE, subject, data: () => taskEntryData(ids, item) },
    { kind: FAILURE, subject: fileSubject(subject, ''), data: () => otherFilesData(ids, item) },
  ];
}

function taskEntryData(ids: ItemIds, head: Item) {
  const { task, files } = taskData(ids, head);
  return { task, files };
}

function otherFilesData(ids: ItemIds, head: Item) {
  const { status: _, ...task } = taskView(ids.owner, ids.id, taskFacets(head), undefined);
  return { file: otherFilesView(ids, head), task };
}
