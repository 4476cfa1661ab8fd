import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ToolEnvironment } from './tool.ts';

/** So small that every answer but the shortest has several pages. */
const PAGE_EVENTS = 2;

/** The service takes no longer pattern, in characters. */
const LONGEST_PATTERN = 1_024;

/** The lines that a pattern fits: one of its terms does. */
function matcherOf(pattern: string): (line: Record<string, unknown>) => boolean {
  const terms = pattern
    .replace(/^\{ (.*) \}$/, '$1')
    .split(' || ')
    .map((term) => {
      const [, name, text] = /^\(\$\.(\w+) = "([^"\\]*)"\)$/.exec(term) ?? [];
      if (name === undefined || text === undefined) throw new Error(`This pattern is not known: ${term}`);
      return { name, text };
    });
  return (line) =>
    terms.some(({ name, text }) =>
      text.endsWith('*') ? String(line[name] ?? '').startsWith(text.slice(0, -1)) : line[name] === text,
    );
}

/** An event as CloudWatch Logs keeps it. */
interface LogEvent {
  eventId: string;
  timestamp: number;
  message: string;
}

/** What is asked of a log group. */
interface Question {
  logGroupName: string;
  startTime: number;
  endTime?: number;
  filterPattern: string;
  nextToken?: string;
}

/** A CloudWatch Logs that knows `FilterLogEvents`, with patterns such as `{ ($.a = "text") || ($.b = "begin*") }`. */
export interface LogGroups {
  /** What makes the tool, called with `--stage`, read these groups. */
  environment: ToolEnvironment;
  /** Puts a line into a group, at a time of its own if need be, Unix time in ms. */
  put(group: string, line: object, timestamp?: number): void;
  questions: Question[];
  /** The error that every request gets from now on, by its type. */
  fault: { type?: string };
  close(): Promise<void>;
}

/** Starts it with empty groups of these names on a free loopback port. */
export async function startLogGroups(names: readonly string[]): Promise<LogGroups> {
  const groups = new Map<string, LogEvent[]>(names.map((name) => [name, []]));
  const questions: Question[] = [];
  const fault: LogGroups['fault'] = {};

  function answerTo(question: Question): { status: number; body: object } {
    questions.push(question);
    const events = groups.get(question.logGroupName);
    const type = fault.type ?? (events === undefined ? 'ResourceNotFoundException' : undefined);
    if (type !== undefined) return { status: 400, body: { __type: type, message: 'a planned fault' } };
    const { startTime, endTime = Number.POSITIVE_INFINITY, filterPattern, nextToken } = question;
    if (filterPattern.length > LONGEST_PATTERN) {
      return {
        status: 400,
        body: { __type: 'InvalidParameterException', message: 'the pattern is too long' },
      };
    }
    const fits = matcherOf(filterPattern);
    // A page is so many events of the group, whether or not they fit: as there, it may be empty.
    const inTime = (events ?? []).filter(({ timestamp }) => timestamp >= startTime && timestamp <= endTime);
    const start = Number(nextToken ?? 0);
    const end = start + PAGE_EVENTS;
    const next = end < inTime.length ? { nextToken: String(end) } : {};
    const found = inTime.slice(start, end).filter(({ message }) => fits(JSON.parse(message)));
    return { status: 200, body: { events: found, ...next } };
  }

  const server = createServer(async (request, response) => {
    const body = await text(request);
    const isKnown = request.headers['x-amz-target'] === 'Logs_20140328.FilterLogEvents';
    const answer = isKnown
      ? answerTo(JSON.parse(body))
      : { status: 400, body: { __type: 'UnknownOperationException' } };
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    environment: {
      AWS_ACCESS_KEY_ID: 'AKIDTEST',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
      AWS_MAX_ATTEMPTS: '1',
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    },
    put(group, line, timestamp = Date.now()) {
      const time = new Date(timestamp).toISOString();
      const message = `${JSON.stringify({ level: 'info', time, ...line })}\n`;
      groups.get(group)?.push({ eventId: randomUUID(), timestamp, message });
    },
    questions,
    fault,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
