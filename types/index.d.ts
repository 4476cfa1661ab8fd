/*
 * The types that users of rtc-callbacks import: what the read API answers, and change events.
 * The service is compiled with these very types. Times are ISO 8601 UTC with milliseconds; what the vendor did not
 * say is absent.
 */

/**
 * The body of `PUT /tasks/{vendor}/{appId}/{taskId}`: what your backend knows of a task that it started.
 *
 * @example
 * const body: ExpectTask = { kind: 'recording', roomId: 'maths', label: 'lesson-7' };
 */
export interface ExpectTask {
  kind?: TaskKind | undefined;
  /**
   * @pattern \S
   * @maxLength 512
   */
  roomId?: string | undefined;
  /**
   * @pattern \S
   * @maxLength 512
   */
  sessionId?: string | undefined;
  /**
   * Your own id of it, such as that of a lesson.
   *
   * @pattern \S
   * @maxLength 256
   */
  label?: string | undefined;
  startedAt?: string | undefined;
  /** When its first callback is overdue; 15 minutes after `startedAt`, or after the request, when absent. */
  expectedBy?: string | undefined;
}

/**
 * Any JSON value.
 *
 * @example
 * const json: Json = { roomId: 'maths', users: ['a', 'b'] };
 */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * The vendors, by the names that routes, secrets, the read API and events use.
 *
 * @example
 * const vendor: Vendor = 'tencent';
 */
export type Vendor = 'rongcloud' | 'tencent' | 'zego';

/**
 * What a task is.
 *
 * @example
 * const kind: TaskKind = 'recording';
 */
export type TaskKind = 'recording' | 'screenshot' | 'live' | 'player' | 'moderation' | 'room';

/**
 * What is known of a task whatever its state.
 *
 * @example
 * const context: TaskContext = { kind: 'recording', roomId: 'maths' };
 */
export interface TaskContext {
  /** Absent where a callback does not say. */
  kind?: TaskKind | undefined;
  roomId?: string | undefined;
  sessionId?: string | undefined;
  userId?: string | undefined;
  mode?: number | undefined;
  extra?: string | undefined;
}

/**
 * A recording task or screenshot session.
 *
 * @example
 * const task: Task = { vendor: 'zego', appId: '12345', taskId: 'XQ6rhmWgHLUzFGfs', status: 'started' };
 */
export interface Task extends TaskContext {
  vendor: Vendor;
  appId: string;
  taskId: string;
  /** `expected`: your backend started it (`PUT /tasks/…`), and no callback of it has come. */
  status: 'expected' | 'started' | 'ended' | 'failed' | 'unknown';
  /** Your own id of it, such as that of a lesson; from `PUT /tasks/…`. */
  label?: string | undefined;
  /** When your backend expects its first callback at the latest. */
  expectedBy?: string | undefined;
  startedAt?: string | undefined;
  endedAt?: string | undefined;
  code?: number | string | undefined;
  message?: string | undefined;
  config?: { [key: string]: Json } | undefined;
  /** The highest risk that moderation has found, as the vendor names it. */
  riskLevel?: string | undefined;
  /** Absent where callbacks alone speak of it. */
  sources?: Source[] | undefined;
  /** Where a live stream is relayed to, one after the other as they began; only in answers of the read API. */
  targets?: Target[] | undefined;
}

/**
 * Sums of the tasks and files of an app: of one day, or of all days of a page.
 *
 * @example
 * const minutes = ({ durationMs }: Usage) => durationMs / 60_000;
 */
export interface Usage {
  /** Such as `2026-01-15`, in the time zone that was asked for; absent of a total. */
  day?: string | undefined;
  tasks: number;
  files: number;
  uploaded: number;
  uploadFailed: number;
  lost: number;
  sizeBytes: number;
  /** Of a file the vendor's duration, else from its own start to its own end. */
  durationMs: number;
}

/**
 * An app that has sent callbacks.
 *
 * @example
 * const app: App = { vendor: 'tencent', appId: '1400000000', lastReceivedAt: '2026-11-20T10:00:00.000Z' };
 */
export interface App {
  vendor: Vendor;
  appId: string;
  /** Its latest callback; up to five minutes earlier than that. */
  lastReceivedAt: string;
}

/**
 * A URL that a live stream is relayed to. It usually holds a stream key, so little of it is shown.
 *
 * @example
 * const target: Target = { host: 'push.example.com', urlEnd: '7f3a', status: 'started' };
 */
