import type { SampleSource } from '../sample.ts';
import {
  cdnSamples,
  moderationSamples,
  playerSamples,
  recordingSamples,
  roomSamples,
  screenshotSamples,
} from './rongcloud/samples.ts';
import { tencentSamples } from './tencent/samples.ts';
import { zegoRecordingSamples, zegoSamples } from './zego/samples.ts';

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
