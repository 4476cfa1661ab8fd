/** Cloud recording, by `event_type`; the result of an upload is in its `detail`. */
const RECORDING: Readonly<Record<number, string>> = {
  1: 'file upload',
  2: 'ended abnormally',
  3: 'image not loaded',
  4: 'no stream in the room',
  5: 'end',
  6: 'no such stream',
  7: 'end, uploading',
  102: 'address of an index file',
  201: 'paused',
  202: 'resumed',
};

/** Cloud player, by `EventType`. */
const PLAYER: Readonly<Record<number, string>> = {
  1: 'created',
  2: 'destroyed',
  3: 'status change',
  4: 'exception',
  10001: 'file uploaded',
  10002: 'upload failed',
  10003: 'upload status',
  10004: 'not cancelled',
  10005: 'upload exception',
  10006: 'file expired',
};

/** Names of callbacks for people, by the type that the parser gives them. Other types are words of the vendor already. */
export const zegoEventNames: Readonly<Record<string, string>> = {
  ...withPrefix('recording', RECORDING),
  ...withPrefix('player', PLAYER),
  ...withPrefix('digital-human', { 3: 'status', 4: 'speech ended' }),
};

function withPrefix(prefix: string, names: Readonly<Record<number, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(names).map(([type, name]) => [`${prefix} ${type}`, name]));
}
