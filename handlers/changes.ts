import { setTimeout } from 'node:timers/promises';
import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { entryPutter } from '../lib/changes/bus.ts';
import { createLabelReader } from '../lib/changes/labels.ts';
import { publishChanges } from '../lib/changes/publish.ts';
import { tableReader } from '../lib/platform/aws/table-reader.ts';
import { required } from '../lib/platform/environment.ts';
import { createLog } from '../lib/platform/log.ts';

/** What answering takes at most, in ms. */
const ANSWER_MS = 3_000;

const environment = process.env;
const region = required(environment, 'AWS_REGION');
const eventsUrl = required(environment, 'EVENTS_URL');
const tableUrl = environment.AWS_ENDPOINT_URL_DYNAMODB ?? eventsUrl.replace('//events.', '//dynamodb.');
const services = {
  labels: createLabelReader(tableReader(region, tableUrl), required(environment, 'TABLE_NAME'), Date.now),
  put: entryPutter(eventsUrl, region),
  log: createLog(environment),
  now: Date.now,
  pause: (ms: number) => setTimeout(ms),
};
const settings = {
  busName: required(environment, 'EVENT_BUS_NAME'),
  source: required(environment, 'EVENT_SOURCE'),
};

/** Puts the changes in a batch of the table's stream on the event bus. */
export async function handler(
  event: DynamoDBStreamEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<DynamoDBBatchResponse> {
  const deadline = Date.now() + context.getRemainingTimeInMillis() - ANSWER_MS;
  const failed = await publishChanges(event.Records, services, settings, deadline);
  return { batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed }] };
}
