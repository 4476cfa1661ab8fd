/** What the read API answered: the parts of every page put together, or the answer that was not 200. */
export type Pages = { ok: true; body: Record<string, unknown> } | { ok: false; response: Response };

/** Reads every page of an answer of the read API. `get` asks for a path; its rejections are passed on. */
export async function readPages(get: (path: string) => Promise<Response>, path: string): Promise<Pages> {
  const whole: Record<string, unknown> = {};
  let cursor = '';
  do {
    const response = await get(`${path}${cursor}`);
    if (!response.ok) return { ok: false, response };
    const { next, ...page } = (await response.json()) as Record<string, unknown>;
    for (const [name, value] of Object.entries(page)) {
      const earlier = whole[name];
      whole[name] = Array.isArray(value) && Array.isArray(earlier) ? [...earlier, ...value] : value;
    }
    cursor = typeof next === 'string' ? `${path.includes('?') ? '&' : '?'}cursor=${next}` : '';
  } while (cursor !== '');
  return { ok: true, body: whole };
}
