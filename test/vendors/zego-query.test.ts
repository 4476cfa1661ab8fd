import { describe, expect, test } from 'vitest';
import type { Observation } from '../../lib/callback/observation.ts';
import type { Json } from '../../lib/platform/json.ts';
import { observeAnswer, querySignature, tasksOf } from '../../lib/vendors/zego/query.ts';

test('the signature is the published one', () => {
  // https://www.zegocloud.com/docs/cloud-recording-server/api-reference/accessing-server-apis
  const signature = querySignature(
    '12345',
    '4fd24687296dd9f3',
    '9193cc662a4c0ec135ec71fb57194b38',
    '1615186943',
  );
  expect(signature).toBe('43e5cfcca828314675f91b001390566a');
});

/** The published answer of DescribeRecordStatus. */
const PUBLISHED = JSON.parse(
  '{"RoomId":"xxxx","RecordMode":2,"StreamType":3,"RecordBeginTimestamp":1601221452099,"RecordEndTimestamp":1601221508795,"Status":3,"RecordFiles":[{"UserId":"my_out","UserName":"my_out","StreamId":"my_out","FileId":"X3CgNeE4I1qAAABN_xxxx_my_out_VA_20200927154419775.mp4","VideoId":"820e50e52e0a490caf44eec8aec527a7","FileUrl":"https://xxxx.com/record/X3CgNeE4I1qAAABN_xxxx_my_out_VA_20200927154419775.mp4","OutputFileFormat":"mp4","FileSize":432643544,"Duration":33874,"ResolutionWidth":1920,"ResolutionHeight":1080,"MediaTrackType":3,"BeginTimestamp":1601221459830,"Status":3}]}',
);

const ASKED_AT = 1601221600000;
const askedAt = new Date(ASKED_AT).toISOString();

const observed = (changes: object, fileChanges: object = {}) =>
  observeAnswer(
    'task',
    { ...PUBLISHED, RecordFiles: [{ ...PUBLISHED.RecordFiles[0], ...fileChanges }], ...changes } as Json,
    ASKED_AT,
  );

const said = (observation: Observation | undefined) => observation?.value as Record<string, unknown>;

test('the published answer says that the task has ended and where its file is', () => {
  const task = { kind: 'recording', roomId: 'xxxx' };
  expect(observed({})).toEqual([
    {
      ...{ entity: 'task', taskId: 'task', facet: 'answer', rank: 1, at: 1601221508795 },
      value: { status: 'ended', task, beganAt: 1601221452099, askedAt },
    },
    {
      ...{ entity: 'file', taskId: 'task', facet: 'answer', rank: 3, at: 1601221508795 },
      name: 'X3CgNeE4I1qAAABN_xxxx_my_out_VA_20200927154419775.mp4',
      value: {
        status: 'uploaded',
        task,
        url: 'https://xxxx.com/record/X3CgNeE4I1qAAABN_xxxx_my_out_VA_20200927154419775.mp4',
        sizeBytes: 432643544,
        durationMs: 33874,
        resolution: '1920x1080',
        userId: 'my_out',
        trackType: 'audio_video',
        vodFileId: '820e50e52e0a490caf44eec8aec527a7',
        beginsAt: '2020-09-27T15:44:19.830Z',
        askedAt,
      },
    },
  ]);
});

describe('the status of a file', () => {
  test.each([
    [1, 'recording', 0],
    [2, 'closed', 1],
    [3, 'uploaded', 3],
    [4, 'upload_failed', 2],
    [5, 'upload_failed', 2],
  ])('%i is %s', (status, expected, rank) => {
    const [, file] = observed({}, { Status: status });
    expect([said(file).status, file?.rank]).toEqual([expected, rank]);
  });

  test('4 is deleted after three days, 5 at no known time', () => {
    const [backup, lost] = [4, 5].map((status) => observed({}, { Status: status })[1]);
    expect(backup).toMatchObject({ retentionMs: 3 * 24 * 60 * 60_000, failedSince: 1601221508795 });
    expect(lost).not.toHaveProperty('retentionMs', expect.anything());
  });
});

test.each([
  [1, 'started', ASKED_AT],
  [2, 'started', ASKED_AT],
  [3, 'ended', 1601221508795],
  [4, 'failed', 1601221508795],
  [5, 'started', ASKED_AT],
])('the status %i of a task is %s', (status, expected, at) => {
  const [task] = observed({ Status: status });
  expect([said(task).status, task?.at]).toEqual([expected, at]);
});

test('a picture does not say what its task is, and a task without files has none', () => {
  const [task] = observed({}, { OutputFileFormat: 'jpg' });
  expect(said(task).task).toEqual({ kind: undefined, roomId: 'xxxx' });
  expect(observeAnswer('task', { RoomId: 'xxxx', Status: 3 }, ASKED_AT)).toHaveLength(1);
});

test('what an answer does not have in the documented form is left out', () => {
  for (const data of [null, [], 'text', { RecordFiles: 'none' }, { RecordFiles: [null, 1, {}] }] as Json[])
    expect(observeAnswer('task', data, ASKED_AT)).toEqual([]);
  expect(tasksOf({ TaskidList: [{ TaskId: 'a' }, {}, null] })).toEqual({ taskIds: ['a'], total: 3 - 2 });
});
