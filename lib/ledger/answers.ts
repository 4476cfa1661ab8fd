import type { Vendor } from '../callback.ts';
import type { Json, JsonObject } from '../json.ts';
import type { FileDetails, TaskContext, TaskKind } from './observation.ts';

/** A recording task or screenshot session. Times are ISO 8601 UTC with milliseconds. */
export interface Task extends Omit<TaskContext, 'kind'> {
  vendor: Vendor;
  appId: string;
  taskId: string;
  /** Absent while only events are known that do not tell. */
  kind?: TaskKind | undefined;
  status: 'started' | 'ended' | 'failed' | 'unknown';
  startedAt?: string | undefined;
  endedAt?: string | undefined;
  code?: number | string | undefined;
  message?: string | undefined;
  config?: JsonObject | undefined;
  /** The highest risk that moderation has found, as the vendor names it. */
  riskLevel?: string | undefined;
}

/** One recording file or picture of a task. */
export interface File extends FileDetails {
  vendor: Vendor;
  appId: string;
  taskId: string;
  name: string;
  status: 'recording' | 'closed' | 'uploaded' | 'upload_failed' | 'lost';
  code?: number | string | undefined;
  message?: string | undefined;
  uploadedAt?: string | undefined;
  failedAt?: string | undefined;
  /** When the vendor deletes the file unless the upload succeeds; absent where it does not say. */
  purgeAt?: string | undefined;
  lastEventAt: string;
}

/** A file that needs attention. */
export interface AttentionFile extends File {
  /** `lost` is deleted by now, `purge_near` soon will be. */
  reason: 'upload_failed' | 'purge_near' | 'lost' | 'upload_missing';
  /** Since when word of its upload is waited for; only where it is missing. */
  since?: string | undefined;
}

/** A task that needs attention. */
export interface AttentionTask extends Task {
  /** `upload_missing` is of a task that has ended, and no file of it is known. */
  reason: 'upload_missing' | 'task_silent' | 'screenshot_missing';
  /** When it was last heard of. */
  since: string;
}

/** An app of a vendor that used to call and does not. */
export interface AttentionVendor {
  vendor: Vendor;
  appId: string;
  reason: 'vendor_silent';
  lastReceivedAt: string;
}

/** A room, as its own events tell of it. */
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

/** A raw callback from the history. */
export interface HistoryEvent {
  /** Unique within its task or room. */
  eventId: string;
  source: string;
  type: string;
  at?: string | undefined;
  receivedAt: string;
  taskId?: string | undefined;
  roomId?: string | undefined;
  /** Size of the body as received. */
  bodyBytes: number;
  /** The body: as JSON where it is JSON, else as text; absent when it was too large to keep. */
  body?: Json | undefined;
}
