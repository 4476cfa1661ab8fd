import { randomUUID } from 'node:crypto';
import type { Json } from '../../lib/platform/json.ts';
import type { SampleSource, SignedCallback } from '../../lib/vendors/common/sample.ts';
import { type StackAnswer, sample, sourceNamed } from './stack-client.ts';

/** All callbacks of one task or room, and what must be known after them. */
export interface Life {
  source: SampleSource;
  /** The id that only this life has. */
  id: string;
  /** The callbacks in the order in which they happen, each signed when it happens, a second after the other. */
  callbacks: SignedCallback[];
  /** Where the read API has it, with its events. */
  path: string;
  /** What the read API answers in the end. */
  known: object;
}

/** The life of a source's task or room, for any id. */
interface Story {
  source: string;
  events: readonly string[];
  /** The members of the body that name the task or room, by path. */
  idFields: readonly string[];
  resource: 'tasks' | 'rooms';
  /** What the vendor's parser makes of the id; the id itself when absent. */
  taskIdOf?: (id: string) => string;
  known: object;
}

const ENDED = { task: { status: 'ended' } };

const STORIES: readonly Story[] = [
  {
    source: 'rongcloud-recording',
    events: ['start', 'segment', 'upload-failed', 'end', 'upload'],
    idFields: ['recordId', 'roomId'],
    resource: 'tasks',
    known: { ...ENDED, files: [{ status: 'uploaded', sizeBytes: 333 }] },
  },
  {
    source: 'rongcloud-screenshot',
    events: ['start', 'upload-failed', 'upload', 'end'],
    idFields: ['imageId', 'roomId'],
    resource: 'tasks',
    known: { ...ENDED, files: [{ name: '1.jpg', status: 'uploaded' }] },
  },
  {
    source: 'rongcloud-room',
    events: ['created', 'joined', 'destroyed'],
    idFields: ['roomId'],
    resource: 'rooms',
    known: { room: { status: 'closed' } },
  },
  {
    source: 'rongcloud-cdn',
    events: ['start', 'end'],
    idFields: ['sessionId', 'roomId'],
    resource: 'tasks',
    known: ENDED,
  },
  {
    source: 'rongcloud-player',
    events: ['start', 'publishing', 'end'],
    idFields: ['room_id'],
    resource: 'tasks',
    taskIdOf: (id) => `${id}/player_1`,
    known: ENDED,
  },
  {
    source: 'rongcloud-moderation',
    events: ['start', 'rejected', 'end'],
    idFields: ['sessionId', 'roomId'],
    resource: 'tasks',
    taskIdOf: (id) => `${id}/user_1`,
    known: { task: { status: 'ended', riskLevel: 'REJECT' } },
  },
  {
    source: 'tencent',
    events: ['recording-start', 'recording-mp4-failed', 'recording-end', 'recording-mp4'],
    idFields: ['EventInfo.TaskId', 'EventInfo.RoomId'],
    resource: 'tasks',
    known: { ...ENDED, files: [{ status: 'uploaded' }, { status: 'uploaded' }] },
  },
  {
    source: 'zego',
    events: ['mix-start', 'mix-stop'],
    idFields: ['task_id', 'room_id'],
    resource: 'tasks',
    known: ENDED,
  },
  {
    source: 'zego-recording',
    events: ['playlist', 'upload-failed', 'upload', 'end'],
    idFields: ['task_id', 'room_id'],
    resource: 'tasks',
    known: { ...ENDED, files: [{ status: 'closed' }, { status: 'uploaded' }] },
  },
];

/** The sources, each with its life. */
export const SOURCES_WITH_LIVES: readonly string[] = STORIES.map(({ source }) => source);

/** One source of each vendor. */
export const SOURCE_OF_EACH_VENDOR = ['rongcloud-recording', 'tencent', 'zego-recording'] as const;

/** How long before now lives begin, in ms: none of their callbacks is from the future. */
const BEGAN_AGO_MS = 60_000;

const SECOND = 1000;

/** How a life differs from the usual one of its source. */
export interface LifeOptions {
  /** Unix time in ms. */
  beganAt?: number;
}

/** A new life of a source. */
export function lifeOf(sourceName: string, options: LifeOptions = {}): Life {
  const { beganAt = Date.now() - BEGAN_AGO_MS } = options;
  const story = STORIES.find(({ source }) => source === sourceName);
  if (story === undefined) throw new Error(`${sourceName} has no life`);
  const source = sourceNamed(sourceName);
  const id = randomUUID();
  const set = new Map<string, Json>(story.idFields.map((path) => [path, id]));
  const resourceId = encodeURIComponent(story.taskIdOf?.(id) ?? id);
  return {
    source,
    id,
    callbacks: story.events.map((event, index) => {
      const now = beganAt + index * SECOND;
      return sample(source, event, { now, set });
    }),
    path: `/${story.resource}/${source.vendor}/${source.appId}/${resourceId}?events=true`,
    known: story.known,
  };
}

/** What is known of a life, without what differs between two lives that went the same way. */
export function comparable({ text }: StackAnswer, { id }: Life): unknown {
  const { events, ...known } = JSON.parse(text.replaceAll(id, 'id'));
  const listed = (events as { type: string; at?: string }[]).map(({ type, at }) => `${type} ${at}`);
  return { ...known, listed: listed.toSorted() };
}
