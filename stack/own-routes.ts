import type { GatewayRoute } from './gateway.ts';
import type { LinesAnswer, LinesQuery } from './recent-lines.ts';

/** What the routes below lead to. */
export interface OwnServices {
  /** The last callbacks, the latest first. */
  callbacks(): unknown[];
  lines(query: LinesQuery): LinesAnswer;
  /** Takes a log line. */
  report(line: string): void;
}

type Parameters = Readonly<Record<string, string | undefined>>;

/** The routes that the local stack has besides those of the service. */
export function ownRoutes({ callbacks, lines, report }: OwnServices): GatewayRoute[] {
  return [
    // Where the page finds the last callbacks; `serverless.yml` names it for the stage `local`.
    ownRoute('GET', '/local/callbacks', callbacks),
    // What `rtc-callbacks events tail` follows.
    ownRoute('GET', '/local/lines', ({ after, since }) =>
      lines({ after, since: since === undefined ? undefined : Number(since) }),
    ),
    // No function sees that somebody removes a message from a queue: `rtc-callbacks` reports it.
    ownRoute('POST', '/local/removed', ({ messageId = '' }) => report(removalLine(messageId))),
  ];
}

function ownRoute(method: string, path: string, answer: (query: Parameters) => unknown): GatewayRoute {
  return {
    routeKey: `${method} ${path}`,
    method,
    path,
    timeoutMs: 1_000,
    // Without a status code it is the body of a 200.
    invoke: async ({ queryStringParameters = {} }) => answer(queryStringParameters),
  };
}

function removalLine(messageId: string): string {
  const time = new Date().toISOString();
  return JSON.stringify({ level: 'info', message: 'removed', time, verdict: 'removed', messageId });
}
