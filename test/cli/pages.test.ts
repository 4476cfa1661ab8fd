import { expect, test } from 'vitest';
import { readPages } from '../../cli/connection.ts';

/** Answers of the read API by the path that asks for them. */
function answering(answers: Record<string, [status: number, body: object]>) {
  return async (path: string): Promise<Response> => {
    const [status, body] = answers[path] ?? expect.fail(`Nobody should ask for ${path}.`);
    return Response.json(body, { status });
  };
}

test.each([
  ['/task', '/task?cursor='],
  ['/task?events=true', '/task?events=true&cursor='],
])('the pages of %s are put together', async (path, following) => {
  const get = answering({
    [path]: [200, { task: { id: '1' }, files: ['a', 'b'], next: 'one' }],
    [`${following}one`]: [200, { task: { id: '1' }, files: ['c'], next: 'two' }],
    [`${following}two`]: [200, { task: { id: '1' }, files: [] }],
  });
  const body = { task: { id: '1' }, files: ['a', 'b', 'c'] };
  expect(await readPages(get, path)).toEqual({ ok: true, body });
});

test('a page that cannot be read is the answer', async () => {
  const get = answering({ '/task': [200, { files: ['a'], next: 'one' }], '/task?cursor=one': [503, {}] });
  const pages = await readPages(get, '/task');
  expect(pages).toMatchObject({ ok: false, response: { status: 503 } });
});
