import { startSqs } from '../../stack/embedded.ts';
import { appIdOf, type DayCallback, dayCallback } from '../player.ts';
import { startZegoServer, type ZegoServer } from './zego-server.ts';

/** When the hour begins, in minutes after the beginning of the day. */
const FROM = 20 * 60;

const SERVER_SECRET = 'server-secret-of-the-day';

/** A file that the ledger has to know in the end. */
export interface LostFile {
  vendor: 'tencent' | 'zego';
  taskId: string;
  name: string;
}

/** An hour in which every callback of ZEGOCLOUD is lost, and every callback of an upload of TRTC. */
export interface LostHour {
  /** What comes all the same. */
  callbacks: DayCallback[];
  /** What nobody reported, and is there. */
  files: LostFile[];
  /** What the functions find the bucket and the vendor by. */
  environment: Record<string, string>;
  close(): Promise<void>;
}

/** Fills a bucket and the vendor's answers with the recordings of the hour. `dayStart` is Unix time in ms. */
export async function lostHour(dayStart: number): Promise<LostHour> {
  const [tencent, zego] = [appIdOf('tencent'), appIdOf('zego')];
  const { origin, stop } = await startSqs();
  const vendor = await startZegoServer(zego, SERVER_SECRET);
  const callbacks: DayCallback[] = [];
  const files: LostFile[] = [];
  await fetch(`${origin}/lessons`, { method: 'PUT' });
  for (const number of [1, 2, 3]) {
    const taskId = `lost-trtc-${number}`;
    for (const [event, minute] of [
      ['recording-start', FROM],
      ['recording-end', FROM + 40],
    ] as const) {
      const values = { 'EventInfo.TaskId': taskId, 'EventInfo.RoomId': `room-${taskId}` };
      callbacks.push(dayCallback('tencent', event, minute, values));
    }
    for (const name of [`${taskId}_1.mp4`, `${taskId}.m3u8`, `${taskId}_1.ts`]) {
      await fetch(`${origin}/lessons/rtc/${taskId}/${name}`, { method: 'PUT', body: 'media' });
      if (!name.endsWith('.ts')) files.push({ vendor: 'tencent', taskId, name });
    }
    files.push(recordAtZego(vendor, `lost-zego-${number}`, dayStart + FROM * 60_000));
  }
  return {
    callbacks,
    files,
    environment: {
      STORAGE: JSON.stringify({
        [`tencent/${tencent}`]: {
          ...{ bucket: 'lessons', prefix: 'rtc', endpoint: origin },
          ...{ accessKeyId: 'local', secretAccessKey: 'local' },
        },
      }),
      ZEGO_SERVER_SECRETS: JSON.stringify({ [zego]: SERVER_SECRET }),
      ZEGO_QUERY_ENDPOINT: vendor.url,
    },
    async close() {
      vendor.close();
      await stop();
    },
  };
}

/** A recording that the vendor has stored without a callback. */
function recordAtZego(vendor: ZegoServer, taskId: string, begin: number): LostFile {
  const name = `${taskId}_room_user_user_VA_1.mp4`;
  const size = { FileSize: 5, Duration: 2_400_000, ResolutionWidth: 1280, ResolutionHeight: 720 };
  vendor.tasks.push({
    ...{ TaskId: taskId, RoomId: `room-${taskId}`, Status: 3 },
    ...{ RecordBeginTimestamp: begin, RecordEndTimestamp: begin + 2_400_000 },
    RecordFiles: [{ UserId: 'user', FileId: name, OutputFileFormat: 'mp4', ...size, Status: 3 }],
  });
  return { vendor: 'zego', taskId, name };
}
