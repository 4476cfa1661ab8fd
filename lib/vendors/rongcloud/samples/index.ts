import type { JsonObject } from '../../../platform/json.ts';
import type { SourceSamples, VendorSamples } from '../../common/sample.ts';
import { rongcloudSignature } from '../verify.ts';

const SUCCESS = { code: 200, errorMessage: 'Success' };
const FILE_NAME = 'lSA2G6CUf9A-6nnoNwXCx8_111_222_1530027865231.mp4';
const MIXED_FILE_NAME = 'lSA2G6CUf9A-6nnoNwXCx8_111_1530027865231.mkv';

const service = {
  appId: 'e0x9wycfx7flq',
  sign(body, { secret, now, nonce }) {
    const timestamp = String(now);
    const headers = {
      'content-type': 'application/json',
      'RC-Nonce': nonce,
      'RC-Timestamp': timestamp,
      'RC-Signature': rongcloudSignature(secret, nonce, timestamp),
    };
    return { headers, body: Buffer.from(JSON.stringify(body)) };
  },
} satisfies Partial<SourceSamples>;

/** Samples of https://docs.rongcloud.io/server-rtc-api/record/callback */
export const recordingSamples: SourceSamples = {
  ...service,
  name: 'rongcloud-recording',
  events: {
    start: (appKey, timestamp) => ({
      ...recording(appKey, timestamp, 1),
      config: { trigger: 0, mixLayout: 2, slicesMin: 30, audioFormat: 'aac', videoFormat: 'mp4' },
      output: { fileName: FILE_NAME, audioSample: 48000, videoResoulation: '640x480' },
      ...SUCCESS,
    }),
    // One recording of all users. The vendor prints no sample with `recordType`.
    'start-mixed': (appKey, timestamp) => ({
      ...recording(appKey, timestamp, 1),
      ...{ recordId: '5b2d0e6cf4a94d6e8c1b7a3d9e0f1c22', userId: '', mode: 3 },
      config: {
        trigger: 0,
        recordType: 2,
        mixLayout: 3,
        slicesMin: 30,
        audioFormat: 'aac',
        videoFormat: 'mkv',
      },
      output: { fileName: MIXED_FILE_NAME, audioSample: 48000, videoResoulation: '640x480' },
      ...SUCCESS,
    }),
    segment: (appKey, timestamp) => ({
      ...recording(appKey, timestamp, 2),
      output: { fileName: FILE_NAME, fileSize: 333 },
      ...SUCCESS,
    }),
    end: (appKey, timestamp) => ({
      ...recording(appKey, timestamp, 3),
      output: { fileName: FILE_NAME, fileSize: 333 },
      ...SUCCESS,
    }),
    upload: (appKey, timestamp) => ({
      ...recording(appKey, timestamp, 4),
      output: { fileName: FILE_NAME, fileUrl: 'http://oss/record/XXXXXXXX.mp4?abc' },
      ...SUCCESS,
    }),
    'upload-failed': (appKey, timestamp) => ({
      ...recording(appKey, timestamp, 4),
      output: { fileName: FILE_NAME, fileUrl: '' },
      code: 20001,
      errorMessage: 'upload failed',
    }),
    'unknown-type': (appKey, timestamp) => ({ ...recording(appKey, timestamp, 9), ...SUCCESS }),
  },
};

/** Samples of https://docs.rongcloud.io/server-rtc-api/screenshot/callback */
export const screenshotSamples: SourceSamples = {
  ...service,
  name: 'rongcloud-screenshot',
  events: {
    start: (appKey, timestamp) => ({ ...screenshot(appKey, timestamp, 1), ...SCREENSHOT_CONFIG, ...SUCCESS }),
    end: (appKey, timestamp) => ({ ...screenshot(appKey, timestamp, 3), ...SCREENSHOT_CONFIG, ...SUCCESS }),
    upload: (appKey, timestamp) => ({
      ...screenshot(appKey, timestamp, 4),
      tag: '',
      output: { fileName: '1.jpg', fileUrl: 'http://oss/record/1.jpg', fileState: '10000', fileMsg: 'ok' },
      ...SUCCESS,
    }),
    'upload-failed': (appKey, timestamp) => ({
      ...screenshot(appKey, timestamp, 4),
      tag: '',
      output: { fileName: '1.jpg', fileUrl: '', fileState: '20001', fileMsg: 'upload failed' },
      code: 20001,
      errorMessage: 'upload failed',
    }),
  },
};

/**
 * Samples of https://docs.rongcloud.io/server-rtc-api/room/room-status-callback, version 1.1 and, on
 * request, 1.0. Room status is signed in plain headers, and 1.1 names its app there only.
 */
export const roomSamples: SourceSamples = {
  ...service,
  name: 'rongcloud-room',
  events: {
    created: (_appKey, timestamp) => room(timestamp, 2),
    joined: (_appKey, timestamp) => ({ ...room(timestamp, 11), userId: 'user_1' }),
    left: (_appKey, timestamp) => ({ ...room(timestamp, 12), userId: 'user_1', exitType: 3 }),
    destroyed: (_appKey, timestamp) => room(timestamp, 3),
    'resource-changed-1.0': (appKey, timestamp) => ({
      ...oldRoom(appKey, timestamp, 20),
      userId: '123',
      token: 'token_value',
      members: { '123': { userId: '123', data: { uris: '[]' } } },
    }),
    'periodic-sync-1.0': (appKey, timestamp) => ({
      ...oldRoom(appKey, timestamp, 1),
      durationTime: 120_000,
      members: {
        '123': { userId: '123', data: { uris: '[{"mediaType":0,"msid":"123_tag","state":1}]' } },
        '456': { userId: '456', data: { uris: '[' } },
      },
    }),
    'unknown-event': (_appKey, timestamp) => room(timestamp, 99),
  },
  sign(body, { appId, secret, now, nonce }) {
    const timestamp = String(now);
    const signature = rongcloudSignature(secret, nonce, timestamp);
    const headers = { 'content-type': 'application/json', appKey: appId, nonce, timestamp, signature };
    return { headers, body: Buffer.from(JSON.stringify(body)) };
  },
};

