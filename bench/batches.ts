import { randomUUID } from 'node:crypto';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { verifyWith } from '../lib/callback/verification.ts';
import { requestOf } from '../lib/platform/aws/gateway.ts';
import type { JsonObject } from '../lib/platform/json.ts';
import { encodeEnvelope, envelopeOf } from '../lib/queue/envelope.ts';
import type { SampleSource } from '../lib/vendors/common/sample.ts';
import { VENDORS } from '../lib/vendors/index.ts';
import { gatewayEvent, sampleBody, sampleSecret, signed, sourceNamed } from './callbacks.ts';

/** What the consumer reads of a queue's message. */
export type QueueRecord = Pick<SQSRecord, 'messageId' | 'body'>;

/** Where a callback is about: tasks and rooms are numbered, and so are the files of a task. */
export interface Place {
  task: number;
  room?: number;
  file?: number;
}

/** The message of a signed callback, as its ingest function puts it into the queue. Each has a nonce of its own. */
export function recordOf(source: SampleSource, body: JsonObject): QueueRecord {
  const request = requestOf(gatewayEvent(source, signed(source, body)));
  const verified = verifyWith(
    VENDORS[source.vendor].verify,
    request,
    new Map([[source.appId, [sampleSecret(source)]]]),
  );
  if (!verified.ok) throw new Error(`A sample of ${source.name} is refused: ${verified.reason}.`);
  return { messageId: randomUUID(), body: encodeEnvelope(envelopeOf(source.name, request, verified)) };
}

/** The bodies of the usual callbacks (`USUAL_CALLBACKS`), about a place. */
const BODIES: Readonly<Record<string, (sample: JsonObject, place: Place) => JsonObject>> = {
  'rongcloud-recording': (sample, { task, room, file }) => ({
    ...sample,
    recordId: `record-${task}`,
    roomId: `room-${room ?? task}`,
    output: { ...(sample.output as JsonObject), fileName: `file-${file ?? 0}.mp4` },
  }),
  tencent: (sample, { task, room, file }) => ({
    ...sample,
    EventInfo: {
      ...(sample.EventInfo as JsonObject),
      roomID: `room-${room ?? task}`,
      eventID: `picture-${task}-${file ?? 0}.jpg`,
    },
  }),
  zego: (sample, { task, file }) => ({
    ...sample,
    task_id: `task-${task}`,
    snapshot_pic_list: JSON.stringify([{ url: `http://abc.com/${task}-${file ?? 0}.jpg`, offset: 0 }]),
  }),
};

/** The body of a usual callback about a place. */
export function bodyAbout(sourceName: string, event: string, place: Place): JsonObject {
  const change = BODIES[sourceName];
  if (change === undefined) throw new Error(`There is no usual callback of ${sourceName}.`);
  return change(sampleBody(sourceNamed(sourceName), event), place);
}

/** The message of a usual callback about a place. */
export function recordAbout(sourceName: string, event: string, place: Place): QueueRecord {
  return recordOf(sourceNamed(sourceName), bodyAbout(sourceName, event, place));
}

/** The messages as events of an SQS event source mapping. */
export function batchesOf(records: readonly QueueRecord[], batchSize: number): SQSEvent[] {
  const batches: SQSEvent[] = [];
  for (let from = 0; from < records.length; from += batchSize) {
    batches.push({ Records: records.slice(from, from + batchSize) as SQSRecord[] });
  }
  return batches;
}
