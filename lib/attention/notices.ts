import type { AttentionReason } from '../../types/index.d.ts';
import { isoTime } from '../callback/time.ts';
import { fileFacets, type Item, taskFacets } from '../ledger/facets.ts';
import { idsOfItem } from '../ledger/keys.ts';
import { NO_DEADLINE, type Owner } from '../ledger/updates.ts';
import { forEachConcurrently } from '../platform/concurrency.ts';
import { isObject, parseJson, text } from '../platform/json.ts';
import type { AttentionKind } from './attention-id.ts';
import { type AttentionItem, occurrenceOf } from './attention-item.ts';
import { type NamedItem, noticeOf, type Publish } from './notice.ts';
import { CONCURRENT_ITEMS, type Notices, type WatchRun } from './run.ts';

/*
 * A person gets one notice for each app and reason in a run, however many items there are, and then each item remembers
 * that it was in one. It is published before that is written: a run that breaks off repeats a notice, and loses none.
 */

/** After a notice the next one of the same app and reason waits this long, in ms, and then has all items since. */
const QUIET_MS = 60 * 60_000;

/** How many items a notice names. */
const NAMED_ITEMS = 5;

/** The attribute with the occurrence that was in a notice, and those that it depends on. */
const ATTRIBUTES: Readonly<Record<AttentionKind, { noticed: string; as: readonly string[] }>> = {
  failure: { noticed: 'failureNoticed', as: ['attention', 'attentionReason'] },
  overdue: { noticed: 'overdueNoticed', as: ['watch', 'watchReason', 'watchSince'] },
};

interface Pending {
  kind: AttentionKind;
  item: Item;
  occurrence: string;
}

/** The attention items of one app with one reason. */
interface Group {
  owner: Owner;
  reason: AttentionReason;
  count: number;
  /** The most urgent ones, in order. */
  named: NamedItem[];
  /** Those that were in no notice. */
  pending: Pending[];
  /** When the last notice was published, Unix time in ms; 0 when there was none. */
  lastAt: number;
}

/** For one run. */
export function createNotices(): Notices {
  const groups = new Map<string, Group>();
  return {
    add(kind, item, attentionItem) {
      const { owner } = idsOfItem(item);
      const { reason } = attentionItem;
      const key = JSON.stringify([owner.vendor, owner.appId, reason]);
      const group = groups.get(key) ?? { owner, reason, count: 0, named: [], pending: [], lastAt: 0 };
      groups.set(key, group);
      group.count += 1;
      group.named = [...group.named, namedItem(kind, item, attentionItem)]
        .sort(byUrgency)
        .slice(0, NAMED_ITEMS);
      const occurrence = occurrenceOf(kind, attentionItem);
      const noticed = noticedOf(kind, item);
      if (noticed?.occurrence === occurrence) group.lastAt = Math.max(group.lastAt, noticed.at);
      else group.pending.push({ kind, item, occurrence });
    },

    async publish(run, publish) {
      for (const group of groups.values()) {
        const isQuiet = group.lastAt > 0 && run.now - group.lastAt < QUIET_MS;
        if (group.pending.length > 0 && !isQuiet && !run.isLate(0)) await publishGroup(run, publish, group);
      }
    },
  };
}

async function publishGroup(run: WatchRun, publish: Publish, group: Group): Promise<void> {
  const { services, now } = run;
  const { owner, reason, count, named, pending } = group;
  const about = { ...owner, reason, items: count, newItems: pending.length };
  const result = await publish(
    noticeOf({ owner, reason, count, newCount: pending.length, named }, now, run.settings.stage),
  );
  if (!result.ok) {
    services.log('error', 'notice', { ...about, cause: result.reason });
    return;
  }
  services.log('warn', 'notice', about);
  run.result.notices += 1;
  await forEachConcurrently(pending, CONCURRENT_ITEMS, async ({ kind, item, occurrence }) => {
    const { noticed, as } = ATTRIBUTES[kind];
    const set = { [noticed]: JSON.stringify({ occurrence, at: isoTime(now) }) };
    await services.change(item, [...as, noticed], { set });
  });
}

function noticedOf(kind: AttentionKind, item: Item): { occurrence: string; at: number } | undefined {
  const stored = parseJson(item[ATTRIBUTES[kind].noticed]?.S ?? '');
  if (!isObject(stored)) return undefined;
  return { occurrence: text(stored.occurrence) ?? '', at: Date.parse(text(stored.at) ?? '') };
}

function namedItem(kind: AttentionKind, item: Item, { since }: AttentionItem<AttentionReason>): NamedItem {
  const { id, fileName } = idsOfItem(item);
  const deadline = kind === 'failure' ? item.attentionAt?.S : undefined;
  const upload = fileFacets(item).upload?.value ?? taskFacets(item).upload?.value;
  return {
    taskId: id,
    fileName,
    since,
    label: taskFacets(item).expected?.value.label,
    said: kind === 'failure' ? upload : undefined,
    ...(deadline === undefined || deadline === NO_DEADLINE ? {} : { purgeAt: deadline }),
  };
}

/** The soonest deadline first, then the longest wait. */
function byUrgency(a: NamedItem, b: NamedItem): number {
  const [first, second] = [a, b].map(({ purgeAt = NO_DEADLINE, since }) => `${purgeAt} ${since}`);
  return (first ?? '') < (second ?? '') ? -1 : 1;
}
