/** What is known of a callback that came in lately, put together from the log lines of the functions. */
export interface RecentCallback {
  /** ISO time of its first log line. */
  at: string;
  /** What became of it: the latest verdict of the receiving function or the consumer. */
  verdict: string;
  /** Why, where there is a reason. */
  reason?: string | undefined;
  source?: string | undefined;
  /** The HTTP status that the vendor was answered with; absent where only the consumer saw it. */
  status?: number | undefined;
  appId?: string | undefined;
  type?: string | undefined;
  taskId?: string | undefined;
  roomId?: string | undefined;
  messageId?: string | undefined;
  /** Whether somebody has sent it out of the quarantine or the dead-letter queue once more. */
  replayed?: boolean | undefined;
  /** Whether it waited in the table, because the queue was out. */
  spilled?: boolean | undefined;
  /** From reception to state, in ms. */
  lagMs?: number | undefined;
}

/** A log line cuts longer values and ends them so; what was cut names nothing. */
const CUT = '…';

/** The task and the room that a callback names, with whose they are; nothing where its line does not say. */
export function idsOfCallback({ source, appId, taskId, roomId }: RecentCallback): {
  owner?: { vendor: string; appId: string };
  taskId?: string | undefined;
  roomId?: string | undefined;
} {
  const vendor = source?.split('-')[0];
  if (vendor === undefined || appId === undefined || appId.endsWith(CUT)) return {};
  return { owner: { vendor, appId }, taskId: wholeId(taskId), roomId: wholeId(roomId) };
}

function wholeId(id: string | undefined): string | undefined {
  return id === undefined || id.endsWith(CUT) ? undefined : id;
}

/** What the local stack keeps for the page. */
export interface LocalStack {
  /** The last callbacks, the latest first. */
  callbacks(): Promise<RecentCallback[]>;
  /** A text that is another one whenever a function has said something since. */
  version(): Promise<string>;
}

/** Asks the local stack at a URL. Rejects when it does not answer. */
export function localStack(url: string): LocalStack {
  const read = async (path: string) => {
    const answer = await fetch(url + path);
    if (!answer.ok) throw new Error(`${url}${path}: ${answer.status}`);
    return answer.json();
  };
  return {
    callbacks: async () => (await read('/local/callbacks')) as RecentCallback[],
    version: async () => ((await read('/local/lines')) as { next: string }).next,
  };
}
