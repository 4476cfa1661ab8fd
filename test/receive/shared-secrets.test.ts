import { expect, it } from 'vitest';
import { appsThatShareSecrets } from '../../lib/receive/shared-secrets.ts';

it('groups the apps that share a live secret', () => {
  const secrets = new Map([
    ['1', ['new', 'old']],
    ['2', ['own', 'own']],
    ['3', ['old']],
    ['4', ['new']],
    ['5', ['other']],
  ]);
  expect(appsThatShareSecrets(secrets)).toEqual([
    ['1', '4'],
    ['1', '3'],
  ]);
});

it('finds nothing where each app has its own', () => {
  expect(
    appsThatShareSecrets(
      new Map([
        ['1', ['a', 'b']],
        ['2', ['c']],
      ]),
    ),
  ).toEqual([]);
});
