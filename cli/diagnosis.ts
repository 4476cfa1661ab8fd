import {
  type CallbackRequest,
  FORGERY_REASONS,
  type Vendor,
  type Verified,
} from '../lib/callback/callback.ts';
import { reasonText } from '../lib/callback/reasons.ts';
import { unixTimeMs } from '../lib/callback/time.ts';
import { verifyWith } from '../lib/callback/verification.ts';
import { isFresh } from '../lib/consume/freshness.ts';
import { timestampWindowHours } from '../lib/consume/settings.ts';
import type { Envelope, UnverifiedEnvelope } from '../lib/queue/envelope.ts';
import { checkPathSegment } from '../lib/receive/path-segment.ts';
import { VENDOR_NAMES } from '../lib/vendors/facts.ts';
import { SOURCES, VENDORS } from '../lib/vendors/index.ts';
import { SAMPLE_SOURCES } from '../lib/vendors/samples.ts';
import type { Check } from './check.ts';
import { type Connection, createSecretsReader, type VendorSecrets } from './connection.ts';
import { secretChecks } from './doctor-secrets.ts';
import { isUnverified, type OpenedMessage, requestAsReceived } from './queue-messages.ts';
import { allApps, candidateSecrets, type Difference, requestVariants } from './suspicions.ts';

/** What a check is called that explains a wrong signature. */
const FITS = 'it fits when';

type AllSecrets = ReadonlyMap<Vendor, VendorSecrets>;

/** Says whether a request verifies, and if not, what would have to be different. */
export async function diagnose(
  request: CallbackRequest,
  sourceName: string | undefined,
  connection: Connection,
): Promise<Check[]> {
  const read = createSecretsReader(connection);
  const secrets: AllSecrets = new Map(
    await Promise.all(VENDOR_NAMES.map(async (vendor) => [vendor, await read(vendor)] as const)),
  );
  const source = sourceName ?? sourceOfPath(request.path);
  const vendors =
    source === undefined ? VENDOR_NAMES : [(SOURCES.get(source)?.vendor ?? VENDOR_NAMES[0]) as Vendor];
  for (const vendor of vendors) {
    const verification = verify(vendor, request, secrets);
    if (verification?.ok) {
      return accepted(vendor, source, request, verification, secrets, connection);
    }
  }
  const explained = refused(vendors, source, request, secrets);
  if (source === undefined || explained.some(({ check }) => check === FITS)) return explained;
  // What keeps secrets from being read is said already.
  const readable = vendors.filter((vendor) => secrets.get(vendor)?.ok);
  const oddities = await Promise.all(readable.map((vendor) => secretChecks(vendor, connection, read)));
  return [...explained, ...oddities.flat().filter(({ state }) => state !== 'ok')];
}

/** Says why a message is in quarantine, what would have to be different, and what to do with it. */
export async function diagnoseMessage(message: OpenedMessage, connection: Connection): Promise<Check[]> {
  const { envelope, bodyProblem, reason = 'unknown', messageId } = message;
  if (envelope === undefined) {
    const detail = bodyProblem ?? 'not an envelope of this version: is a deployment in progress?';
    return [{ check: 'message', state: 'failure', detail }];
  }
  const checks = isUnverified(envelope)
    ? await unverifiedChecks(envelope, connection)
    : await verifiedChecks(envelope, connection);
  const isForgery = FORGERY_REASONS.some((one) => one === reason);
  const isGood = checks.every(({ state }) => state === 'ok');
  const quarantined: Check = {
    check: `quarantined as ${reason}`,
    state: isGood && !isForgery ? 'ok' : 'failure',
    detail: reasonText(reason) ?? '',
    ...(isForgery ? { fix: `If it is genuine: rtc-callbacks quarantine accept ${messageId}` } : {}),
    ...(isGood && !isForgery
      ? { fix: `Now it can be applied: rtc-callbacks quarantine replay ${messageId}` }
      : {}),
  };
  return [...checks, quarantined];
}

