import type { Flaw } from './flaw.ts';

const WATCH = 'test/attention/watch.test.ts';
const EVENTS = 'test/changes/attention.test.ts';

/** Flaws of the watch, of the events about its items, and of traces. */
export const ATTENTION_FLAWS: readonly Flaw[] = [
  {
    name: 'recovered-upload-stays',
    breaks: 'a failed upload that was recovered with its task leaves the index',
    file: 'lib/attention/check-failed-uploads.ts',
    find: `remove: ['attention', 'attentionReason']`,
    replacement: `remove: ['attentionReason']`,
    test: EVENTS,
  },
  {
    name: 'failure-between-read-and-write-lost',
    breaks: 'a failure that comes while the watch decides is not written over',
    file: 'lib/attention/item-changes.ts',
    find: `'attentionReason', 'uploadOrder'`,
    replacement: `'attentionReason'`,
    test: WATCH,
    title: 'is not written over',
  },
  {
    name: 'lost-files-listed-first',
    breaks: 'what can still be saved comes before what is lost',
    file: 'lib/attention/read-attention.ts',
    find: 'if (a.list !== b.list) return a.list - b.list;',
    replacement: 'if (a.list !== b.list) return b.list - a.list;',
    test: 'test/ledger/read.test.ts',
  },
  {
    name: 'end-of-item-not-sent',
    breaks: 'an item that ends is sent as cleared',
    file: 'lib/changes/attention.ts',
    find: 'if (current?.reason === old?.reason) return [];',
    replacement: 'if (current === undefined || current.reason === old?.reason) return [];',
    test: EVENTS,
  },
  {
    name: 'given-up-sent-as-cleared',
    breaks: 'given up differs from cleared',
    file: 'lib/changes/attention.ts',
    find: 'isDropped: ({ attentionReason }) => attentionReason !== undefined',
    replacement: 'isDropped: () => false',
    test: EVENTS,
  },
  {
    name: 'end-of-silence-filtered-out',
    breaks: 'the stream has a heartbeat that ends an item',
    file: 'serverless.yml',
    find: 'OldImage: { watch: { S: [{ exists: true }] } }',
    replacement: 'OldImage: { watch: { S: [{ exists: false }] } }',
    test: EVENTS,
    title: 'is quiet until it calls',
  },
  {
    name: 'unreadable-item-stops-the-watch',
    breaks: 'an item that cannot be read holds up no other',
    file: 'lib/attention/run.ts',
    find: '!UNREADABLE.some((type) => error instanceof type)',
    replacement: 'UNREADABLE.length > 0',
    test: WATCH,
    title: 'holds up no other',
  },
  {
    name: 'trace-of-the-first-invocation',
    breaks: 'each message is of the trace of the invocation that sends it',
    file: 'lib/platform/aws/trace.ts',
    find: 'return () => environment._X_AMZN_TRACE_ID || undefined;',
    replacement: 'const first = environment._X_AMZN_TRACE_ID || undefined;\n  return () => first;',
    test: 'test/platform/trace.test.ts',
  },
];
