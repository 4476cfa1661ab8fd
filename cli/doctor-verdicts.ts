import type { Vendor } from '../lib/callback/callback.ts';
import { reasonText } from '../lib/callback/reasons.ts';
import { durationText } from '../lib/page/text.ts';
import { field, type Json } from '../lib/platform/json.ts';
import { SOURCES, VENDORS } from '../lib/vendors/index.ts';
import type { Check, Finding } from './check.ts';
import { textOf } from './log-lines.ts';

/** The log lines that say what became of callbacks, by their field `message`. */
export const VERDICT_MESSAGES = ['callback', 'consumed', 'retry'];

/** Refusals that a wrong setting causes, and no scanner can: the others count where an app is named. */
const OF_SETTINGS = ['wrong_signature', 'unknown_app', 'wrong_path_segment', 'missing_path_segment'];

const WORKING = /^(?:accepted|probe|applied|duplicate|event|erased)$/;

/** Lines that have the same cause. */
interface Group {
  check: string;
  verdict: string;
  reason: string;
  count: number;
  line: Json;
}

/** How long after its reception a callback is applied late, in ms: as the alarm `queue-age`. */
const LATE_MS = 5 * 60_000;

/**
 * What the log lines of a time until `now` (Unix time in ms) say is wrong: one finding for each cause. `window` names the
 * time, as in `10 min`.
 */
export function verdictChecks(lines: readonly Json[], window: string, now: number): Finding[] {
  const received = new Map<string, number>();
  const groups = new Map<string, Group>();
  for (const line of lines) {
    const verdict = textOf(line, 'verdict') ?? textOf(line, 'message') ?? '';
    const check = subjectOf(line);
    if (textOf(line, 'message') === 'callback' && verdict !== 'probe')
      received.set(check, (received.get(check) ?? 0) + 1);
    const reason = textOf(line, 'reason') ?? '';
    const key = JSON.stringify([check, verdict, reason, textOf(line, 'belongsTo')]);
    const group = groups.get(key) ?? { check, verdict, reason, count: 0, line };
    groups.set(key, { ...group, count: group.count + 1 });
  }
  const wrong = [...groups.values()].filter(({ verdict, reason }) => !WORKING.test(verdict) || reason !== '');
  const checks: Finding[] = fewApps(wrong, received).map((group) => ({
    ...checkOf(group, received.get(group.check) ?? 0, window),
    ...causeOf(group),
  }));
  checks.push(...latenessChecks(lines, now));
  const total = [...received.values()].reduce((sum, count) => sum + count, 0);
  const isHealthy = checks.every(({ state }) => state === 'ok');
  return [
    ...checks,
    ...(isHealthy
      ? [{ check: `callbacks of the last ${window}`, state: 'ok' as const, detail: `${total}` }]
      : []),
  ];
}

/** Anybody may claim any app: those with the most refusals are named, so many of a source and reason. */
const MOST_CLAIMED_APPS = 5;

/** The groups with the apps that were claimed beyond those put together; `received` gets their number of callbacks. */
function fewApps(groups: readonly Group[], received: Map<string, number>): Group[] {
  const ofClaims = Map.groupBy(groups, ({ line, verdict, reason }) =>
    field(line, 'claimedAppId') === undefined
      ? undefined
      : JSON.stringify([textOf(line, 'source'), verdict, reason]),
  );
  return [...ofClaims].flatMap(([key, claims]) => {
    if (key === undefined) return claims;
    const byCount = claims.toSorted((a, b) => b.count - a.count);
    const others = byCount.slice(MOST_CLAIMED_APPS);
    const [first] = others;
    if (first === undefined || others.length === 1) return byCount;
    const check = `${textOf(first.line, 'source')}, ${others.length} other apps`;
    const sumOf = (numberOf: (group: Group) => number) =>
      others.reduce((sum, each) => sum + numberOf(each), 0);
    received.set(
      check,
      sumOf((group) => received.get(group.check) ?? 0),
    );
    return [...byCount.slice(0, MOST_CLAIMED_APPS), { ...first, check, count: sumOf(({ count }) => count) }];
  });
}

/** Whether the consumer falls behind, or neither applies nor fails. */
function latenessChecks(lines: readonly Json[], now: number): Finding[] {
  const saying = (message: string) => lines.filter((line) => textOf(line, 'message') === message);
  const finding = (detail: string): Finding => ({
    ...{ check: 'consumer', state: 'warning', detail },
    fix: 'Nothing is lost for 4 days. Is it throttled (raise the concurrency of the account), or does it not load (see its log)?',
  });
  // A replay is late, however fast it was.
  const consumed = saying('consumed').filter((line) => field(line, 'replayOf') === undefined);
  const lagMs = Number(field(consumed.at(-1), 'lagMs') ?? 0);
  if (lagMs >= LATE_MS)
    return [finding(`the last callback was applied ${durationText(lagMs)} after its reception`)];
  const isWaiting = (line: Json) =>
    textOf(line, 'verdict') === 'accepted' && now - Date.parse(textOf(line, 'time') ?? '') >= LATE_MS;
  const waiting = saying('callback').filter(isWaiting).length;
  const isSilent = consumed.length + saying('retry').length === 0;
  return waiting > 0 && isSilent
    ? [finding(`it applied none of ${waiting} callbacks that came over 5 min ago`)]
    : [];
}