export interface Target {
  host?: string | undefined;
  /** The last four characters of the URL without its query. */
  urlEnd: string;
  status: 'started' | 'ended' | 'failed';
  startedAt?: string | undefined;
  endedAt?: string | undefined;
  code?: number | string | undefined;
  message?: string | undefined;
}

/**
 * What callbacks say about a file, except its outcome.
 *
 * @example
 * const details: FileDetails = { url: 'https://storage.example.com/maths.mp4', sizeBytes: 48_000_000 };
 */
export interface FileDetails {
  /** What it is: a task of one kind may have files of another, such as a picture of a running recording. */
  kind?: TaskKind | undefined;
  url?: string | undefined;
  sizeBytes?: number | undefined;
  durationMs?: number | undefined;
  resolution?: string | undefined;
  /** The user in it. */
  userId?: string | undefined;
  /** `audio`, `video` or `audio_video`. */
  trackType?: string | undefined;
  /** The stream of the user: `main`, `aux` or `mix`. */
  mediaId?: string | undefined;
  /** The id of the file at the vendor's video-on-demand service. */
  vodFileId?: string | undefined;
  /** When its content begins and ends. */
  beginsAt?: string | undefined;
  endsAt?: string | undefined;
}

/**
 * An object in your bucket, as the storage check found it.
 *
 * @example
 * const object: StoredObject = {
 *   bucket: 'recordings', key: '1400000000/maths.mp4', sizeBytes: 50331648, etag: '"9b2cf535f27731c974343645a3985328"',
 *   lastModified: '2026-11-20T10:00:00.000Z', checkedAt: '2026-11-20T10:05:00.000Z',
 * };
 */
export interface StoredObject {
  bucket: string;
  key: string;
  sizeBytes: number;
  etag: string;
  lastModified: string;
  checkedAt: string;
}

/**
 * Who said something of a task or a file, and when.
 *
 * @example
 * const source: Source = { from: 'storage', says: 'uploaded', at: '2026-11-20T10:05:00.000Z' };
 */
export interface Source {
  from: 'callback' | 'backend' | 'storage' | 'vendor';
  /** A status of the task or file, or `not_in_storage`. */
  says: string;
  /** The vendor's time of a callback; when the bucket was looked into or the vendor was asked. */
  at: string;
}

/**
 * What became of a file.
 *
 * @example
 * const fate: FileFate = { status: 'upload_failed', code: 20001, purgeAt: '2026-01-16T12:00:00.000Z' };
 */
export interface FileFate {
  status: 'recording' | 'closed' | 'uploaded' | 'upload_failed' | 'lost';
  code?: number | string | undefined;
  message?: string | undefined;
  uploadedAt?: string | undefined;
  failedAt?: string | undefined;
  /** When the vendor deletes the file unless the upload succeeds; absent where it does not say. */
  purgeAt?: string | undefined;
}

/**
 * One recording file or picture of a task.
 *
 * @example
 * const isSafe = (file: File) => file.status === 'uploaded';
 */
export interface File extends FileDetails, FileFate {
  vendor: Vendor;
  appId: string;
  taskId: string;
  name: string;
  roomId?: string | undefined;
  sessionId?: string | undefined;
  /** Where the bucket has it; only where the storage check is on. */
  storage?: StoredObject | undefined;
  /** Absent where callbacks alone speak of it. */
  sources?: Source[] | undefined;
  /** Whether the name is temporary: the vendor gives the final one at the end of the recording. */
  isProvisional?: boolean | undefined;
  lastEventAt: string;
}

/**
 * What every attention item has besides what needs attention.
 *
 * @example
 * const request = (item: AttentionItem) => ({ id: item.id, by: 'ops', why: 'a test' });
 */
export interface AttentionItem {
  /** Stable, for `POST /attention/dismiss` and `/attention/snooze`. Files that one callback reports share it. */
  id: string;
  /**
   * The last decision to hide it. It is hidden while it has that `reason` and `until` has not passed, and then only in
   * the answer to `?hidden=true`.
   */
  hidden?: Hidden | undefined;
}

/**
 * Who hid an attention item, and why.
 *
 * @example
 * const hidden: Hidden = { by: 'ops', why: 'a test', at: '2026-01-15T12:00:00.000Z', reason: 'task_silent' };
 */
export interface Hidden {
  by: string;
  why: string;
  at: string;
  /** The reason that it had. */
  reason: AttentionReason;
  /** Absent where it is hidden until its reason changes. */
  until?: string | undefined;
}

/**
 * A file that needs attention.
 *
 * @example
 * const isUrgent = (file: AttentionFile) => file.reason === 'purge_near';
 */
