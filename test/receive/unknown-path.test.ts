import { expect, test } from 'vitest';
import type { LogFields } from '../../lib/platform/log.ts';
import { answerUnknownPath } from '../../lib/receive/unknown-path.ts';
import { callbackRequest } from '../support/callback-request.ts';

test.each([
  ['/', '/'],
  ['/callbacks/tencnt', '/callbacks/tencnt'],
  ['/callback/rongcloud/recording/unguessable-segment', '/callback/rongcloud/recording'],
])('%s is answered 404 and logged as %s', (path, logged) => {
  const lines: [string, string, LogFields][] = [];
  const request = { ...callbackRequest({ body: Buffer.from('{}') }), path };
  const answer = answerUnknownPath(request, (...line) => void lines.push([line[0], line[1], line[2]]));
  expect(answer).toEqual({ status: 404, body: { code: 404, reason: 'unknown_path' } });
  expect(lines).toEqual([
    [
      'warn',
      'callback',
      expect.objectContaining({ status: 404, reason: 'unknown_path', path: logged, bodyBytes: 2 }),
    ],
  ]);
});
