/** What callbacks are, by `EventType`; the result of an upload or a start is in its `Status`. */
const EVENT_TYPES: Readonly<Record<number, string>> = {
  ...{
    101: 'room created',
    102: 'room dismissed',
    103: 'user entered',
    104: 'user left',
    105: 'role changed',
  },
  ...{ 201: 'video started', 202: 'video stopped', 203: 'audio started', 204: 'audio stopped' },
  ...{ 205: 'substream started', 206: 'substream stopped' },
  ...{ 301: 'recorder start', 302: 'recorder left', 303: 'upload start', 304: 'first index file' },
  ...{ 305: 'HLS upload end', 306: 'moved to another machine', 307: 'first slice', 308: 'upload error' },
  ...{ 309: 'image not loaded', 310: 'MP4 upload end', 311: 'file upload', 312: 'upload to VOD end' },
  ...{ 401: 'relay status', 601: 'picture', 701: 'stream pull start', 702: 'stream pull end' },
  ...{ 801: 'web recorder start', 802: 'web recorder end', 803: 'web recorder status', 804: 'limit reached' },
  ...{ 901: 'AI service start', 902: 'AI service end', 903: 'AI service message', 904: 'speech started' },
  ...{ 905: 'speech finished', 906: 'AI service metric', 908: 'AI service error', 909: 'session status' },
  ...{ 1001: 'slicing start', 1002: 'slicing end', 1003: 'upload start', 1004: 'slice', 1005: 'upload end' },
  ...{ 1006: 'upload error', 1101: 'moderation start', 1102: 'moderation end', 1103: 'sending start' },
  ...{ 1104: 'moderation result', 1105: 'sending end', 1106: 'moderation error' },
  ...{
    1401: 'transcription start',
    1402: 'transcription end',
    1403: 'sentence',
    1404: 'translated sentence',
  },
};

/** Names of callbacks for people, by the type that the parser gives them: `<EventGroupId>/<EventType>`. */
export const tencentEventNames: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(EVENT_TYPES).map(([type, name]) => [`${type.slice(0, -2)}/${type}`, name]),
);
