import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { eventMatcher } from './event-pattern.ts';
import { operationOf, type ServiceProxy } from './proxy.ts';
import { ACCOUNT_ID, type RuleDefinition } from './template.ts';

/** What `PutEvents` takes. */
const MAXIMUM_ENTRIES = 10;
const MAXIMUM_BYTES = 256 * 1024;

/** What the embedded EventBridge consists of. */
export interface BusOptions {
  busNames: readonly string[];
  rules: readonly RuleDefinition[];
  region: string;
  /** Sends a message to a target of a rule. Rejects when it cannot; the event then comes again. */
  send(queueLogicalId: string, body: string): Promise<unknown>;
  /** Gets the detail of every event, once the rules' targets have it. */
  onEvent(detail: unknown): void;
}

interface Entry {
  Source?: string;
  DetailType?: string;
  Detail?: string;
  EventBusName?: string;
  Resources?: string[];
}

/** What became of an entry. */
type EntryResult = { EventId: string } | { ErrorCode: string; ErrorMessage: string };

/**
 * An EventBridge that knows `PutEvents` and rules that send to queues.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export function createEventBus(options: BusOptions): ServiceProxy {
  const rules = options.rules.map((rule) => ({ ...rule, matches: eventMatcher(rule.pattern) }));

  async function put(entry: Entry): Promise<EntryResult> {
    const { Source, DetailType, EventBusName = 'default', Resources = [] } = entry;
    if (!options.busNames.includes(EventBusName)) return refusal('ResourceNotFoundException', EventBusName);
    if (!Source || !DetailType) return refusal('InvalidArgument', 'Source and DetailType are needed.');
    const detail = objectOf(entry.Detail);
    if (detail === undefined) return refusal('MalformedDetail', 'Detail is malformed.');
    const event = {
      version: '0',
      id: randomUUID(),
      'detail-type': DetailType,
      source: Source,
      account: ACCOUNT_ID,
      time: new Date().toISOString(),
      region: options.region,
      resources: Resources,
      detail,
    };
    try {
      for (const { matches, busName, targets } of rules) {
        if (busName !== EventBusName || !matches(event)) continue;
        const bodies = targets.map(({ sendsDetailOnly }) => JSON.stringify(sendsDetailOnly ? detail : event));
        await Promise.all(
          targets.map(({ queueLogicalId }, index) => options.send(queueLogicalId, bodies[index] ?? '')),
        );
      }
    } catch (error) {
      return refusal('InternalFailure', (error as Error).message);
    }
    options.onEvent(detail);
    return { EventId: event.id };
  }

  /** The entries one after the other, so that events keep their order. */
  async function putAll(entries: readonly Entry[]): Promise<object> {
    const Entries: EntryResult[] = [];
    for (const entry of entries) Entries.push(await put(entry));
    return { FailedEntryCount: Entries.filter((result) => 'ErrorCode' in result).length, Entries };
  }

  return {
    async forward(request, response) {
      const answer = (status: number, content: object) =>
        response
          .writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
          .end(JSON.stringify(content));
      const body = await buffer(request);
      if (operationOf(request) !== 'PutEvents')
        return void answer(400, { __type: 'UnknownOperationException' });
      const entries = objectOf(body.toString('utf8'))?.Entries;
      const isValid = Array.isArray(entries) && entries.length > 0 && entries.length <= MAXIMUM_ENTRIES;
      if (!isValid || entriesBytes(entries) > MAXIMUM_BYTES)
        return void answer(400, { __type: 'ValidationException' });
      answer(200, await putAll(entries));
    },
    close: () => {},
  };
}

function refusal(ErrorCode: string, ErrorMessage: string): EntryResult {
  return { ErrorCode, ErrorMessage };
}

function entriesBytes(entries: readonly Entry[]): number {
  const texts = entries.flatMap(({ Source, DetailType, Detail }) => [Source, DetailType, Detail]);
  return texts.reduce((bytes, text) => bytes + Buffer.byteLength(text ?? ''), 0);
}

function objectOf(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
