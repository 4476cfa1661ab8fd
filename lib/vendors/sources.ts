import type { Source } from '../callback/callback.ts';
import { parseCdn } from './rongcloud/cdn.ts';
import { parseModeration } from './rongcloud/moderation.ts';
import { parsePlayer } from './rongcloud/player.ts';
import { parseRecording } from './rongcloud/recording.ts';
import { parseRoom } from './rongcloud/room.ts';
import { parseScreenshot } from './rongcloud/screenshot.ts';
import { parseTencent } from './tencent/parse.ts';
import { parseZego } from './zego/parse.ts';

/** Every callback source by its name, which is also the name of the function that receives it. */
export const SOURCES: ReadonlyMap<string, Source> = new Map<string, Source>([
  ['rongcloud-recording', { vendor: 'rongcloud', parse: parseRecording }],
  ['rongcloud-screenshot', { vendor: 'rongcloud', parse: parseScreenshot }],
  ['rongcloud-room', { vendor: 'rongcloud', parse: parseRoom }],
  ['rongcloud-cdn', { vendor: 'rongcloud', parse: parseCdn }],
  ['rongcloud-player', { vendor: 'rongcloud', parse: parsePlayer }],
  ['rongcloud-moderation', { vendor: 'rongcloud', parse: parseModeration }],
  ['tencent', { vendor: 'tencent', parse: parseTencent }],
  ['zego', { vendor: 'zego', parse: parseZego }],
  ['zego-recording', { vendor: 'zego', parse: parseZego }],
]);
