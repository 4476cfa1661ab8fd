import { FILE_FILTERS, TASK_FILTERS } from '../../lib/query/lists.ts';
import { KINDS } from '../../lib/query/parameters.ts';
import { VENDOR_NAMES } from '../../lib/vendors/facts.ts';

/** The paths of the read and the write API, as OpenAPI has them. */

type Parameter = Readonly<Record<string, unknown>> & { name: string };

const parameter = (name: string, schema: object, description: string, rest: object = {}): Parameter => ({
  name,
  in: 'query',
  description,
  schema,
  ...rest,
});

const TEXT = { type: 'string', minLength: 1 };
const FLAG = { type: 'string', enum: ['true', 'false'] };
const VENDOR = { type: 'string', enum: VENDOR_NAMES };
const REQUIRED = { required: true };

const LIMIT = parameter(
  'limit',
  { type: 'integer', minimum: 1, maximum: 500, default: 100 },
  'The most members of a list on a page; of `/usage` the most days.',
);
const CURSOR = parameter('cursor', TEXT, 'The `next` of an earlier answer to the same request.');
const OWNER = [
  parameter('vendor', VENDOR, 'The vendor.', REQUIRED),
  parameter('appId', TEXT, 'The App Key, SdkAppId or AppID.', REQUIRED),
];
const EVENTS = parameter('events', FLAG, 'Whether the stored callbacks are listed too.');
const TIME = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}' };
const RANGE = [
  parameter('from', TIME, 'A date or time, inclusive; 24 hours before `to` when absent.'),
  parameter('to', TIME, 'A date or time, exclusive; now when absent.'),
  parameter(
    'timeZone',
    { ...TEXT, default: 'UTC' },
    'The time zone of dates and days, such as `Asia/Shanghai`.',
  ),
];

/** What the filters of the lists keep. */
const FILTER_TEXTS: Readonly<Record<string, string>> = {
  status: 'One status.',
  kind: 'One kind.',
  roomId: 'One room.',
  sessionId: 'One session.',
  label: 'What your backend labelled so.',
  userId: 'One user.',
};

function filters(names: Readonly<Record<string, readonly string[] | undefined>>): Parameter[] {
  return Object.entries(names).map(([name, choices]) =>
    parameter(
      name,
      choices === undefined ? TEXT : { type: 'string', enum: choices },
      FILTER_TEXTS[name] ?? '',
    ),
  );
}

/** What an operation answers: the type of 200, and the statuses that refuse. */
interface Answers {
  ok: string;
  refusals: number[];
}

function jsonOf(type: string) {
  return { 'application/json': { schema: { $ref: `#/components/schemas/${type}` } } };
}

function operation(
  operationId: string,
  summary: string,
  parameters: Parameter[],
  { ok, refusals }: Answers,
  body?: (typeof BODIES)[number],
) {
  const refused = refusals.map((status) => [
    status,
    { description: REFUSALS[status] ?? '', content: jsonOf('Refusal') },
  ]);
  return {
    operationId,
    summary,
    parameters,
    ...(body === undefined ? {} : { requestBody: { required: true, content: jsonOf(body) } }),
    responses: { 200: { description: summary, content: jsonOf(ok) }, ...Object.fromEntries(refused) },
  };
}

function get(
  operationId: string,
  summary: string,
  answer: string,
  parameters: Parameter[],
  refusals: number[],
) {
  return { get: operation(operationId, summary, parameters, { ok: answer, refusals }) };
}

/** The types of bodies: a member that they do not have is refused. */
export const BODIES = ['ExpectTask', 'DismissAttention', 'SnoozeAttention'] as const;

const REFUSALS: Readonly<Record<number, string>> = {
  400: 'A parameter or a member of the body is wrong; the reason begins with its name.',
  404: 'It is not known: no callback of it was applied, nothing is expected, or nothing needs attention.',
  409: 'The attention item keeps changing; try again.',
  503: 'The ledger cannot be read or written, or its index is still being built (`index_building`).',
};

const ofItem = (id: string, where: 'path' | 'query'): Parameter[] =>
  [...OWNER, parameter(id, TEXT, 'Its id.', REQUIRED)].map((one) => ({ ...one, in: where }));

const TASK = [EVENTS, LIMIT, CURSOR];
const ROOM = [
  EVENTS,
  parameter('files', FLAG, 'Whether the files of the tasks are listed too.'),
  parameter('sessionId', TEXT, 'Keeps the tasks of one session.'),
  LIMIT,
  CURSOR,
];
const LIST = [...OWNER, ...RANGE, LIMIT, CURSOR];

export const PATHS = {
  '/tasks/{vendor}/{appId}/{taskId}': {
    ...get(
      'getTask',
      'A task with its files.',
      'TaskAnswer',
      [...ofItem('taskId', 'path'), ...TASK],
      [400, 404, 503],
    ),
    put: operation(
      'expectTask',
      'Your backend expects this task; a later request replaces an earlier one.',
      ofItem('taskId', 'path'),
      { ok: 'ExpectAnswer', refusals: [400, 404, 503] },
      'ExpectTask',
    ),
  },
  '/tasks/{vendor}/{appId}/{taskId}/expected': {
    delete: operation('withdrawTask', 'Your backend no longer expects this task.', ofItem('taskId', 'path'), {
      ok: 'WithdrawAnswer',
      refusals: [404, 503],
    }),
  },
  '/task': get(
    'findTask',
    'The same with the ids in the query.',
    'TaskAnswer',
    [...ofItem('taskId', 'query'), ...TASK],
    [400, 404, 503],
  ),
  '/rooms/{vendor}/{appId}/{roomId}': get(
    'getRoom',
    'A room with its tasks, the latest first.',
    'RoomAnswer',
    [...ofItem('roomId', 'path'), ...ROOM],
    [400, 404, 503],
  ),
  '/room': get(
    'findRoom',
    'The same with the ids in the query.',
    'RoomAnswer',
    [...ofItem('roomId', 'query'), ...ROOM],
    [400, 404, 503],
  ),
  '/attention': get(
    'listAttention',
    'What needs attention, soonest `purgeAt` first, lost files last.',
    'AttentionAnswer',
    [parameter('hidden', FLAG, 'Whether those are listed too that somebody has hidden.'), LIMIT, CURSOR],
    [400, 503],
  ),
  '/attention/dismiss': {
    post: operation(
      'dismissAttention',
      'Hides an attention item until its reason changes, or `until`.',
      [],
      { ok: 'HideAnswer', refusals: [400, 404, 409, 503] },
      'DismissAttention',
    ),
  },
  '/attention/snooze': {
    post: operation(
      'snoozeAttention',
      'Hides an attention item until `until`, or until its reason changes.',
      [],
      { ok: 'HideAnswer', refusals: [400, 404, 409, 503] },
      'SnoozeAttention',
    ),
  },
  '/apps': get('listApps', 'The apps that have sent callbacks.', 'AppsAnswer', [LIMIT, CURSOR], [400, 503]),
  '/tasks': get(
    'listTasks',
    'Tasks by the time they began, the latest first.',
    'TasksAnswer',
    [...LIST, ...filters(TASK_FILTERS)],
    [400, 503],
  ),
  '/files': get(
    'listFiles',
    'Files by the time they began, the latest first.',
    'FilesAnswer',
    [...LIST, ...filters(FILE_FILTERS)],
    [400, 503],
  ),
  '/usage': get(
    'readUsage',
    'Sums by day, the latest first.',
    'UsageAnswer',
    [...LIST, ...filters({ kind: KINDS })],
    [400, 503],
  ),
};
