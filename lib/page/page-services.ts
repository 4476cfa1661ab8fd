import type { Answer } from '../platform/aws/gateway.ts';
import type { Log } from '../platform/log.ts';
import type { ReadRequest } from '../query/query.ts';
import type { RecentCallback } from './recent-callback.ts';
import type { TokenResult } from './token.ts';

/** What an operator chooses for the page. */
export interface PageSettings {
  /** Which deployment is shown, such as `prod`. */
  stage: string;
  /** After how many seconds an open page asks for what has changed. */
  refreshSeconds: number;
  /** Whether pictures are loaded from the URLs that callbacks name. */
  thumbnails: boolean;
}

/** What the page needs of the outside world. */
export interface PageServices {
  /** Asks the read API. Rejects when the ledger cannot be read. */
  ask: (request: ReadRequest) => Promise<Answer>;
  /** The last callbacks, the latest first; absent where nobody keeps them. */
  recentCallbacks?: (() => Promise<RecentCallback[]>) | undefined;
  /** The token that readers must know; absent where something else keeps others out. */
  token?: (() => Promise<TokenResult>) | undefined;
  settings: PageSettings;
  log: Log;
  /** Unix time in ms. */
  now: () => number;
}
