// The secrets of the vendors' published test vectors. A string, because that is what an environment variable is.
module.exports = JSON.stringify({
  rongcloud: {
    your_appkey: ['Y1W2MeFwwwRxa0'],
    e0x9wycfx7flq: ['Y1W2MeFwwwRxa0'],
    qf3d5gbjq962h: ['Y1W2MeFwwwRxa0'],
  },
  tencent: { 1400000000: ['123654'] },
  zego: {
    1: ['secret'],
    12345: ['secret'],
    111111: ['secret'],
    1234567890: ['secret'],
    123456789: ['secret'],
  },
});
