/** One HTTP request as every part behind the gateway edge sees it. */
export interface GatewayRequest {
  method: string;
  path: string;
  /** Names in lower case; values exactly as received. */
  headers: Readonly<Record<string, string | undefined>>;
  /** Percent-decoded once. */
  query: Readonly<Record<string, string | undefined>>;
  /** The bytes as they came over the wire: signatures are computed over these. */
  body: Buffer;
  sourceIp: string;
  /** What follows the source's path in the URL, percent-decoded. */
  pathSegment?: string | undefined;
  /** Unix time in ms at which the gateway received the request. */
  receivedAt: number;
}

/** An answer to the vendor or to a user of the read API; the body is sent as JSON. */
export interface Answer {
  status: number;
  body: object;
  headers?: Record<string, string>;
}
