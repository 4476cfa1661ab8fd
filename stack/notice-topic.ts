import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { ServiceProxy } from './proxy.ts';

/**
 * An SNS that knows `Publish`: what a deployed stage sends to its subscribers becomes a log line.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export function createNoticeTopic(topicName: string, onNotice: (line: string) => void): ServiceProxy {
  return {
    async forward(request, response) {
      const answer = (status: number, content: string) =>
        response.writeHead(status, { 'content-type': 'text/xml' }).end(content);
      const parameters = new URLSearchParams((await buffer(request)).toString('utf8'));
      const [action, topic = '', subject = '', text = ''] = ['Action', 'TopicArn', 'Subject', 'Message'].map(
        (name) => parameters.get(name) ?? '',
      );
      if (action !== 'Publish') return void answer(400, errorOf('InvalidAction'));
      if (!topic.endsWith(`:${topicName}`)) return void answer(404, errorOf('NotFound'));
      if (text === '' || subject.length > 100) return void answer(400, errorOf('InvalidParameter'));
      onNotice(noticeLine({ subject, text }));
      answer(
        200,
        `<PublishResponse><PublishResult><MessageId>${randomUUID()}</MessageId></PublishResult></PublishResponse>`,
      );
    },
    close: () => {},
  };
}

/** What a subscriber would get, as a log line. */
export function noticeLine({ subject, text }: { subject: string; text: string }): string {
  return JSON.stringify({
    level: 'warn',
    message: 'notified',
    time: new Date().toISOString(),
    subject,
    text,
  });
}

function errorOf(code: string): string {
  return `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code></Error></ErrorResponse>`;
}
