/** The functions that receive callbacks. */

/** The path of each, by its name. */
const PATHS = {
  'rongcloud-recording': '/callbacks/rongcloud/recording',
  'rongcloud-screenshot': '/callbacks/rongcloud/screenshot',
  'rongcloud-room': '/callbacks/rongcloud/room',
  'rongcloud-cdn': '/callbacks/rongcloud/cdn',
  'rongcloud-player': '/callbacks/rongcloud/player',
  'rongcloud-moderation': '/callbacks/rongcloud/moderation',
  tencent: '/callbacks/tencent',
  zego: '/callbacks/zego',
  'zego-recording': '/callbacks/zego/recording',
};

/** Whose callbacks a function receives: its name begins with the vendor. */
const vendorOf = (name) => name.split('-')[0];

module.exports = { PATHS, vendorOf };
