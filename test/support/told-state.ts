import type { ChangeEvent, FileChangeEvent, RoomChangeEvent, TaskChangeEvent } from '../../types/index.d.ts';

/** What a reader knows who keeps the latest event of each subject. */
export interface ToldState {
  task?: TaskChangeEvent;
  files: Map<string, FileChangeEvent>;
  room?: RoomChangeEvent;
}

/** The latest events of an id, whatever the order they come in: the one with the greatest sequence counts. */
export function toldState(events: readonly ChangeEvent[], id: string): ToldState {
  const state: ToldState = { files: new Map() };
  for (const event of events.toSorted((a, b) => (a.sequence < b.sequence ? -1 : 1))) {
    if ('room' in event.data) {
      if (event.data.room.roomId === id) state.room = event as RoomChangeEvent;
    } else if (event.data.task.taskId === id) {
      if ('file' in event.data) state.files.set(event.data.file.name, event as FileChangeEvent);
      else state.task = event as TaskChangeEvent;
    }
  }
  return state;
}

/** The status of each file of a task by its name, by the rule of docs/change-events.md. */
export function toldFileStatus({ task, files }: ToldState): Map<string, string> {
  const statuses = new Map<string, string>();
  const otherFiles = task?.data.otherFiles;
  for (const { name, status } of task?.data.files ?? []) statuses.set(name, status);
  for (const [name, { data }] of files) {
    const { status, failedAt = '' } = data.file;
    const isRecovered =
      status === 'upload_failed' &&
      otherFiles?.recovered === true &&
      (otherFiles.uploadedAt ?? '') >= failedAt;
    const isOpen = status === 'recording' || (status === 'closed' && otherFiles?.status !== 'recording');
    statuses.set(name, otherFiles !== undefined && (isOpen || isRecovered) ? otherFiles.status : status);
  }
  return statuses;
}
