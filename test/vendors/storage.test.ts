import { describe, expect, test } from 'vitest';
import { isMedia, isPlaylist, keysOfFile } from '../../lib/vendors/common/storage.ts';
import { tencentStorage } from '../../lib/vendors/tencent/storage.ts';

const keys = (name: string, url?: string, prefix = 'rtc') =>
  keysOfFile({ name, url }, { bucket: 'lessons', prefix });

describe('the keys that a file may have', () => {
  test.each<[string, string[], string[]]>([
    ['a name', keys('a.mp4'), ['rtc/a.mp4', 'a.mp4']],
    ['a name without a prefix', keys('a.mp4', undefined, ''), ['a.mp4']],
    [
      'a URL',
      keys('a.mp4', 'https://lessons.s3.amazonaws.com/x/a.mp4?sign=1'),
      ['x/a.mp4', 'rtc/a.mp4', 'a.mp4'],
    ],
    [
      'a URL with the bucket in its path',
      keys('a.mp4', 'https://minio.local/lessons/x/a.mp4'),
      ['x/a.mp4', 'lessons/x/a.mp4', 'rtc/a.mp4', 'a.mp4'],
    ],
    ['a name that is a URL', keys('http://pictures.example/b%20c.jpg'), ['b c.jpg']],
    ['a URL that cannot be decoded', keys('a.mp4', 'https://x/%E0.mp4'), ['%E0.mp4', 'rtc/a.mp4', 'a.mp4']],
  ])('%s', (_name, found, expected) => {
    expect(found).toEqual(expected);
  });

  test.each(['../other/a.mp4', 'a/../../other/b.mp4', './a.mp4', '..'])(
    'are none that a service might read as another bucket: %s',
    (name) => expect(keys(name)).toEqual([]),
  );
});

test('segments are no files, playlists and media are', () => {
  const names = ['a.mp4', 'a.M3U8', 'a.jpg', 'a_1.ts', 'a.json', 'a'];
  expect(names.filter(isMedia)).toEqual(['a.mp4', 'a.M3U8', 'a.jpg']);
  expect(names.filter(isPlaylist)).toEqual(['a.M3U8']);
});

test('TRTC puts the files of a task under its id, and recovered ones under another name', () => {
  expect(tencentStorage.taskPrefix?.('task')).toBe('task/');
  const isRecovered = (base: string) => tencentStorage.isRecovered?.(base, 'a.mp4');
  expect(['ha1_a.mp4', 'ha3_a.mp4', 'a.mp4', 'ha4_a.mp4', 'ha1_b.mp4'].map(isRecovered)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