export interface AttentionFile extends File, AttentionItem {
  /** `lost` is deleted by now, `purge_near` soon will be; `not_in_storage` was uploaded, and the bucket does not have it. */
  reason: 'upload_failed' | 'purge_near' | 'lost' | 'upload_missing' | 'not_in_storage';
  /** The label of its task. */
  label?: string | undefined;
  /** Start of the wait for the callback of its upload; only where that is overdue. */
  since?: string | undefined;
}

/**
 * A task that needs attention.
 *
 * @example
 * const line = (task: AttentionTask) => `${task.taskId}: ${task.reason} since ${task.since}`;
 */
export interface AttentionTask extends Task, AttentionItem {
  /** `upload_missing` is of a task that has ended, and no file of it is known; `callback_missing` of one that is expected. */
  reason: 'upload_missing' | 'task_silent' | 'screenshot_missing' | 'callback_missing';
  /** When it was last heard of. */
  since: string;
}

/**
 * An app that used to call and has gone silent.
 *
 * @example
 * const line = (app: AttentionApp) => `${app.appId} is silent since ${app.lastReceivedAt}`;
 */
export interface AttentionApp extends AttentionItem {
  vendor: Vendor;
  appId: string;
  reason: 'app_silent';
  lastReceivedAt: string;
}

/**
 * Why something is an attention item.
 *
 * @example
 * const reason: AttentionReason = 'upload_missing';
 */
export type AttentionReason = AttentionFile['reason'] | AttentionTask['reason'] | AttentionApp['reason'];

/**
 * A room, as its own callbacks describe it.
 *
 * @example
 * const room: Room = { vendor: 'tencent', appId: '1400000000', roomId: '42', status: 'open' };
 */
export interface Room {
  vendor: Vendor;
  appId: string;
  roomId: string;
  status: 'open' | 'closed' | 'unknown';
  sessionId?: string | undefined;
  openedAt?: string | undefined;
  closedAt?: string | undefined;
  lastEventAt?: string | undefined;
}

/**
 * A callback as the history keeps it: an item of `events`.
 *
 * @example
 * const delayMs = ({ at, receivedAt }: StoredCallback) => at && Date.parse(receivedAt) - Date.parse(at);
 */
export interface StoredCallback {
  /** Unique within its task or room. */
  eventId: string;
  source: string;
  type: string;
  /** Absent when the vendor does not say when it happened. */
  at?: string | undefined;
  receivedAt: string;
  taskId?: string | undefined;
  roomId?: string | undefined;
  /** Of the message in the queue: the log lines of the callback have it. Absent where an earlier version stored it. */
  messageId?: string | undefined;
  /** Size of the body as received. */
  bodyBytes: number;
  /** As JSON where it is JSON, else as text; absent when it was too large to keep or to show. */
  body?: Json | undefined;
}

/**
 * What lists have in common.
 *
 * @example
 * const query = ({ next }: Page) => (next ? `?cursor=${encodeURIComponent(next)}` : undefined);
 */
export interface Page {
  /** For `?cursor=` of the next request; absent on the last page. A page may be short or empty while it is there. */
  next?: string;
}

/**
 * `GET /tasks/{vendor}/{appId}/{taskId}`: a task with a page of its files, and of its events where they were asked for.
 *
 * @example
 * const urls = ({ files }: TaskAnswer) => files.flatMap(({ url }) => url ?? []);
 */
export interface TaskAnswer extends Page {
  task: Task;
  files: File[];
  events?: StoredCallback[];
}

/**
 * `PUT /tasks/{vendor}/{appId}/{taskId}`: the task as it is now.
 *
 * @example
 * const isCalled = ({ task }: ExpectAnswer) => task.status !== 'expected';
 */
export interface ExpectAnswer {
  task: Task;
}

/**
 * `DELETE /tasks/{vendor}/{appId}/{taskId}/expected`: the task as it is now, where callbacks know it.
 *
 * @example
 * const isGone = ({ task }: WithdrawAnswer) => task === undefined;
 */
export interface WithdrawAnswer {
  task?: Task;
}

/**
 * `GET /rooms/{vendor}/{appId}/{roomId}`: a room with a page of its tasks, the latest first.
 *
 * @example
 * const running = ({ tasks }: RoomAnswer) => tasks.filter(({ status }) => status === 'started');
 */
export interface RoomAnswer extends Page {
  room: Room;
  tasks: Task[];
  /** The files of these tasks, where they were asked for. */
  files?: File[];
  /** Its own events, where they were asked for. */
  events?: StoredCallback[];
}

