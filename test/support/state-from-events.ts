import type {
  AttentionEvent,
  ChangeEvent,
  FileChangeEvent,
  RoomChangeEvent,
  TaskChangeEvent,
} from '../../types/index.d.ts';

/** What a reader knows who keeps the latest event of each subject. */
export interface ToldState {
  task?: TaskChangeEvent;
  files: Map<string, FileChangeEvent>;
  room?: RoomChangeEvent;
}

/** The latest events of an id, which give its state. */
export function stateFromEvents(events: readonly ChangeEvent[], id: string): ToldState {
  const state: ToldState = { files: new Map() };
  for (const event of inSequence(events)) {
    if (isAttention(event)) continue;
    if ('room' in event.data) {
      if (event.data.room.roomId === id) state.room = event as RoomChangeEvent;
    } else if (event.data.task.taskId === id) {
      if ('file' in event.data) state.files.set(event.data.file.name, event as FileChangeEvent);
      else state.task = event as TaskChangeEvent;
    }
  }
  return state;
}

export function isAttention(event: ChangeEvent): event is AttentionEvent {
  return event.type.startsWith('rtc.attention.');
}

/** The entries of `/attention` that a reader knows of, by source and subject: the latest event of each counts. */
export function attentionFromEvents(events: readonly ChangeEvent[]): Map<string, AttentionEvent> {
  const entries = new Map<string, AttentionEvent>();
  for (const event of inSequence(events).filter(isAttention)) {
    const key = `${event.source} ${event.subject}`;
    if (event.type === 'rtc.attention.raised') entries.set(key, event);
    else entries.delete(key);
  }
  return entries;
}

/** Whatever the order they come in: of one subject the one with the greater sequence is the later one. */
function inSequence(events: readonly ChangeEvent[]): ChangeEvent[] {
  return events.toSorted((a, b) => (a.sequence < b.sequence ? -1 : 1));
}

/** The status of a task; its files' events count where it has no event of its own. */
export function taskStatusFromEvents({ task, files }: ToldState): string {
  const [file] = files.values();
  return task?.data.task.status ?? file?.data.task.status ?? 'unknown';
}

/** The status of each file of a task by its name, by the rule of docs/change-events.md. */
export function fileStatusFromEvents({ task, files }: ToldState): Map<string, string> {
  const statuses = new Map<string, string>();
  const isOver = task !== undefined && ['ended', 'failed'].includes(task.data.task.status);
  for (const { name, status } of task?.data.files ?? []) statuses.set(name, status);
  for (const [name, { data }] of files) {
    const { status, failedAt = '', isProvisional } = data.file;
    // The final name comes as another file.
    if (isProvisional) continue;
    const suffixes = task?.data.otherFiles.suffixes;
    const isMeant = suffixes === undefined || suffixes.some((suffix) => name.endsWith(suffix));
    if (!isMeant) statuses.set(name, status === 'recording' && isOver ? 'closed' : status);
    if (!isMeant) continue;
    const otherFiles = task?.data.otherFiles;
    const isRecovered =
      status === 'upload_failed' &&
      otherFiles?.recovered === true &&
      (otherFiles.uploadedAt ?? '') >= failedAt;
    const isOpen = status === 'recording' || (status === 'closed' && otherFiles?.status !== 'recording');
    statuses.set(name, otherFiles !== undefined && (isOpen || isRecovered) ? otherFiles.status : status);
  }
  return statuses;
}
