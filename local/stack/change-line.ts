/** From the query on, an address may hold a signature or a token. */
const QUERY_OF_ADDRESS = /(https?:\/\/[^\s"?#]*)[?#][^\s"]*/gi;

/** A change event as one line of JSON, the addresses in it without their queries. `now` is Unix time in ms. */
export function changeLine(event: unknown, now: number): string {
  const line = { level: 'info', message: 'change', time: new Date(now).toISOString(), event };
  return JSON.stringify(line, (_name, value) => (typeof value === 'string' ? withoutQueries(value) : value));
}

function withoutQueries(text: string): string {
  return text.replace(QUERY_OF_ADDRESS, '$1?…');
}
