import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { expect, test } from 'vitest';

const { forbidden, options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');

/** A project that keeps the rules of `npm run lint:imports`. */
const PROJECT: Readonly<Record<string, string>> = {
  'handlers/page.ts': "import '../lib/page/page.ts';",
  'lib/page/page.ts': "import '../attention/watch.ts'; import type { A } from '../queue/queue.ts';",
  'lib/attention/watch.ts': "import '../ledger/ledger.ts';",
  'lib/ledger/ledger.ts': "import './keys.ts';",
  'lib/ledger/keys.ts': "import '../callback/callback.ts';",
  'lib/queue/queue.ts': "import '../receive/receive.ts';",
  'lib/receive/receive.ts': 'export const a = 1;',
  'lib/callback/callback.ts': 'export const a = 1;',
  'lib/vendors/zego/samples/samples.ts': 'export const a = 1;',
};

/** The rules that a project breaks, each once. */
async function broken(planted: Readonly<Record<string, string>>): Promise<string[]> {
  const baseDir = await mkdtemp(join(tmpdir(), 'rtc-callbacks-imports-'));
  try {
    for (const [path, text] of Object.entries({ ...PROJECT, ...planted })) {
      await mkdir(join(baseDir, dirname(path)), { recursive: true });
      await writeFile(join(baseDir, path), text);
    }
    const cruiseOptions = { ...options, baseDir, validate: true, ruleSet: { forbidden } };
    const { output } = await cruise(['lib', 'handlers'], cruiseOptions);
    return [...new Set((output as ICruiseResult).summary.violations.map(({ rule }) => rule.name))].sort();
  } finally {
    await rm(baseDir, { recursive: true });
  }
}

test.each<[string, Record<string, string>, string[]]>([
  ['is nothing', {}, []],
  [
    'is an import to the right',
    { 'lib/receive/receive.ts': "import '../webhook/keys.ts';", 'lib/webhook/keys.ts': '' },
    ['lib-order-vendors-receive-queue'],
  ],
  [
    'is a circle of types',
    { 'lib/ledger/keys.ts': "import '../callback/callback.ts'; import type { A } from './ledger.ts';" },
    ['no-circle'],
  ],
  [
    'is a pair of folders',
    {
      'lib/queue/queue.ts': "import type { A } from '../receive/other.ts';",
      'lib/receive/other.ts': '',
      'lib/receive/receive.ts': "import '../queue/other.ts';",
      'lib/queue/other.ts': '',
      'lib/page/page.ts': "import '../queue/queue.ts'; import '../receive/receive.ts';",
      'lib/attention/watch.ts': '',
      'lib/ledger/ledger.ts': '',
      'handlers/watch.ts':
        "import '../lib/attention/watch.ts'; import '../lib/ledger/ledger.ts'; import '../lib/ledger/keys.ts';",
    },
    ['no-folder-circle'],
  ],
  [
    'is a file at the root of lib/',
    { 'lib/stray.ts': '', 'lib/page/page.ts': `${PROJECT['lib/page/page.ts']} import '../stray.ts';` },
    ['lib-folders'],
  ],
  ['is a file that no handler reaches', { 'lib/query/dead.ts': '' }, ['lib-is-deployed']],
  [
    'is a tool in a function',
    { 'lib/receive/receive.ts': "import '../../cli/urls.ts';", 'cli/urls.ts': '' },
    ['lib-is-the-base'],
  ],
])('what breaks the order of imports %s', async (_name, planted, rules) => {
  expect(await broken(planted)).toEqual(rules);
});
