import type { ReadParameter } from '../platform/aws/parameter.ts';

/** Shorter than this, a token could be guessed. */
const SHORTEST_TOKEN = 24;

/** How long a token is used before it is read again, in ms. */
const TIME_TO_LIVE_MS = 5 * 60_000;

/** The token, or why it cannot be had; the reason quotes nothing of it. */
export type TokenResult = { ok: true; token: string } | { ok: false; reason: string };

/**
 * The token of the page, kept for five minutes, and for longer while it cannot be read. `now` gives Unix time in ms.
 */
export function createTokenStore(read: ReadParameter, now: () => number): () => Promise<TokenResult> {
  let last: { result: TokenResult; readAt: number } | undefined;
  return async () => {
    if (last?.result.ok && now() - last.readAt < TIME_TO_LIVE_MS) return last.result;
    const result = tokenOf(await read());
    last = { result: !result.ok && last?.result.ok ? last.result : result, readAt: now() };
    return last.result;
  };
}

function tokenOf(answer: Awaited<ReturnType<ReadParameter>>): TokenResult {
  if (!answer.ok) return answer;
  const token = answer.body.trim();
  if (token.length >= SHORTEST_TOKEN) return { ok: true, token };
  return { ok: false, reason: `the token has fewer than ${SHORTEST_TOKEN} characters` };
}
