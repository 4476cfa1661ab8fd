import type { GatewayRoute } from './gateway.ts';
import type { RecentCallbacks } from './recent-callbacks.ts';
import type { RecentLines } from './recent-lines.ts';

type Parameters = Readonly<Record<string, string | undefined>>;

/** What the local stack answers besides the service's routes: what has happened lately. */
export function ownRoutes(callbacks: RecentCallbacks, lines: RecentLines): GatewayRoute[] {
  return [
    // Where the page finds the last callbacks; `serverless.yml` names it for the stage `local`.
    ownRoute('/local/callbacks', callbacks.list),
    // What `rtc-callbacks events tail` follows.
    ownRoute('/local/lines', ({ after, since }) =>
      lines.read({ after, since: since === undefined ? undefined : Number(since) }),
    ),
  ];
}

function ownRoute(path: string, answer: (query: Parameters) => unknown): GatewayRoute {
  return {
    routeKey: `GET ${path}`,
    method: 'GET',
    path,
    timeoutMs: 1_000,
    // Without a status code it is the body of a 200.
    invoke: async ({ queryStringParameters = {} }) => answer(queryStringParameters),
  };
}