async function unverifiedChecks(envelope: UnverifiedEnvelope, connection: Connection): Promise<Check[]> {
  const { refusal, source, sourceIp } = envelope;
  const checks = await diagnose(requestAsReceived(envelope), source, connection);
  const isOfOrigin = refusal === 'network_not_allowed' || refusal === 'missing_path_segment';
  if (!isOfOrigin) return checks;
  const check = refusal === 'network_not_allowed' ? `address ${sourceIp}` : 'path segment';
  return [...checks, { check, state: 'warning', detail: `${refusal}: ${reasonText(refusal)}` }];
}

function verifiedChecks(envelope: Envelope, connection: Connection): Promise<Check[]> {
  const { source, body, receivedAt } = envelope;
  const vendor = SOURCES.get(source)?.vendor;
  if (vendor === undefined)
    return Promise.resolve([{ check: 'source', state: 'failure', detail: `${source} is unknown here` }]);
  const request = { method: 'POST', path: '', headers: {}, query: {}, body, sourceIp: '', receivedAt };
  return accepted(vendor, source, request, { ok: true, ...envelope }, new Map(), connection);
}

function verify(vendor: Vendor, request: CallbackRequest, secrets: AllSecrets) {
  const live = secrets.get(vendor);
  return live?.ok ? verifyWith(VENDORS[vendor].verify, request, live.secrets) : undefined;
}

function sourceOfPath(path: string): string | undefined {
  // The longest first: one source's path may begin another's.
  const matching = SAMPLE_SOURCES.filter(({ path: route }) => path === route || path.startsWith(`${route}/`));
  return matching.toSorted((a, b) => b.path.length - a.path.length)[0]?.name;
}

/** It verifies; whether it would be applied is another question. */
async function accepted(
  vendor: Vendor,
  sourceName: string | undefined,
  request: CallbackRequest,
  verified: Verified,
  secrets: AllSecrets,
  connection: Connection,
): Promise<Check[]> {
  const { appId, keyIndex, strength, timestamp } = verified;
  const checks: Check[] = [
    { check: 'signature', state: 'ok', detail: `made with secret ${keyIndex + 1} of ${vendor} app ${appId}` },
  ];
  const live = secrets.get(vendor);
  if (live?.ok && !checkPathSegment(verified, request, live.secrets).ok) {
    checks.push({
      check: 'path segment',
      state: 'failure',
      detail: reasonText('wrong_path_segment') ?? '',
      fix: 'Paste the URL again: rtc-callbacks urls --segments',
    });
  }
  if (strength === 'credential') {
    const windowHours = timestampWindowHours(await connection.functionEnvironment('consumer'))(vendor);
    const hasForm = VENDORS[vendor].credential?.isTimestamp(timestamp ?? '', request.body) === true;
    checks.push(
      ...(hasForm ? timestampChecks(timestamp, request.receivedAt, windowHours) : [MALFORMED_TIMESTAMP]),
    );
  }
  const parsed = SOURCES.get(sourceName ?? '')?.parse(request.body, {
    appId,
    receivedAt: request.receivedAt,
  });
  if (parsed?.ok) checks.push({ check: 'content', state: 'ok', detail: parsed.event.type });
  else if (parsed !== undefined) {
    checks.push({ check: 'content', state: 'failure', detail: `it is quarantined as ${parsed.reason}` });
  }
  return checks;
}

const MALFORMED_TIMESTAMP: Check = {
  check: 'timestamp',
  state: 'failure',
  detail: 'not in the form that the vendor documents: it is quarantined as malformed_timestamp',
  fix: 'Did anything on the way change it?',
};

function timestampChecks(timestamp = '', receivedAt: number, windowHours: number): Check[] {
  if (isFresh(timestamp, receivedAt, windowHours)) return [];
  return [
    {
      check: 'timestamp',
      state: 'failure',
      detail: `signed ${describeTime(timestamp)}, more than ${windowHours} hours from the reception: it is quarantined as stale`,
      fix: 'Compare the clocks; the window is a parameter of serverless.yml.',
    },
  ];
}

