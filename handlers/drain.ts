import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { AWS_CLIENT_SETTINGS } from '../lib/platform/aws/clients.ts';
import { required } from '../lib/platform/environment.ts';
import { createLog } from '../lib/platform/log.ts';
import { type DrainResult, drain } from '../lib/queue/drain.ts';
import { queueSender } from '../lib/queue/queue.ts';
import { createSpillTable } from '../lib/queue/spill-table.ts';

/** What is left for the log and the answer when the time is up, in ms. */
const MARGIN_MS = 5_000;

const environment = process.env;
const services = {
  table: createSpillTable(new DynamoDBClient(AWS_CLIENT_SETTINGS), required(environment, 'TABLE_NAME')),
  send: queueSender(
    required(environment, 'QUEUE_URL'),
    required(environment, 'AWS_REGION'),
    environment.AWS_ENDPOINT_URL_SQS,
  ),
  log: createLog(environment),
  now: Date.now,
};

/** Moves spilled callbacks into the queue; runs on a schedule, and whenever it is invoked. */
export async function handler(_event: unknown, context: Context): Promise<DrainResult> {
  return drain(services, Date.now() + context.getRemainingTimeInMillis() - MARGIN_MS);
}
