import { EXIT } from './failure.ts';
import { painted, printable, writeLine } from './output.ts';

/** One finding of the doctor. */
export interface Check {
  check: string;
  state: 'ok' | 'warning' | 'failure';
  detail?: string;
  /** What else has this cause, such as refused callbacks. */
  shownBy?: string[];
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

/** A check that is, or shows, a cause which other checks may show too. */
export interface Finding extends Check {
  cause?: string;
  /** Whether it shows the cause, and does not name it. */
  isSymptom?: boolean;
}

const STATES = ['ok', 'warning', 'failure'] as const;

/** Says each cause once: what shows a cause that another finding names becomes part of that one. */
export function mergedByCause(findings: readonly Finding[]): Check[] {
  const wrong = findings.filter(({ state, isSymptom }) => state !== 'ok' && !isSymptom).toReversed();
  const named = new Map(wrong.map((finding) => [finding.cause, finding]));
  return findings.flatMap((finding) => {
    const { cause, isSymptom, ...check } = finding;
    const isNamed = cause !== undefined && named.has(cause);
    if (isNamed && isSymptom) return [];
    if (!isNamed || named.get(cause) !== finding) return [check];
    const symptoms = findings.filter((other) => other.isSymptom && other.cause === cause);
    const all = [finding, ...symptoms].map(({ state }) => STATES.indexOf(state));
    const shownBy = symptoms.map((symptom) => `${symptom.check}: ${symptom.detail ?? symptom.state}`);
    return [
      { ...check, state: STATES[Math.max(...all)] ?? check.state, ...(shownBy.length > 0 && { shownBy }) },
    ];
  });
}

const MOODS = { ok: 'good', warning: 'careful', failure: 'bad' } as const;

/** Shows a check to people. */
export function writeCheck({ check, state, detail, shownBy = [], fix }: Check): void {
  const mark = painted(state.padEnd('failure'.length), MOODS[state]);
  writeLine(`${mark}  ${printable(check)}${detail === undefined ? '' : `: ${printable(detail)}`}`);
  for (const symptom of shownBy) writeLine(`         ${painted('·', 'quiet')} ${printable(symptom)}`);
  if (fix !== undefined) writeLine(`         ${painted('→', 'quiet')} ${printable(fix)}`);
}
