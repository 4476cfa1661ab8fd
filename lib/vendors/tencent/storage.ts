import type { StorageRule } from '../common/storage.ts';

/**
 * `<Prefix>/<TaskId>/<file>`. A file that was recovered is another object, whose name begins with `ha1_` to `ha3_`.
 * https://trtc.io/document/45169
 */
export const tencentStorage: StorageRule = {
  taskPrefix: (taskId) => `${taskId}/`,
  isRecovered: (base, name) => /^ha[1-3]_/.test(base) && base.slice('ha1_'.length) === name,
};
