import { type Command, Option } from 'commander';
import type { App, File, Task } from '../lib/ledger/answers.ts';
import { durationText, sizeText } from '../lib/page/text.ts';
import { sumOf } from '../lib/query/sums.ts';
import { VENDOR_NAMES } from '../lib/vendors/facts.ts';
import { actionOf, type Context, type Session, wholeNumber } from './context.ts';
import { csvRecord } from './csv.ts';
import { EXIT, wrongUsage } from './failure.ts';
import { appPages, filePages, type ListOptions, taskPages, type UsageRow, usagePages } from './list-pages.ts';
import { createProgress, writeFittingTable, writeJson, writeLine, writeNote, writeText } from './output.ts';
import { saidOf, timeLeft } from './reading.ts';

/** How a list is written. */
interface List<Row> {
  /** Its name in JSON. */
  name: string;
  /** The members in CSV. */
  csv: readonly (keyof Row & string)[];
  head: readonly string[];
  cells: (row: Row) => (string | number | undefined)[];
  /** What is made of all rows: in JSON a member `total`, in a table the last row. */
  total?: (rows: readonly Row[]) => Partial<Row>;
  read: (context: Context, options: ListOptions) => AsyncIterable<Row[]>;
}

const APPS: List<App> = {
  name: 'apps',
  csv: ['vendor', 'appId', 'lastReceivedAt'],
  head: ['vendor', 'app', 'last callback'],
  cells: ({ vendor, appId, lastReceivedAt }) => [vendor, appId, lastReceivedAt],
  read: appPages,
};

const TASKS: List<Task> = {
  name: 'tasks',
  csv: [
    ...(['vendor', 'appId', 'taskId', 'kind', 'status', 'roomId', 'sessionId', 'userId', 'label'] as const),
    ...(['mode', 'startedAt', 'endedAt', 'code', 'message'] as const),
  ],
  head: ['vendor', 'app', 'task', 'kind', 'status', 'room', 'started', 'ended'],
  cells: ({ vendor, appId, taskId, kind, status, roomId, startedAt, endedAt }) => [
    ...[vendor, appId, taskId, kind, status],
    ...[roomId, startedAt, endedAt],
  ],
  read: taskPages,
};

const FILES: List<File> = {
  name: 'files',
  csv: [
    ...(['vendor', 'appId', 'taskId', 'name', 'kind', 'status', 'roomId', 'sessionId', 'userId'] as const),
    ...(['url', 'sizeBytes', 'durationMs', 'resolution', 'beginsAt', 'endsAt'] as const),
    ...(['uploadedAt', 'failedAt', 'purgeAt', 'code', 'message', 'lastEventAt'] as const),
  ],
  head: ['vendor', 'app', 'task', 'file', 'status', 'room', 'size', 'length', 'said', 'time left'],
  cells: (file) => [
    ...[file.vendor, file.appId, file.taskId, file.name, file.status, file.roomId],
    file.sizeBytes === undefined ? undefined : sizeText(file.sizeBytes),
    file.durationMs === undefined ? undefined : durationText(file.durationMs),
    ...[saidOf(file), timeLeft(file)],
  ],
  read: filePages,
};

const USAGE: List<UsageRow> = {
  name: 'usage',
  csv: [
    ...(['vendor', 'appId', 'day', 'tasks', 'files', 'uploaded', 'uploadFailed', 'lost'] as const),
    ...(['sizeBytes', 'durationMs'] as const),
  ],
  head: ['vendor', 'app', 'day', 'tasks', 'files', 'uploaded', 'failed', 'lost', 'size', 'minutes'],
  cells: (row) => [
    ...[row.vendor, row.appId, row.day, row.tasks, row.files],
    ...[row.uploaded, row.uploadFailed, row.lost, sizeText(row.sizeBytes)],
    Math.round(row.durationMs / 60_000),
  ],
  total: sumOf,
  read: usagePages,
};

/** What a list takes besides the app and the time. */
const FILTERS = {
  '--status <status>': 'only with this status, such as ended or uploaded',
  '--kind <kind>': 'only of this kind, such as recording or screenshot',
  '--room <id>': 'only in this room',
  '--session <id>': 'only of this session',
  '--user <id>': 'only of this user',
  '--label <label>': 'only those that your backend gave this label',
} as const;

type Filter = keyof typeof FILTERS;