function describeTime(timestamp: string): string {
  const time = unixTimeMs(timestamp);
  return time === undefined ? 'at no time that can be read' : `at ${new Date(time).toISOString()}`;
}

function refused(
  vendors: readonly Vendor[],
  source: string | undefined,
  request: CallbackRequest,
  secrets: AllSecrets,
): Check[] {
  const [vendor] = vendors;
  const checks: Check[] = [];
  if (source === undefined) {
    checks.push({
      check: 'signature',
      state: 'failure',
      detail: 'it verifies with no vendor',
      fix: 'Name the callback source that it came to with --source.',
    });
  } else if (vendor !== undefined) checks.push(refusalCheck(vendor, request, secrets));
  const findings = findingsOf(vendors, request, secrets);
  if (findings.length > 0) return [...checks, ...findings];
  if (source !== undefined && vendor !== undefined && !secrets.get(vendor)?.ok) return checks;
  const secretName = source === undefined || vendor === undefined ? undefined : VENDORS[vendor].secret.name;
  return [
    ...checks,
    {
      check: 'nothing that was tried fits',
      state: 'failure',
      detail:
        'most likely the vendor signs with a secret that is not among the live ones, or it is a forgery',
      fix: `Compare the secret with the console${secretName === undefined ? '' : `: ${secretName}`}. Was the captured body what arrived, byte for byte?`,
    },
  ];
}

function refusalCheck(vendor: Vendor, request: CallbackRequest, secrets: AllSecrets): Check {
  const live = secrets.get(vendor);
  if (!live?.ok) {
    return {
      check: `secrets of ${vendor}`,
      state: 'failure',
      detail: live?.reason ?? 'there are none',
      fix: 'Put {"<appId>":["<secret>"]} there.',
    };
  }
  const verification = verifyWith(VENDORS[vendor].verify, request, live.secrets);
  const reason = verification.ok ? 'wrong_signature' : verification.reason;
  return { check: 'signature', state: 'failure', detail: `${reason}: ${reasonText(reason)}` };
}

/** What fits: the simplest explanation for each way in which the request may have been changed. */
function findingsOf(vendors: readonly Vendor[], request: CallbackRequest, secrets: AllSecrets): Check[] {
  const candidates = candidateSecrets(vendors, secrets);
  const secret = allApps(candidates.map((candidate) => candidate.secret));
  for (const variant of requestVariants(request)) {
    // The vendors that it was sent to first.
    for (const vendor of [...vendors, ...VENDOR_NAMES.filter((other) => !vendors.includes(other))]) {
      const verification = verifyWith(VENDORS[vendor].verify, variant.request, secret);
      if (!verification.ok) continue;
      const { appId, keyIndex } = verification;
      // Several apps may share a secret: then it is nobody else's.
      const same = candidates.filter((candidate) => candidate.secret === candidates[keyIndex]?.secret);
      const isOwn = same.some((candidate) => candidate.differenceFor(vendor, appId) === undefined);
      const difference = isOwn ? undefined : same[0]?.differenceFor(vendor, appId);
      return explanations(vendor, vendors, variant, difference);
    }
  }
  return [];
}

function explanations(
  vendor: Vendor,
  vendors: readonly Vendor[],
  variant: { finding?: string; fix?: string },
  difference: Difference | undefined,
): Check[] {
  const found: Check[] = [];
  if (!vendors.includes(vendor)) {
    found.push({
      check: FITS,
      state: 'failure',
      detail: `it is taken for a callback of ${vendor}, which has other routes`,
      fix: 'Paste the right URL into the console: rtc-callbacks urls',
    });
  }
  if (variant.finding !== undefined) {
    found.push({
      check: FITS,
      state: 'failure',
      detail: variant.finding,
      ...(variant.fix === undefined ? {} : { fix: variant.fix }),
    });
  }
  if (difference !== undefined) {
    found.push({ check: FITS, state: 'failure', detail: difference.finding, fix: difference.fix });
  }
  return found;
}