/** Samples of https://docs.rongcloud.io/server-rtc-api/CDN/cdn-hook */
export const cdnSamples: SourceSamples = {
  ...service,
  name: 'rongcloud-cdn',
  events: {
    start: (appKey, timestamp) => cdn(appKey, timestamp, 1),
    'configuration-updated': (appKey, timestamp) => cdn(appKey, timestamp, 3),
    end: (appKey, timestamp) => cdn(appKey, timestamp, 2),
    failed: (appKey, timestamp) => ({ ...cdn(appKey, timestamp, 4), stateCode: 10001 }),
    'unknown-type': (appKey, timestamp) => cdn(appKey, timestamp, 9),
  },
};

/** Samples of https://docs.rongcloud.io/server-rtc-api/cloud-player/callback */
export const playerSamples: SourceSamples = {
  ...service,
  name: 'rongcloud-player',
  events: {
    start: (appKey, timestamp) => player(appKey, timestamp, 1, 10000),
    publishing: (appKey, timestamp) => player(appKey, timestamp, 5, 61017),
    interrupted: (appKey, timestamp) => player(appKey, timestamp, 4, 61102),
    end: (appKey, timestamp) => player(appKey, timestamp, 2, 10000),
    'end-failed': (appKey, timestamp) => player(appKey, timestamp, 2, 61103),
    'start-failed': (appKey, timestamp) => ({
      ...player(appKey, timestamp, 3, 61101),
      video_resolution: '',
    }),
    'unknown-type': (appKey, timestamp) => player(appKey, timestamp, 9, 10000),
  },
};

/**
 * Samples of https://docs.rongcloud.io/server-rtc-api/contentcensor/status, which have no time. The codes and
 * the form of the rejection are invented: the vendor lists neither.
 */
export const moderationSamples: SourceSamples = {
  ...service,
  name: 'rongcloud-moderation',
  events: {
    start: (appKey) => moderation(appKey, 1),
    result: (appKey) => ({ ...moderation(appKey, 4), scene: 'LIVE_ROOM' }),
    rejected: (appKey) => ({ ...moderation(appKey, 4), result: { riskLevel: 'REJECT' } }),
    exception: (appKey) => ({ ...moderation(appKey, 3), code: 500 }),
    end: (appKey) => moderation(appKey, 2),
    'unknown-type': (appKey) => moderation(appKey, 9),
  },
};

export const samples: VendorSamples = {
  secrets: {
    your_appkey: ['Y1W2MeFwwwRxa0'],
    e0x9wycfx7flq: ['Y1W2MeFwwwRxa0'],
    qf3d5gbjq962h: ['Y1W2MeFwwwRxa0'],
  },
  sources: [recordingSamples, screenshotSamples, roomSamples, cdnSamples, playerSamples, moderationSamples],
};

const SCREENSHOT_CONFIG = { config: { trigger: 0, slicesSec: 30, renderMode: 1, picResolution: '640x480' } };

function recording(appKey: string, timestamp: number, type: number): JsonObject {
  return {
    timestamp,
    type,
    appKey,
    recordId: '8329208b99410743dcfeb80548e2c0ec',
    roomId: '111',
    sessionId: 'lSA2G6CUf9A-6nnoNwXCx8',
    userId: '222',
    mode: 1,
    extra: 'extra_string',
  };
}

function screenshot(appKey: string, timestamp: number, type: number): JsonObject {
  return {
    timestamp,
    type,
    appKey,
    sessionId: 'lSA2G6CUf9A-6nnoNwXCx8',
    roomId: '111',
    imageId: 'SJGOSOIOAIJFOJAOJOE',
    extra: '',
  };
}

function room(timestamp: number, event: number): JsonObject {
  return { roomId: 'room_1', event, timestamp };
}

function oldRoom(appKey: string, timestamp: number, event: number): JsonObject {
  return { appKey, channelId: 'room_1', event, timestamp };
}

function cdn(appKey: string, timestamp: number, type: number): JsonObject {
  return {
    timestamp,
    type,
    stateCode: 10000,
    appKey,
    roomId: 'iOS-MUJERjYwNTk5MTkyMERCMTFDQkRGODUwODIwNEM0RUI-1593483530019',
    sessionId: 'AtqSLHUE_29wd2o6QKM4u7',
    userId: 'A2BDE07D-5273-487A-8997-99BF25D06DFE',
    pushUrl: 'rtmp://rongcloud.net/seal/AtqSLo6QKM4u7?auth_key=1593487130ace2de7f67c1111',
    output: { videoResoulation: '240x320' },
  };
}

function player(app_key: string, timestamp: number, type: number, code: number): JsonObject {
  return {
    timestamp,
    type,
    app_key,
    room_id: 'room_1',
    rtmp_url: 'rtmp://example.com/live/1',
    user_id: 'player_1',
    code,
    video_resolution: '1920X1080',
  };
}

function moderation(appKey: string, type: number): JsonObject {
  return {
    type,
    code: 200,
    appKey,
    roomId: 'room_1',
    userId: 'user_1',
    scene: 'VIDEO_LIVE',
    sessionId: 'session_1',
  };
}
