import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { emptyResult } from '../../lib/attention/run.ts';
import { EXPECTATION_SHARDS, OVERDUE_SHARDS } from '../../lib/ledger/keys.ts';
import type { LogFields } from '../../lib/platform/log.ts';
import { drain } from '../../lib/queue/drain.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The fields that a document shows of the log line `message`, in their order. */
function documentedFields(text: string, message: string): string[] {
  const [, fields = ''] = new RegExp(`\\{"message":"${message}",([^}]*)\\}`).exec(text) ?? [];
  return [...fields.matchAll(/"(\w+)":/g)].map(([, name = '']) => name);
}

test('docs/operations.md shows the fields that a run of drain logs', async () => {
  const lines: [string, LogFields][] = [];
  await drain(
    {
      table: { oldest: async () => [], remove: async () => {} },
      send: async () => ({ ok: false, reason: 'timeout' }),
      log: (_level, message, fields) => void lines.push([message, fields]),
      now: () => 0,
    },
    1,
  );
  const [[message, fields] = ['', {}]] = lines;
  expect(Object.keys(fields)).not.toEqual([]);
  expect(documentedFields(read('docs/operations.md'), message)).toEqual(Object.keys(fields));
});

test('docs/operations.md shows the counts of a run of the watch', () => {
  const counts = documentedFields(read('docs/operations.md'), 'watch');
  expect(counts).toEqual(['checked', 'raised', 'cleared', 'dropped', 'left']);
  expect(Object.keys(emptyResult())).toEqual(expect.arrayContaining(counts));
});

test('docs/architecture.md says how many shards the watch index has', () => {
  const text = read('docs/architecture.md');
  for (const shards of [EXPECTATION_SHARDS, OVERDUE_SHARDS]) {
    const [name] = shards[0]?.split('#') ?? [];
    expect(text).toContain(`\`${name}#<0 to ${shards.length - 1}>\``);
    expect([...text.matchAll(new RegExp(`${name}#<0 to`, 'g'))]).toHaveLength(1);
  }
});
