import type { IncomingHttpHeaders } from 'node:http';

/** The names under which this machine reaches itself. */
const OWN_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Whether a request is one of this machine's own programs or pages. A web page elsewhere can make a browser send requests
 * to a loopback address: then `Origin` or `Sec-Fetch-Site` shows it; where it has let its own name lead to this machine
 * (DNS rebinding), `Host` does. `port` is where the stack listens.
 */
export function isAdmitted(headers: IncomingHttpHeaders, port: number): boolean {
  const hosts = OWN_NAMES.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));
  const { host = '', origin } = headers;
  if (!hosts.includes(host.toLowerCase())) return false;
  if (origin !== undefined && !hosts.some((own) => origin.toLowerCase() === `http://${own}`)) return false;
  // Another port of this machine is the same site, but not the same origin.
  return [undefined, 'none', 'same-origin'].includes(headers['sec-fetch-site'] as string | undefined);
}
