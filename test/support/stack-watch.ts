import { inject } from 'vitest';
import type { FunctionRuntime } from '../../stack/function-runtime.ts';
import { bundledFunction } from './bundled-function.ts';

/**
 * The deployed watch on the table of the stack that all tests share, with the thresholds of a stage as it is: with others, it
 * would take back what the watch of another test finds.
 */
export async function stackWatch(): Promise<FunctionRuntime> {
  const runtime = await bundledFunction('watch', {
    TABLE_NAME: 'rtc-callbacks-local-ledger',
    AWS_ENDPOINT_URL_DYNAMODB: `${inject('stackUrl')}/aws/dynamodb`,
    ATTENTION_DAYS: '7',
    FAILED_UPLOAD_ALARM_MINUTES: '30',
    ALARM_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:rtc-callbacks-local-alarms',
    SNS_URL: `${inject('stackUrl')}/aws/sns`,
  });
  // Lambda runs what a schedule invoked three times at most. A table of a busy machine may answer too late.
  const invoke = (event: unknown, left = 2): Promise<unknown> =>
    runtime.invoke(event).catch((error) => (left > 0 ? invoke(event, left - 1) : Promise.reject(error)));
  return { ...runtime, invoke: (event) => invoke(event) };
}