/**
 * `GET /attention`: files, soonest `purgeAt` first, then tasks and apps where there are any.
 *
 * @example
 * const mostUrgent = ({ files }: AttentionAnswer) => files[0]?.purgeAt;
 */
export interface AttentionAnswer extends Page {
  files: AttentionFile[];
  tasks?: AttentionTask[];
  apps?: AttentionApp[];
}

/**
 * The body of `POST /attention/dismiss`.
 *
 * @example
 * const dismiss = ({ id }: AttentionItem): DismissAttention => ({ id, by: 'ops', why: 'a test' });
 */
export interface DismissAttention {
  /**
   * The `id` of an attention item.
   *
   * @pattern \S
   * @maxLength 4096
   */
  id: string;
  /**
   * Who hides it.
   *
   * @pattern \S
   * @maxLength 200
   */
  by: string;
  /**
   * @pattern \S
   * @maxLength 1000
   */
  why: string;
  /** In the future; until the reason changes when absent. */
  until?: string | undefined;
}

/**
 * The body of `POST /attention/snooze`.
 *
 * @example
 * const snooze = ({ id }: AttentionItem, until: string): SnoozeAttention => ({ id, by: 'ops', why: 'a test', until });
 */
export interface SnoozeAttention extends DismissAttention {
  /** In the future. */
  until: string;
}

/**
 * `POST /attention/dismiss` and `/attention/snooze`.
 *
 * @example
 * const until = ({ hidden }: HideAnswer) => hidden.until ?? 'its reason changes';
 */
export interface HideAnswer {
  id: string;
  hidden: Hidden;
}

/**
 * `GET /apps`: the apps that have sent callbacks.
 *
 * @example
 * const appIds = ({ apps }: AppsAnswer) => apps.map(({ appId }) => appId);
 */
export interface AppsAnswer extends Page {
  apps: App[];
}

/**
 * `GET /tasks`: tasks of an app, the latest first.
 *
 * @example
 * const labels = ({ tasks }: TasksAnswer) => tasks.map(({ label }) => label);
 */
export interface TasksAnswer extends Page {
  tasks: Task[];
}

/**
 * `GET /files`: files of an app, the latest first.
 *
 * @example
 * const bytes = ({ files }: FilesAnswer) => files.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0);
 */
export interface FilesAnswer extends Page {
  files: File[];
}

/**
 * `GET /usage`: the latest day first; a day with nothing is left out, one that is too long for a page goes on.
 *
 * @example
 * const minutes = ({ total }: UsageAnswer) => total.durationMs / 60_000;
 */
export interface UsageAnswer extends Page {
  days: Usage[];
  /** Of the days of this page. */
  total: Usage;
}

/**
 * Every answer that is not 200.
 *
 * @example
 * const isBuilding = ({ reason }: Refusal) => reason === 'index_building';
 */
export interface Refusal {
  /** The HTTP status. */
  code: number;
  /** For people, beginning with the name of a wrong parameter; `index_building` while lists cannot be read yet. */
  reason: string;
}

/**
 * A change of a task, a file, a room or an attention item, as it leaves on the event bus and in webhooks.
 *
 * @example
 * const url = (event: ChangeEvent) => (event.type === 'rtc.file.uploaded' ? event.data.file.url : undefined);
 */
export type ChangeEvent = TaskChangeEvent | FileChangeEvent | RoomChangeEvent | AttentionEvent;

/**
 * The name of a kind of change. The list is closed: names may be added, and none changes its meaning.
 *
 * @example
 * const type: ChangeType = 'rtc.file.uploaded';
 */
export type ChangeType = ChangeEvent['type'];

/**
 * A change of a task.
 *
 * @example
 * const hasEnded = (event: TaskChangeEvent) => event.type === 'rtc.task.ended';
 */
export type TaskChangeEvent = CloudEvent<
  | 'rtc.task.expected'
  | 'rtc.task.started'
  | 'rtc.task.ended'
  | 'rtc.task.failed'
  | 'rtc.task.uploaded'
  | 'rtc.task.upload_failed'
  | 'rtc.task.risk'
  | 'rtc.task.updated',
  TaskChange
>;

/**
 * A change of a file.
 *
 * @example
 * const name = (event: FileChangeEvent) => event.data.file.name;
 */
export type FileChangeEvent = CloudEvent<
  | 'rtc.file.recording'
  | 'rtc.file.closed'
  | 'rtc.file.uploaded'
  | 'rtc.file.upload_failed'
  | 'rtc.file.updated',
  FileChange
>;

/**
 * A change of a room.
 *
 * @example
 * const isOpen = (event: RoomChangeEvent) => event.data.room.status === 'open';
 */
