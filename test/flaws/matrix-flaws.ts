import type { Flaw } from './flaw.ts';

/** The ten flaws of the receiver conformance matrix. */
export const MATRIX_FLAWS: readonly Flaw[] = [
  {
    name: 'no-idempotency-record',
    breaks: 'a duplicate has no second effect',
    file: 'lib/ledger/updates.ts',
    find: 'OR #order < :order)',
    replacement: 'OR attribute_exists(#order))',
    test: 'test/ledger/facets.test.ts',
  },
  {
    name: 'check-then-insert-race',
    breaks: 'of concurrent duplicates one has an effect',
    file: 'lib/ledger/ledger.ts',
    find: 'const { written, item } = await update(facetUpdate(owner, observation, expiresAt));',
    replacement: `const wanted = facetUpdate(owner, observation);
      const { GetItemCommand } = await import('@aws-sdk/client-dynamodb');
      const found = await client.send(new GetItemCommand({ TableName: tableName, Key: wanted.Key }));
      const order = found.Item?.[wanted.ExpressionAttributeNames?.['#order'] ?? '']?.S ?? '';
      const isNewer = order < (wanted.ExpressionAttributeValues?.[':order']?.S ?? '');
      const { written, item } = isNewer
        ? await update({ ...wanted, ConditionExpression: 'attribute_exists(pk) OR attribute_not_exists(pk)' })
        : { written: false, item: found.Item };`,
    test: 'test/ledger/convergence.test.ts',
    title: 'with observations applied at once',
  },
  {
    name: 'marked-done-before-the-effect',
    breaks: 'what failed half-way is done again',
    file: 'lib/consume/consume.ts',
    find: 'let changes = 0;',
    replacement: `const early = { expiresAt: newsKeptUntil, listsTask: false, messageId };
  if (newsKeptUntil > envelope.receivedAt) await ledger.record(owner, event, envelope, early);
  let changes = 0;`,
    test: 'test/consume/consume.test.ts',
  },
  {
    name: 'ack-before-durable',
    breaks: 'acked means durable',
    file: 'lib/receive/receive.ts',
    find: 'const stored = await services.store(envelopeOf(source.name, request, verification), startedAt);',
    replacement: `void services.store(envelopeOf(source.name, request, verification), startedAt);
  const stored = { ok: true, messageId: '', cause: '' };`,
    test: 'test/receive/receive.test.ts',
  },
  {
    name: 'verify-after-re-serialising',
    breaks: 'the raw bytes are verified',
    file: 'lib/vendors/tencent/verify.ts',
    find: 'tencentSignature(key, request.body)',
    replacement: `tencentSignature(key, Buffer.from(JSON.stringify(JSON.parse(\`\${request.body}\`), null, '\\t')))`,
    test: 'test/vendors/tencent-signature.test.ts',
  },
  {
    name: 'accepts-stale',
    breaks: 'an old credential is not taken',
    file: 'lib/consume/freshness.ts',
    find: 'time !== undefined && Math.abs(receivedAt - time) <= windowHours * HOUR_MS',
    replacement: 'time !== undefined && receivedAt + windowHours > 0',
    test: 'test/consume/quarantine.test.ts',
    title: 'by the signed timestamp',
  },
  {
    name: 'accepts-invalid',
    breaks: 'unverified means untouched',
    file: 'lib/callback/verification.ts',
    find: '&& timingSafeEqual(expected, received)',
    replacement: '',
    test: 'test/callback/verification.test.ts',
  },
  {
    name: 'side-effect-before-dedupe',
    breaks: 'a reused credential changes nothing',
    file: 'lib/consume/consume.ts',
    find: 'const trust = await trustOf(',
    replacement: `const effects = parsed.ok ? parsed.observations : [];
  for (const each of effects) await services.ledger.apply(owner, each).catch(() => false);
  const trust = await trustOf(`,
    test: 'test/consume/quarantine.test.ts',
    title: 'another body with a credential',
  },
  {
    name: 'assumes-order',
    breaks: 'any order gives the same state',
    file: 'lib/ledger/updates.ts',
    find: 'ConditionExpression: FACET_IS_NEWER,',
    replacement: `ConditionExpression: FACET_IS_NEWER + (facet === 'end' ? ' AND attribute_exists(startOrder)' : ''),`,
    test: 'test/ledger/facets.test.ts',
  },
  {
    name: 'logs-sensitive-content',
    breaks: 'no body reaches a log',
    file: 'lib/receive/receive.ts',
    find: 'bodyBytes: request.body.length,',
    replacement: `bodyBytes: request.body.length,
    body: request.body.toString('utf8'),`,
    test: 'test/receive/receive.test.ts',
  },
  {
    name: 'crash-after-effect-before-ack',
    breaks: 'what was applied leaves the queue',
    file: 'lib/consume/consume.ts',
    find: `services.log(result.verdict === 'quarantined'`,
    replacement: `if (result.verdict === 'applied') throw new Error('crash');
  services.log(result.verdict === 'quarantined'`,
    test: 'test/consume/consume.test.ts',
  },
];
