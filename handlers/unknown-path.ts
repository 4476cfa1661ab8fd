import type { Context } from 'aws-lambda';
import {
  type GatewayEvent,
  type GatewayResult,
  type RestEvent,
  requestOf,
  resultOf,
} from '../lib/platform/aws/gateway.ts';
import { createLog } from '../lib/platform/log.ts';
import { answerUnknownPath } from '../lib/receive/unknown-path.ts';

const log = createLog(process.env);

/** Answers and logs requests to every path that no other function has. */
export async function handler(
  event: GatewayEvent | RestEvent,
  context?: Pick<Context, 'awsRequestId'>,
): Promise<GatewayResult> {
  return resultOf(answerUnknownPath(requestOf(event), log, { requestId: context?.awsRequestId }));
}