export type RoomChangeEvent = CloudEvent<
  'rtc.room.opened' | 'rtc.room.closed' | 'rtc.room.updated',
  RoomChange
>;

/**
 * A change of an attention item: what `/attention` lists.
 *
 * @example
 * const isNew = (event: AttentionEvent) => event.type === 'rtc.attention.raised';
 */
export type AttentionEvent = CloudEvent<
  'rtc.attention.raised' | 'rtc.attention.cleared' | 'rtc.attention.dropped',
  FileAttention | TaskAttention | AppAttention
>;

/**
 * The task after the change, as its own callbacks describe it.
 *
 * @example
 * const isNew = (change: TaskChange) => change.previousStatus === undefined;
 */
export interface TaskChange {
  task: Task;
  /** The files that these callbacks name, as far as they know them: a file's own events know more. */
  files: File[];
  /** What became of every file of the task that has no events of its own. */
  otherFiles: FileFate & {
    /** Whether files whose own events say that the upload failed were uploaded after all. */
    recovered?: boolean | undefined;
    /** How the names of these files end; every file without an upload of its own when absent. */
    suffixes?: readonly string[] | undefined;
  };
  /** Absent when nothing of the task's status was known before. */
  previousStatus?: Task['status'] | undefined;
}

/**
 * The file after the change, as its own callbacks describe it; its status is never `lost`, because no callback says so.
 *
 * @example
 * const isSafe = (change: FileChange) => change.file.status === 'uploaded';
 */
export interface FileChange {
  file: File;
  /** Its task, as these callbacks describe it; `status` only where no other callback reports the end of the task. */
  task: Omit<Task, 'status'> & { status?: Task['status'] | undefined };
  /** Absent when nothing of the file was known before. */
  previousStatus?: File['status'] | undefined;
}

/**
 * The room after the change.
 *
 * @example
 * const isOpen = (change: RoomChange) => change.room.status === 'open';
 */
export interface RoomChange {
  room: Room;
  /** Absent when nothing of the room's status was known before. */
  previousStatus?: Room['status'] | undefined;
}

/**
 * Why something is, or was, an attention item.
 *
 * @example
 * const line = (attention: Attention) => `${attention.reason} since ${attention.since}`;
 */
export interface Attention {
  /** The last one, when the attention item has ended. */
  reason: AttentionReason;
  /** Absent when the attention item is new or has ended. */
  previousReason?: AttentionReason | undefined;
  /** The first failed upload, or the start of the wait for a callback. */
  since: string;
}

/**
 * A file that needs attention; without a name those of its task that have no events of their own.
 *
 * @example
 * const deadline = (attention: FileAttention) => attention.file.purgeAt;
 */
export interface FileAttention extends Attention {
  /** With its deadline, `purgeAt`, where the upload fails; its status is never `lost`, as in every event. */
  file: File;
  task: Omit<Task, 'status'>;
}

/**
 * A task that needs attention.
 *
 * @example
 * const names = (attention: TaskAttention) => attention.files.map(({ name }) => name);
 */
export interface TaskAttention extends Attention {
  task: Task;
  /** The files that the task's own callbacks name. */
  files: File[];
}

/**
 * An app that has gone silent, or calls again.
 *
 * @example
 * const appId = (attention: AppAttention) => attention.app.appId;
 */
export interface AppAttention extends Attention {
  app: { vendor: Vendor; appId: string; lastReceivedAt: string };
}

/**
 * CloudEvents 1.0 in the JSON event format: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 *
 * @example
 * const key = (event: CloudEvent<string, unknown>) => `${event.source} ${event.subject}`;
 */
export interface CloudEvent<Type extends string, Data> {
  specversion: '1.0';
  /** The same whenever this change is sent again, and different for every other change. */
  id: string;
  /** `/rtc-callbacks/<stage>/<vendor>/<appId>` */
  source: string;
  type: Type;
  /**
   * `tasks/<taskId>`, `tasks/<taskId>/files/<name>` or `rooms/<roomId>`, ids and names percent-encoded; of an attention item
   * `<subject>/attention`, where that of an app is `apps/<appId>`.
   */
  subject: string;
  /** The vendor's time of the change; of an attention item when it was written, to the second. */
  time: string;
  datacontenttype: 'application/json';
  /** Compares as text: of two events of one `subject` the greater one has the later state. */
  sequence: string;
  /** Whether details were left out of `data`, because the event was too large for the bus: ids, status and times are there. */
  truncated?: true;
  data: Data;
}
