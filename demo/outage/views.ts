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

/** The entries that events tell of: of each subject the latest event counts, whatever the order they came in. */
export function entriesTold(events: readonly ChangeEvent[]): DayEntry[] {
  return [...latestOfEntries(events).values()]
    .filter(({ type }) => type === 'rtc.attention.raised')
    .map(({ data }) => ({ reason: data.reason, ...placeOf(data) }));
}

/** The entries of which events tell that they have ended, with the last reason they had. */
export function entriesToldCleared(events: readonly ChangeEvent[]): DayEntry[] {
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
export function entryText({ reason, vendor, taskId }: DayEntry): string {
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
