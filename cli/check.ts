import { EXIT } from './failure.ts';
import { painted, printable, writeLine } from './output.ts';

/** One finding of the doctor. */
export interface Check {
  check: string;
  state: 'ok' | 'warning' | 'failure';
  detail?: string;
  /** What to do about it. */
  fix?: string;
  /** Whether it failed because something cannot be reached. */
  isUnreachable?: boolean;
}

/** What cannot be reached outweighs what is wrong: the one may explain the other. */
export function exitCodeOf(checks: readonly Check[]): number {
  if (checks.some(({ isUnreachable }) => isUnreachable)) return EXIT.unreachable;
  return checks.some(({ state }) => state === 'failure') ? EXIT.failed : EXIT.ok;
}

const MOODS = { ok: 'good', warning: 'careful', failure: 'bad' } as const;

/** Shows a check to people. */
export function writeCheck({ check, state, detail, fix }: Check): void {
  const mark = painted(state.padEnd('failure'.length), MOODS[state]);
  writeLine(`${mark}  ${printable(check)}${detail === undefined ? '' : `: ${printable(detail)}`}`);
  if (fix !== undefined) writeLine(`         ${painted('→', 'quiet')} ${printable(fix)}`);
}
