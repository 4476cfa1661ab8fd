import type { LinesAnswer } from '../stack/recent-lines.ts';
import { CommandFailure, EXIT } from './failure.ts';
import type { LineSelection, NewLines } from './log-lines.ts';

const PAUSE_MS = 250;
const TIMEOUT_MS = 5_000;

/** The log lines and changes that the local stack at `base` remembers. */
export function localLines(base: string, { since }: LineSelection): NewLines {
  let position: Record<string, string> = since === undefined ? {} : { since: String(since) };
  return {
    pauseMs: PAUSE_MS,
    async next() {
      const url = `${base}/local/lines?${new URLSearchParams(position)}`;
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      // The stack starts or stops.
      if (response.status === 503) return { lines: [], missed: 0 };
      if (!response.ok) {
        throw new CommandFailure(
          EXIT.unreachable,
          `${base} answered ${response.status}. Is it the stack of "npm start"?`,
        );
      }
      const { lines, missed, next } = (await response.json()) as LinesAnswer;
      position = { after: next };
      return { lines, missed };
    },
  };
}
