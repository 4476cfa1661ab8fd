import type { SampleSource } from './common/sample.ts';
import {
  cdnSamples,
  moderationSamples,
  playerSamples,
  recordingSamples,
  roomSamples,
  screenshotSamples,
} from './rongcloud/samples/index.ts';
import { tencentSamples } from './tencent/samples/index.ts';
import { zegoRecordingSamples, zegoSamples } from './zego/samples/index.ts';

/** The sample callbacks of every source. */
export const SAMPLE_SOURCES: readonly SampleSource[] = [
  recordingSamples,
  screenshotSamples,
  roomSamples,
  cdnSamples,
  playerSamples,
  moderationSamples,
  tencentSamples,
  zegoSamples,
  zegoRecordingSamples,
];
