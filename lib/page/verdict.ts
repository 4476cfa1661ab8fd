import type { Tone } from './elements.ts';

/** A verdict of the receiving functions or of the consumer, in words. */
interface VerdictWords {
  tone: Tone;
  words: string;
  /** Whether somebody may have to do something about it. */
  isProblem: boolean;
}

const VERDICTS: Readonly<Record<string, VerdictWords>> = {
  accepted: { tone: 'busy', words: 'verified, waiting', isProblem: false },
  applied: { tone: 'good', words: 'verified, applied', isProblem: false },
  duplicate: { tone: 'plain', words: 'verified, duplicate', isProblem: false },
  event: { tone: 'plain', words: 'verified, event only', isProblem: false },
  removed: { tone: 'plain', words: 'removed by hand', isProblem: false },
  quarantined: { tone: 'warn', words: 'quarantined', isProblem: true },
  retrying: { tone: 'warn', words: 'failed, tried again', isProblem: true },
  shadowed: { tone: 'warn', words: 'not verified, kept', isProblem: true },
  refused: { tone: 'bad', words: 'refused', isProblem: true },
  unavailable: { tone: 'bad', words: 'not stored', isProblem: true },
};

/** A verdict in words; one that is not known here is shown as it is. */
export function verdictWords(verdict: string): VerdictWords {
  const known = Object.hasOwn(VERDICTS, verdict) ? VERDICTS[verdict] : undefined;
  return known ?? { tone: 'plain', words: verdict, isProblem: false };
}
