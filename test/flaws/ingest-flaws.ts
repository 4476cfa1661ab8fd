import type { Flaw } from './flaw.ts';

const INGEST = 'test/receive/receive.test.ts';
const ENVELOPE = 'test/queue/envelope.test.ts';

/** Flaws of the way from the request to the queue. */
export const INGEST_FLAWS: readonly Flaw[] = [
  {
    name: 'probe-writes',
    breaks: 'a probe touches nothing',
    file: 'lib/receive/receive.ts',
    find: `return { answer: ACCEPTED, verdict: 'probe' };`,
    replacement: `{
    await services.store(unverifiedEnvelopeOf(source.name, request, 'missing_signature'), startedAt);
    return { answer: ACCEPTED, verdict: 'probe' };
  }`,
    tests: [INGEST],
  },
  {
    name: 'head-refused',
    breaks: 'consoles may probe with HEAD',
    file: 'lib/receive/receive.ts',
    find: `request.method === 'GET' || request.method === 'HEAD'`,
    replacement: `request.method === 'GET'`,
    tests: [INGEST],
  },
  {
    name: 'base64-flag-ignored',
    breaks: 'the bytes are those that arrived',
    file: 'lib/platform/aws/gateway.ts',
    find: `event.isBase64Encoded ? 'base64' : 'utf8'`,
    replacement: `'utf8'`,
    tests: ['test/platform/gateway.test.ts'],
  },
  {
    name: 'header-names-not-lowered',
    breaks: 'the names of headers have no case',
    file: 'lib/platform/aws/gateway.ts',
    find: 'lower[name.toLowerCase()]',
    replacement: 'lower[name]',
    tests: ['test/platform/gateway.test.ts'],
  },
  {
    name: 'store-waits-too-long',
    breaks: '503 is answered in under 4 s',
    file: 'lib/queue/store.ts',
    find: 'SPILL_DEADLINE_MS = 3_400',
    replacement: 'SPILL_DEADLINE_MS = 33_400',
    tests: ['test/queue/store.test.ts'],
  },
  {
    name: 'no-spill',
    breaks: 'a callback is taken while the queue is out',
    file: 'lib/queue/store.ts',
    find: 'if (sent.ok) return sent;',
    replacement: `if (sent.ok) return sent;
    if (sent.reason !== '') return { ok: false, cause: sent.reason };`,
    tests: ['test/queue/store.test.ts'],
  },
  {
    name: 'spill-expires',
    breaks: 'a spilled message waits as long as it must',
    file: 'lib/queue/spill.ts',
    find: 'messageGroup: { S: spilled.group } }',
    replacement: `messageGroup: { S: spilled.group }, expiresAt: { N: '0' } }`,
    tests: ['test/queue/store.test.ts'],
  },
  {
    name: 'drained-before-sent',
    breaks: 'a message leaves the table only after the queue has it',
    file: 'lib/queue/drain.ts',
    find: 'const mayTry =',
    replacement: `await table.remove(spilled);
      const mayTry =`,
    tests: ['test/queue/drain.test.ts'],
  },
  {
    name: 'message-larger-than-the-queue-takes',
    breaks: 'a body of 1 MiB is taken',
    file: 'lib/queue/envelope.ts',
    find: 'LARGEST_MESSAGE_BYTES = 1_048_576 - 1_024',
    replacement: 'LARGEST_MESSAGE_BYTES = 2 * 1_048_576',
    tests: ['test/receive/receive-store.test.ts'],
  },
  {
    name: 'message-not-ascii',
    breaks: 'SQS takes every message as it is',
    file: 'lib/queue/envelope.ts',
    find: String.raw`/[\u007f-\uffff]/g`,
    replacement: String.raw`/[\u007f]/g`,
    tests: [ENVELOPE],
  },
  {
    name: 'envelope-without-credential',
    breaks: 'a message can be verified again',
    file: 'lib/queue/envelope.ts',
    find: '...(nonce === undefined ? {} : { nonce }),',
    replacement: '',
    tests: [ENVELOPE],
  },
  {
    name: 'unpacks-without-limit',
    breaks: 'no message unpacks to more than 1 MiB',
    file: 'lib/queue/packed-body.ts',
    find: 'gunzipSync(bytes, { maxOutputLength: LARGEST_BODY_BYTES })',
    replacement: 'gunzipSync(bytes)',
    tests: [ENVELOPE],
  },
  {
    name: 'queue-tried-once',
    breaks: 'a fault that may pass is tried again',
    file: 'lib/platform/aws/request.ts',
    find: 'if (attempt.ok || !attempt.mayPass) return attempt;',
    replacement: 'if (attempt.ok || attempt.reason !== "") return attempt;',
    tests: ['test/platform/request.test.ts'],
  },
  {
    name: 'answers-of-the-queue-in-the-log',
    breaks: 'a reason never holds a body',
    file: 'lib/platform/aws/request.ts',
    find: '{type}`',
    replacement: '{body}`',
    tests: ['test/platform/request.test.ts'],
  },
  {
    name: 'messages-reappear-too-early',
    breaks: 'no message reappears while it is being worked on',
    file: 'serverless.yml',
    find: 'VisibilityTimeout: 360',
    replacement: 'VisibilityTimeout: 30',
    tests: ['test/infrastructure/template.test.ts'],
  },
  {
    name: 'compiled-for-another-environment',
    breaks: 'the local stack runs with the variables that it was started with',
    file: 'build/local-service.ts',
    find: '.update(JSON.stringify(variables))',
    replacement: '',
    tests: ['test/build/local-service.test.ts'],
  },
  {
    name: 'stale-code',
    breaks: 'the local stack runs the code as it is',
    file: 'build/local-service.ts',
    find: 'await withProject(directory, () => bundle(names, directory));',
    replacement: 'if (names.length === 0) await withProject(directory, () => bundle(names, directory));',
    tests: ['test/build/local-service-package.test.ts'],
  },
];
