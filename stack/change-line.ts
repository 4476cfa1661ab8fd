/** From the query on, an address may hold a signature or a token. */
const QUERY_OF_ADDRESS = /(https?:\/\/[^\s"?#]*)[?#][^\s"]*/gi;

/** What a callback says in words of its own is in the event, but not in what is printed of it. */
const FREE_TEXT: readonly string[] = ['extra', 'config', 'message'];

/**
 * A change event as one line of JSON, the addresses in it without their queries and without free text. `now` is Unix
 * time in ms.
 */
export function changeLine(event: unknown, now: number): string {
  const time = new Date(now).toISOString();
  return JSON.stringify({ level: 'info', message: 'change', time, event: printable(event) });
}

function printable(event: unknown): unknown {
  const text = JSON.stringify(event, (name, value) => {
    if (FREE_TEXT.includes(name)) return undefined;
    if (typeof value !== 'string') return value;
    return name === 'subject' ? subjectWithoutQueries(value) : withoutQueries(value);
  });
  return text === undefined ? undefined : JSON.parse(text);
}

function withoutQueries(text: string): string {
  return text.replace(QUERY_OF_ADDRESS, '$1?…');
}

/** The parts of a subject are percent-encoded, and a file's name may be an address. */
function subjectWithoutQueries(subject: string): string {
  try {
    const parts = subject.split('/').map(decodeURIComponent);
    return parts.map((part) => encodeURIComponent(withoutQueries(part))).join('/');
  } catch {
    // Anybody may put an event on the local bus.
    return withoutQueries(subject);
  }
}