/** What a line is about: source and app, an unknown path, or the consumer. */
function subjectOf(line: Json): string {
  const source = textOf(line, 'source');
  if (textOf(line, 'reason') === 'unknown_path') {
    const path = textOf(line, 'path') ?? '';
    return path.startsWith('/callbacks') ? path : 'other paths';
  }
  if (source === undefined) return 'consumer';
  const appId = textOf(line, 'appId') ?? textOf(line, 'claimedAppId');
  return appId === undefined ? source : `${source} app ${appId}`;
}

function checkOf({ check, verdict, reason, count, line }: Group, received: number, window: string): Check {
  const meaning = reasonText(reason);
  const because = `${reason}${meaning === undefined ? '' : ` (${meaning})`}`;
  const finding = (state: Check['state'], detail: string, fix?: string): Check => ({
    check,
    state,
    detail: `${detail} in ${window}${reason === '' ? '' : `: ${because}`}`,
    ...(fix === undefined ? {} : { fix }),
  });
  const claimed = textOf(line, 'claimedAppId') === undefined ? '' : ' (the app is unverified)';
  switch (verdict) {
    case 'refused':
      if (check === 'other paths') return finding('ok', `${count} refused`);
      return finding(
        isOfSettings(line, reason) ? 'failure' : 'warning',
        `${count} of ${received} refused${claimed}`,
        refusalFix(line, reason),
      );
    case 'shadowed':
      return finding(
        'warning',
        `${count} of ${received} would be refused${claimed}`,
        refusalFix(line, reason),
      );
    case 'unavailable':
      return finding('failure', `${count} of ${received} answered 503`, textOf(line, 'cause'));
    case 'quarantined':
      return finding(
        'warning',
        `${count} quarantined`,
        'rtc-callbacks quarantine list, then doctor --quarantined <id>',
      );
    case 'retry':
      return finding(
        'failure',
        `${count} failed attempts`,
        'They are tried again, twelve times in all; then rtc-callbacks dlq list',
      );
    default:
      return finding(
        'warning',
        `${count} that belong to ${textOf(line, 'belongsTo') ?? 'another source'}`,
        'Paste each URL into its own field of the console: rtc-callbacks urls',
      );
  }
}

/** Where the cause is said too, if that is looked at and wrong. */
function causeOf({ check, verdict, reason, line }: Group): Partial<Finding> {
  const vendor = SOURCES.get(textOf(line, 'source') ?? '')?.vendor;
  const symptomOf = (cause: string) => ({ cause, isSymptom: true });
  if (verdict === 'quarantined') return symptomOf('queue quarantine');
  if (verdict === 'retry') return symptomOf('table');
  if (vendor === undefined) return {};
  if (reason === 'secrets_unavailable') return symptomOf(secretsCause(vendor));
  const appId = textOf(line, 'claimedAppId');
  // One that stands for several apps has no such cause.
  const isOfOne = appId !== undefined && check === subjectOf(line);
  return reason === 'wrong_signature' && isOfOne ? symptomOf(secretsCause(vendor, appId)) : {};
}

/** The name of a cause: something is wrong with the secrets of a vendor, or with those of an app. */
export function secretsCause(vendor: Vendor, appId?: string): string {
  return `secrets of ${vendor}${appId === undefined ? '' : ` app ${appId}`}`;
}

function isOfSettings(line: Json, reason: string): boolean {
  const isOfVendor = field(line, 'claimedAppId') !== undefined;
  return (
    OF_SETTINGS.includes(reason) || isOfVendor || textOf(line, 'path')?.startsWith('/callbacks') === true
  );
}

function refusalFix(line: Json, reason: string): string {
  const vendor = SOURCES.get(textOf(line, 'source') ?? '')?.vendor;
  switch (reason) {
    case 'wrong_signature':
      return `Compare the secret with the console${vendor === undefined ? '' : `: ${VENDORS[vendor].secret.name}`}. With a captured request, doctor --request says more.`;
    case 'unknown_app':
      return 'If it is yours, add it with its secret to the parameter.';
    case 'unknown_path':
      return 'Correct the URL in the console: rtc-callbacks urls';
    case 'missing_path_segment':
    case 'wrong_path_segment':
      return 'Paste the URL again: rtc-callbacks urls --segments';
    default:
      return 'See docs/why-401.md.';
  }
}
