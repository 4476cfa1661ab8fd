import { parseAttentionId } from '../../../lib/attention/attention-id.ts';
import type { Vendor } from '../../../lib/callback/callback.ts';
import { taskKey } from '../../../lib/ledger/keys.ts';
import { eventOf } from '../../../stack/gateway-event.ts';
import { THIS_HOUR } from '../../support/callbacks.ts';
import type { Invoke } from './function.ts';
import { fillLedger, type Known } from './ledger.ts';
import { mutatedBytes } from './mutate-bytes.ts';
import { mutatedDocument } from './mutate-document.ts';
import { anyText } from './odd-values.ts';
import { Random } from './random.ts';
import { countAnswer, fail } from './report.ts';
import type { Run, World } from './run.ts';

/** A request of somebody who may write. */
interface WriteCase {
  routeKey: string;
  pathParameters: Record<string, string>;
  body: Buffer;
  /** Whether it must be answered 200. */
  isRight: boolean;
}

/** Fills a ledger, lets the watch raise attention items, and sends requests to the write API. */
export async function writeRun(world: World, requests: number): Promise<Run> {
  const known = await fillLedger(world, requests);
  await world.load('watch')({}, 'watch');
  const ids = await attentionIds(world.load('query'));
  const announced = new Set<string>();
  const invoke = world.load('write');
  const routes = world.routes('write');
  world.takeLines();
  const send: Run['send'] = async (indexes, report) => {
    for (const index of indexes) {
      const request = writeCase(new Random(world.seed, `write ${index}`), routes, known, ids, announced);
      const event = eventFor(request);
      const { vendor, appId, taskId } = request.pathParameters;
      if (taskId !== undefined) announced.add(taskKey(vendor as Vendor, appId ?? '', taskId));
      report.requests += 1;
      if (request.isRight) report.verified += 1;
      else report.unverified += 1;
      try {
        const { statusCode, body } = (await invoke(event, 'write')) as { statusCode: number; body: string };
        countAnswer(report, statusCode);
        if (statusCode >= 500) report.serverErrors += 1;
        const statuses = request.isRight ? [200] : [200, 400, 404, 409];
        const { code, reason } = JSON.parse(body);
        const isTold =
          statusCode === 200 || (code === statusCode && typeof reason === 'string' && reason !== '');
        if (!statuses.includes(statusCode) || !isTold)
          fail(report, `answered ${statusCode} ${body}`, index, event);
      } catch (error) {
        report.serverErrors += 1;
        fail(report, `threw ${(error as Error).stack}`, index, event);
      }
    }
    world.takeLines();
  };
  return { send, clear: async () => void world.takeLines() };
}

async function attentionIds(query: Invoke): Promise<string[]> {
  const event = { routeKey: 'GET /attention', queryStringParameters: { limit: '500' } };
  const { body } = (await query(event, 'attention')) as { body: string };
  const { files, tasks = [], apps = [] } = JSON.parse(body) as Record<string, { id: string }[]>;
  return [...(files ?? []), ...tasks, ...apps].map(({ id }) => id);
}

/** Whether an attention item may have left the list: what is said of a task is left to the next run of the watch. */
function mayBeGone(id: string, announced: ReadonlySet<string>): boolean {
  const item = parseAttentionId(id);
  return item?.kind === 'overdue' && announced.has(item.key.pk);
}

/** A request about what is known, or not; `announced` has the keys of the tasks that requests before it were about. */
function writeCase(
  random: Random,
  routes: readonly string[],
  known: readonly Known[],
  ids: readonly string[],
  announced: ReadonlySet<string>,
): WriteCase {
  const routeKey = random.pick(routes);
  const isHiding = routeKey.includes('/attention/');
  const id = ids.length > 0 && random.chance(0.8) ? random.pick(ids) : anyText(random).toWellFormed();
  const task = known.length > 0 && random.chance(0.6) ? random.pick(known) : undefined;
  const document = isHiding ? hiding(random, routeKey, id) : expecting(random);
  const form = random.weighted([
    [6, 'whole'],
    [3, 'document'],
    [1, 'bytes'],
  ] as const);
  const text = JSON.stringify(form === 'document' ? mutatedDocument(random, document) : document);
  return {
    routeKey,
    pathParameters: isHiding
      ? {}
      : {
          vendor: task?.vendor ?? 'tencent',
          appId: task?.appId ?? '1400000000',
          taskId: task?.id ?? anyText(random).toWellFormed(),
        },
    body: form === 'bytes' ? mutatedBytes(random, Buffer.from(text)) : Buffer.from(text),
    isRight:
      form === 'whole' &&
      (isHiding
        ? ids.includes(id) && !mayBeGone(id, announced)
        : routeKey.startsWith('PUT') && task !== undefined),
  };
}

function hiding(random: Random, routeKey: string, id: string) {
  const until = new Date(Date.now() + 3_600_000 + random.below(1e9)).toISOString();
  const isSnooze = routeKey.endsWith('snooze');
  return {
    id,
    by: 'somebody',
    why: `because ${random.below(9)}`,
    ...(isSnooze || random.chance(0.3) ? { until } : {}),
  };
}

function expecting(random: Random) {
  const startedAt = new Date(THIS_HOUR).toISOString();
  const fields = { kind: 'recording', roomId: 'room', sessionId: 'session', label: 'a label', startedAt };
  return Object.fromEntries(Object.entries(fields).filter(() => random.chance(0.6)));
}

function eventFor({ routeKey, pathParameters, body }: WriteCase): object {
  const [method = '', path = ''] = routeKey.split(' ');
  return eventOf({
    method,
    protocol: 'HTTP/1.1',
    routeKey,
    pathParameters,
    path,
    query: '',
    headers: {},
    sourceIp: '203.0.113.7',
    body,
    requestId: 'write',
    receivedAt: THIS_HOUR,
  });
}
