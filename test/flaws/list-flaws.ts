import type { Flaw } from './flaw.ts';

const LISTS = 'test/query/lists.test.ts';
const FILLING = 'test/query/fill-lists.test.ts';
const LABELS = 'test/changes/labels.test.ts';
const FIND = 'test/cli/find.test.ts';

/** Flaws of the lists by time, of labels in change events, and of the search in log lines. */
export const LIST_FLAWS: readonly Flaw[] = [
  {
    name: 'page-forgets-its-ties',
    breaks: 'an item is on exactly one page',
    file: 'lib/query/walk.ts',
    find: 'const ties = position?.at === at ? position.ties : {};',
    replacement: 'const ties = {};',
    test: LISTS,
    title: 'have items of one time on one page each',
  },
  {
    name: 'task-at-each-of-its-entries',
    breaks: 'a task is listed once',
    file: 'lib/query/entries.ts',
    find: 'entries.filter(({ key }) => places.get(key.pk) === keyText(key))',
    replacement: 'entries.filter(({ key }) => places.has(key.pk))',
    test: LISTS,
    title: 'at its earliest file',
  },
  {
    name: 'unbuilt-index-is-a-fault',
    breaks: 'lists say that their index is being built',
    file: 'lib/query/query.ts',
    find: "if (INDEX_IS_BUILDING.test(error.message)) return refusal(503, 'index_building');",
    replacement: '',
    test: 'test/query/index-building.test.ts',
  },
  {
    name: 'fills-what-a-file-lists',
    breaks: 'filling lists that are there changes nothing',
    file: 'cli/filling.ts',
    find: "if (name === 'place' && isListedByFile) continue;",
    replacement: '',
    test: FILLING,
    title: 'filling again changes nothing',
  },
  {
    name: 'label-seen-a-minute-later',
    breaks: 'the first label of an app is in the change events of its files',
    file: 'lib/changes/labels.ts',
    find: 'for (const item of items) if (labelOf(item.expected?.S) !== undefined) apps.add(appOf(item));',
    replacement: '',
    test: LABELS,
  },
  {
    name: 'labels-of-all-apps',
    breaks: 'apps without labels cost no reads',
    file: 'lib/changes/labels.ts',
    find: 'files.filter((item) => apps.has(appOf(item)))',
    replacement: 'files',
    test: LABELS,
  },
  {
    name: 'change-without-its-label',
    breaks: 'while labels cannot be read, changes come again',
    file: 'lib/changes/publish.ts',
    find: 'if (labels === undefined) return records[0]?.dynamodb?.SequenceNumber;',
    replacement: 'if (labels === undefined) return undefined;',
    test: 'test/changes/publish.test.ts',
  },
  {
    name: 'search-without-end',
    breaks: 'a search sends a limited number of requests',
    file: 'cli/cloudwatch-lines.ts',
    find: 'isCut ||= signal.aborted || requests >= mostRequests;',
    replacement: 'isCut ||= signal.aborted;',
    test: FIND,
    title: 'the number of requests is bounded',
  },
  {
    name: 'search-ends-at-the-spill',
    breaks: 'the whole way of a callback is found',
    file: 'cli/find-events.ts',
    find: "drain: ['messageId', 'spillId'],",
    replacement: "drain: ['spillId'],",
    test: FIND,
    title: 'finds the lines of its callbacks in all functions',
  },
  {
    name: 'stored-callback-of-the-replay',
    breaks: 'a stored callback has the message id of its reception',
    file: 'lib/consume/consume.ts',
    find: 'const messageId = envelope.restOf ?? message.replayOf ?? message.messageId;',
    replacement: 'const { messageId } = message;',
    test: 'test/consume/consume.test.ts',
    title: 'the message that it was received as',
  },
];
