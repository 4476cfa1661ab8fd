/** A request for a page. */
export interface PageRequest {
  method: string;
  path: string;
  query: Readonly<Record<string, string | undefined>>;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  /** Such as `name=value`. */
  cookies: readonly string[];
  body: Buffer;
  sourceIp: string;
}

/** What a browser is answered. */
export interface PageAnswer {
  status: number;
  headers: Record<string, string>;
  cookies?: string[];
  body: string;
}

/**
 * What a page may do: use its own style sheet, script and icon, ask and send forms to where it is from, and with
 * `thumbnails` show pictures of the web. Nobody may frame it, and no other site learns where a reader comes from.
 */
function protection(thumbnails: boolean): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    `img-src 'self'${thumbnails ? ' https: http:' : ''}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    // With "no-referrer", forms would be sent with the origin "null".
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  };
}

/** A page; it is never stored, because it shows what only its reader may see. */
export function htmlAnswer(status: number, body: string, thumbnails: boolean, version?: string): PageAnswer {
  const headers = {
    ...(version === undefined ? {} : { etag: version }),
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
  };
  return { status, headers: { ...headers, ...protection(thumbnails) }, body };
}

/** Says that a page is still the one that the browser has. */
export function unchangedAnswer(version: string): PageAnswer {
  const headers = { etag: version, 'cache-control': 'no-store' };
  return { status: 304, headers: { ...headers, ...protection(false) }, body: '' };
}

/** A file that pages refer to by an address that changes with its text. */
export function assetAnswer(contentType: string, body: string): PageAnswer {
  const headers = { 'content-type': contentType, 'cache-control': 'public, max-age=31536000, immutable' };
  return { status: 200, headers: { ...headers, ...protection(false) }, body };
}

/** Sends the browser on to a page of ours. */
export function redirectAnswer(location: string, cookies: string[] = []): PageAnswer {
  return {
    status: 303,
    headers: { location, 'cache-control': 'no-store', ...protection(false) },
    cookies,
    body: '',
  };
}
