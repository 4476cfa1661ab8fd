import { textTable } from '../../cli/text-table.ts';
import type { DayEntry } from './outage-day.ts';
import { entriesLogged, entryText, type WatchLines } from './views.ts';

/** What needs attention, as the watch, `/attention` and the events tell of it, side by side. */
export function needsTable(
  entries: readonly DayEntry[],
  looked: WatchLines,
  listed: readonly DayEntry[],
  told: readonly DayEntry[],
): string {
  const logged = entriesLogged(looked, 'raised');
  return sideBySide([...entries, ...listed, ...told], {
    'log of the watch': (entry) =>
      entry.reason === 'upload_failed' ? 'counted' : count(logged, entry, 'raised'),
    '/attention': (entry) => count(listed, entry, 'listed'),
    'events posted': (entry) => count(told, entry, 'raised'),
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
