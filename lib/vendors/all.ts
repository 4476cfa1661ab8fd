/** Every vendor, a line for each. */
export { rongcloud } from './rongcloud/index.ts';
export { tencent } from './tencent/index.ts';
export { zego } from './zego/index.ts';
