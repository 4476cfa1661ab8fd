import { callAws } from '../platform/aws/request.ts';
import type { Publish } from './notice.ts';

/** How long publishing a notice may take, in ms. */
const PUBLISH_MS = 10_000;

/**
 * Publishes notices to a topic.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export function topicPublisher(topicArn: string, endpoint: string, region: string): Publish {
  return async ({ subject, text }) => {
    const parameters = {
      Action: 'Publish',
      Version: '2010-03-31',
      TopicArn: topicArn,
      Subject: subject,
      Message: text,
    };
    const answer = await callAws({
      service: 'sns',
      protocol: 'application/x-www-form-urlencoded',
      endpoint,
      region,
      body: new URLSearchParams(parameters).toString(),
      deadline: Date.now() + PUBLISH_MS,
    });
    return answer.ok ? { ok: true } : answer;
  };
}
