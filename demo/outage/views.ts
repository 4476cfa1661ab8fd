import { textTable } from '../../cli/output.ts';
import { ATTENTION_REASONS } from '../../lib/attention/run.ts';
import type {
  AttentionApp,
  AttentionEvent,
  AttentionFile,
  AttentionTask,
  ChangeEvent,
} from '../../types/index.d.ts';
import type { DayEntry } from './outage-day.ts';

/** The line that ends a run of the watch, and those before it, one for each entry that it raised or cleared. */
export type WatchLines = readonly Record<string, unknown>[];

/** The lists of `/attention`. */
export interface AttentionLists {
  files?: AttentionFile[];
  tasks?: AttentionTask[];
  apps?: AttentionApp[];
}

/** What a run of the watch has said of each entry that it raised or cleared. */
export function entriesLogged(lines: WatchLines, what: 'raised' | 'cleared'): DayEntry[] {
  return lines
    .filter(({ message, change }) => message === 'attention' && change === what)
    .map(({ reason, vendor, taskId = '' }) => ({ reason, vendor, taskId }) as DayEntry);
}

/** How many entries of each reason a run of the watch has counted, without reasons of none. */
export function reasonsCounted(lines: WatchLines): Record<string, number> {
  const line = lines.find(({ message }) => message === 'watch') ?? {};
  return Object.fromEntries(
    ATTENTION_REASONS.map((reason) => [reason, Number(line[reason])] as const).filter(
      ([, count]) => count !== 0,
    ),
  );
}

/** How many of the entries there are of each reason. */
export function reasonsOf(entries: readonly DayEntry[]): Record<string, number> {
  const counts = ATTENTION_REASONS.map(
    (reason) => [reason, entries.filter((entry) => entry.reason === reason).length] as const,
  );
  return Object.fromEntries(counts.filter(([, count]) => count !== 0));
}

/** The entries that `/attention` lists. */
export function entriesListed({ files = [], tasks = [], apps = [] }: AttentionLists): DayEntry[] {
  return [
    ...[...files, ...tasks].map(({ reason, vendor, taskId }) => ({ reason, vendor, taskId })),
    ...apps.map(({ reason, vendor }) => ({ reason, vendor, taskId: '' })),
  ];
}

/** The attention items of posted events: the latest event of each subject counts, in any order of arrival. */
export function entriesPosted(events: readonly ChangeEvent[]): DayEntry[] {
  return [...latestOfEntries(events).values()]
    .filter(({ type }) => type === 'rtc.attention.raised')
    .map(({ data }) => ({ reason: data.reason, ...placeOf(data) }));
}

/** The attention items that events report as ended, with the last reason they had. */
export function entriesCleared(events: readonly ChangeEvent[]): DayEntry[] {
  return [...latestOfEntries(events).values()]
    .filter(({ type }) => type === 'rtc.attention.cleared')
    .map(({ data }) => ({ reason: data.reason, ...placeOf(data) }));
}

function latestOfEntries(events: readonly ChangeEvent[]): Map<string, AttentionEvent> {
  const entries = events.filter((event): event is AttentionEvent => event.type.startsWith('rtc.attention.'));
  const inSequence = entries.toSorted((a, b) => (a.sequence < b.sequence ? -1 : 1));
  return new Map(inSequence.map((event) => [`${event.source} ${event.subject}`, event]));
}

function placeOf(data: AttentionEvent['data']): Pick<DayEntry, 'vendor' | 'taskId'> {
  if ('app' in data) return { vendor: data.app.vendor, taskId: '' };
  return { vendor: data.task.vendor, taskId: data.task.taskId };
}

/** An entry as text; entries are the same where these are. */
function entryText({ reason, vendor, taskId }: DayEntry): string {
  return [reason, vendor, taskId].join(' ').trimEnd();
}

/** Whether two lists hold the same entries, each as often. */
export function isSameEntries(a: readonly DayEntry[], b: readonly DayEntry[]): boolean {
  return isSame(a.map(entryText).sort(), b.map(entryText).sort());
}

/** Whether two values are the same JSON. */
export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What needs attention, as the watch, `/attention` and the events show it, side by side. */
export function needsTable(
  entries: readonly DayEntry[],
  looked: WatchLines,
  listed: readonly DayEntry[],
  posted: readonly DayEntry[],
): string {
  const logged = entriesLogged(looked, 'raised');
  return sideBySide([...entries, ...listed, ...posted], {
    'log of the watch': (entry) =>
      entry.reason === 'upload_failed' ? 'counted' : count(logged, entry, 'raised'),
    '/attention': (entry) => count(listed, entry, 'listed'),
    'events posted': (entry) => count(posted, entry, 'raised'),
  });
}

/** The same when it has ended. */
export function clearedTable(
  entries: readonly DayEntry[],
  looked: WatchLines,
  left: readonly DayEntry[],
  cleared: readonly DayEntry[],
): string {
  const logged = entriesLogged(looked, 'cleared');
  return sideBySide([...entries, ...left], {
    'log of the watch': (entry) => count(logged, entry, 'cleared') || 'counted no more',
    '/attention': (entry) => count(left, entry, 'listed') || 'gone',
    'events posted': (entry) => count(cleared, entry, 'cleared'),
  });
}

function sideBySide(
  entries: readonly DayEntry[],
  views: Record<string, (entry: DayEntry) => string>,
): string {
  const distinct = [...new Map(entries.map((entry) => [entryText(entry), entry])).values()];
  return textTable(
    ['vendor', 'task', 'reason', ...Object.keys(views)],
    distinct.map((entry) => [
      entry.vendor,
      entry.taskId,
      entry.reason,
      ...Object.values(views).map((view) => view(entry)),
    ]),
  );
}

/** How often a view has an entry; nothing where it has none. */
function count(view: readonly DayEntry[], entry: DayEntry, what: string): string {
  const times = view.filter((each) => entryText(each) === entryText(entry)).length;
  return times === 0 ? '' : times === 1 ? what : `${what}, ${times} files`;
}
