/** What the callbacks of media services are, by `type`; screenshots have no 2. A result says whether it worked in `code`. */
const MEDIA = ['start', 'file segment', 'end', 'file upload'];

/** Room Status Update, by `event`. */
const ROOM: Readonly<Record<number, string>> = {
  1: 'periodic sync',
  2: 'room created',
  3: 'room destroyed',
  11: 'member joined',
  12: 'member left',
  20: 'resource changed',
};

/** Names of callbacks for people, by the type that the parser gives them. */
export const rongcloudEventNames: Readonly<Record<string, string>> = {
  ...byType('recording', MEDIA),
  ...byType('screenshot', MEDIA),
  ...byType('live', ['relay started', 'relay ended', 'configuration updated', 'relay failed']),
  ...byType('player', [
    'pull started',
    'pull ended',
    'first pull failed',
    'reconnecting',
    'publishing status',
  ]),
  ...byType('moderation', ['start', 'end', 'status exception', 'result']),
  ...Object.fromEntries(Object.entries(ROOM).map(([event, name]) => [`room ${event}`, name])),
};

function byType(kind: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [`${kind} ${index + 1}`, name]));
}
