import { SAMPLE_SOURCES } from '../../../lib/vendors/samples.ts';
import { THIS_HOUR } from '../../support/callbacks.ts';
import { gatewayEvent } from './gateway-events.ts';
import { VENDOR_FUZZ } from './ingest-case.ts';
import { anyText } from './odd-values.ts';
import { Random } from './random.ts';
import { countAnswer, fail } from './report.ts';
import type { Run, World } from './run.ts';
import { anyKey } from './secrets.ts';

/** Stands where the unguessable segment of a callback URL may be. */
const SEGMENT = 'segment-that-nobody-may-read';

/** Sends callbacks, rightly signed and not, to paths that no function has. */
export function unknownPathRun(world: World): Run {
  const invoke = world.load('unknown-path');
  const send: Run['send'] = async (indexes, report) => {
    for (const index of indexes) {
      const { event, isSigned, hidden } = pathCase(world.seed, index);
      report.requests += 1;
      if (isSigned) report.verified += 1;
      else report.unverified += 1;
      try {
        const { statusCode, body } = (await invoke(event, 'request')) as { statusCode: number; body: string };
        countAnswer(report, statusCode);
        if (statusCode >= 500) report.serverErrors += 1;
        const lines = world.takeLines();
        const isRight = statusCode === 404 && body === '{"code":404,"reason":"unknown_path"}';
        if (!isRight) fail(report, `answered ${statusCode} ${body}`, index, event);
        if (lines.length !== 1) fail(report, `logged ${lines.length} lines`, index, event);
        if (lines.some((line) => hidden.some((text) => line.includes(text))))
          fail(report, 'logged a segment or a credential', index, event);
      } catch (error) {
        report.serverErrors += 1;
        fail(report, `threw ${(error as Error).stack}`, index, event);
      }
    }
  };
  return { send, clear: async () => void world.takeLines() };
}

function pathCase(seed: number, index: number) {
  const random = new Random(seed, `unknown-path ${index}`);
  const source = random.pick(SAMPLE_SOURCES);
  const key = anyKey(random, source.vendor);
  const receivedAt = THIS_HOUR + index;
  const document = random.pick(Object.values(source.events))(key.appId, receivedAt);
  const material = { document, key, receivedAt, mayBeOdd: false, depth: 0 };
  const isSigned = random.chance(0.5);
  const vendor = VENDOR_FUZZ[source.vendor];
  const callback = isSigned ? vendor.genuine(random, material).callback : vendor.garbage(random, material);
  const path = random.pick([
    () => `${source.path}x`,
    () => source.path.slice(0, -1),
    () => `/${source.path}`,
    () => `/${anyText(random).toWellFormed()}`,
    () => `/${'/'.repeat(random.below(2_000))}`,
    () => '',
  ])();
  const method = random.pick(['POST', 'POST', 'GET', 'PUT', '']);
  const segment = `a/b/c/${SEGMENT}`;
  const event = gatewayEvent(random, callback, { method, path, segment, receivedAt });
  const credentials = ['sign', 'signature'].flatMap((name) => callback.headers[name] ?? []);
  const hidden = [SEGMENT, key.secret, ...credentials.filter((text) => isSigned && text.length > 20)];
  return { event, isSigned, hidden };
}
