import type { Json } from '../platform/json.ts';

export type {
  App,
  AttentionApp,
  AttentionFile,
  AttentionTask,
  File,
  FileFate,
  Room,
  Target,
  Task,
  Usage,
  Vendor,
} from '../../types/index.d.ts';

/** A callback as the history keeps it: an item of `events`. */
export interface StoredCallback {
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
  /** The body: as JSON where it is JSON, else as text; absent when it was too large to keep or to show. */
  body?: Json | undefined;
}