/** Adds `apps`, `tasks list`, `files list` and `usage`; `tasks` is there already. */
export function addLists(program: Command, session: Session): void {
  const apps = program.command('apps').description('list the apps that have sent callbacks');
  addList(session, apps.addOption(vendorOption()), APPS, 'apps --stage prod');

  const tasks = program.commands.find((command) => command.name() === 'tasks') as Command;
  const taskList = byTime(tasks.command('list').description('list tasks, the latest first'), [
    ...(['--status <status>', '--kind <kind>', '--room <id>', '--session <id>', '--label <label>'] as const),
  ]).option('--without-file', 'only recordings that have no uploaded file');
  const yesterday = '--from 2026-01-14 --to 2026-01-15 --time-zone Asia/Shanghai';
  addList(session, taskList, TASKS, `tasks list --without-file ${yesterday}`);

  const fileList = byTime(program.command('files').description('recordings and pictures').command('list'), [
    '--status <status>',
    '--kind <kind>',
    '--room <id>',
    '--session <id>',
    '--user <id>',
  ]).description('list files, the latest first');
  addList(session, fileList, FILES, 'files list --room maths --since 30d --csv > files.csv');

  const usage = program.command('usage').description('sums of tasks, files, bytes and minutes, by day');
  addList(session, byTime(usage, ['--kind <kind>']), USAGE, 'usage --from 2026-01-01 --to 2026-02-01');
}

function vendorOption(): Option {
  return new Option('--vendor <vendor>', 'only of this vendor').choices(VENDOR_NAMES);
}

function byTime(command: Command, filters: readonly Filter[]): Command {
  command
    .addOption(vendorOption())
    .option('--app <appId>', 'only of this app')
    .option('--from <time>', 'from this date or time (default: 24 hours before the end)')
    .option('--to <time>', 'before this date or time (default: now)')
    .option('--since <time>', 'instead of --from: such as 2h or 7d')
    .option('--time-zone <name>', 'of dates and days, such as Asia/Shanghai (default: UTC)');
  for (const filter of filters) command.option(filter, FILTERS[filter]);
  return command;
}

function addList<Row extends object>(
  session: Session,
  command: Command,
  list: List<Row>,
  example: string,
): void {
  command
    .option('--limit <count>', 'at most this many')
    .option('--csv', 'write CSV (RFC 4180), page by page')
    .addHelpText('after', `\nExample:\n  rtc-callbacks ${example}`)
    .action(actionOf(session, (context, options: WriteOptions) => writeList(context, options, list)));
}

interface WriteOptions extends ListOptions {
  csv?: boolean;
}

async function writeList<Row extends object>(
  context: Context,
  options: WriteOptions,
  list: List<Row>,
): Promise<number> {
  if (options.csv && context.json) throw wrongUsage('Give --csv or --json, not both');
  const limit = options.limit === undefined ? undefined : wholeNumber('--limit', options.limit);
  const progress = createProgress('Rows read:');
  const pages = upTo(limit, list.read(context, options), progress.stepTo);
  try {
    const rows = await (options.csv ? writeCsv(list, pages) : collect(pages)).finally(progress.done);
    if (rows !== undefined) writeWhole(context, list, rows);
    return EXIT.ok;
  } catch (error) {
    if (!context.signal.aborted) throw error;
    writeNote('Stopped: the list is not whole.');
    return EXIT.interrupted;
  }
}

async function writeCsv<Row>({ csv }: List<Row>, pages: AsyncIterable<Row[]>): Promise<undefined> {
  await writeText(csvRecord(csv));
  for await (const rows of pages)
    await writeText(rows.map((row) => csvRecord(csv.map((name) => row[name] as string))).join(''));
}

async function collect<Row>(pages: AsyncIterable<Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const page of pages) for (const row of page) rows.push(row);
  return rows;
}

function writeWhole<Row extends object>(
  { json }: Context,
  { name, head, cells, total }: List<Row>,
  rows: readonly Row[],
): void {
  const sum = total?.(rows);
  if (json) writeJson({ [name]: rows, ...(sum === undefined ? {} : { total: sum }) });
  else if (rows.length === 0) writeLine(`No ${name}.`);
  else writeFittingTable(head, [...rows, ...(sum === undefined ? [] : [sum as Row])].map(cells));
}

/** The pages until they have `limit` rows; says so where there are more. */
async function* upTo<Row>(
  limit: number | undefined,
  pages: AsyncIterable<Row[]>,
  onRead: (rows: number) => void,
): AsyncGenerator<Row[]> {
  let count = 0;
  for await (const page of pages) {
    const rows = limit === undefined ? page : page.slice(0, limit - count);
    count += rows.length;
    onRead(count);
    yield rows;
    if (rows.length === page.length) continue;
    writeNote(`There are more than ${limit}.`);
    return;
  }
}
