/** A request that something was wrong with. */
export interface Failure {
  /** The number that replays it alone; absent when no one request is to blame. */
  index?: number;
  reason: string;
  /** The request, for people; shortened. */
  request?: string;
}

/** What became of the requests to one handler. */
export interface Report {
  handler: string;
  requests: number;
  verified: number;
  unverified: number;
  /** Damaged so that they may be verified or not. */
  either: number;
  /** How often each answer was given: a status, or what became of a queue message. */
  answers: Record<string, number>;
  written: number;
  unverifiedWrites: number;
  /** Answers of 500 and above, exceptions, and messages reported as failed. */
  serverErrors: number;
  unhandledRejections: number;
  /** How often requests were repeated because the machine stood still. */
  stalls: number;
  /** In bytes with each request; absent when it was not measured. */
  heapGrowth?: number;
  /** The first failures. */
  failures: Failure[];
  /** All of them. */
  failureCount: number;
  seconds: number;
}

const MOST_FAILURES = 5;
const LONGEST_REQUEST = 2_000;

/** A report on nothing yet. */
export function emptyReport(handler: string): Report {
  return {
    handler,
    requests: 0,
    verified: 0,
    unverified: 0,
    either: 0,
    answers: {},
    written: 0,
    unverifiedWrites: 0,
    serverErrors: 0,
    unhandledRejections: 0,
    stalls: 0,
    failures: [],
    failureCount: 0,
    seconds: 0,
  };
}

const COUNTS = [
  'requests',
  'verified',
  'unverified',
  'either',
  'written',
  'unverifiedWrites',
  'serverErrors',
  'failureCount',
] as const satisfies (keyof Report)[];

/** Adds what became of some requests to the report on all. */
export function addReport(report: Report, part: Report): void {
  for (const count of COUNTS) report[count] += part[count];
  for (const [answer, times] of Object.entries(part.answers)) {
    report.answers[answer] = (report.answers[answer] ?? 0) + times;
  }
  report.failures = [...report.failures, ...part.failures].slice(0, MOST_FAILURES);
}

/** Counts an answer. */
export function countAnswer(report: Report, answer: string | number): void {
  report.answers[answer] = (report.answers[answer] ?? 0) + 1;
}

/** Adds a failure; only the first ones are kept. */
export function fail(report: Report, reason: string, index?: number, request?: unknown): void {
  report.failureCount += 1;
  if (report.failures.length >= MOST_FAILURES) return;
  report.failures.push({
    reason,
    ...(index === undefined ? {} : { index }),
    ...(request === undefined ? {} : { request: JSON.stringify(request).slice(0, LONGEST_REQUEST) }),
  });
}

const COLUMNS: readonly [title: string, value: (report: Report) => string][] = [
  ['handler', ({ handler }) => handler],
  ['requests', ({ requests }) => count(requests)],
  ['verified', ({ verified }) => count(verified)],
  ['unverified', ({ unverified }) => count(unverified)],
  ['either', ({ either }) => count(either)],
  ['written', ({ written }) => count(written)],
  ['unverified writes', ({ unverifiedWrites }) => count(unverifiedWrites)],
  ['5xx', ({ serverErrors }) => count(serverErrors)],
  ['unhandled', ({ unhandledRejections }) => count(unhandledRejections)],
  ['stalls', ({ stalls }) => count(stalls)],
  ['heap/request', ({ heapGrowth }) => (heapGrowth === undefined ? '-' : `${heapGrowth.toFixed(1)} B`)],
  ['failures', ({ failureCount }) => count(failureCount)],
  ['seconds', ({ seconds }) => count(Math.round(seconds))],
  ['answers', ({ answers }) => answersText(answers)],
];

/** The reports as a table, one line for each handler. */
export function reportTable(reports: readonly Report[]): string {
  const rows = [
    COLUMNS.map(([title]) => title),
    ...reports.map((report) => COLUMNS.map(([, value]) => value(report))),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const isText = (column: number) => column === 0 || column === COLUMNS.length - 1;
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function answersText(answers: Record<string, number>): string {
  return Object.keys(answers)
    .sort()
    .map((answer) => `${answer}: ${count(answers[answer] ?? 0)}`)
    .join(', ');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
