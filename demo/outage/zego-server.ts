import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A cloud recording as the vendor keeps it: the `Data` of `DescribeRecordStatus`. */
export interface VendorTask {
  TaskId: string;
  RoomId: string;
  /** 1 initialising, 2 running, 3 ended, 4 ended abnormally, 5 paused. */
  Status: number;
  RecordBeginTimestamp: number;
  RecordEndTimestamp?: number;
  RecordFiles?: object[];
}

/** The query API of cloud recording on a loopback port, as the vendor documents it. */
export interface ZegoServer {
  url: string;
  tasks: VendorTask[];
  /** The actions that were asked for, in order. */
  asked: string[];
  /** The requests as they came: target, headers and body. */
  received: string[];
  /** Answered to every request instead, while it is set: a return code. */
  failure?: number;
  close(): void;
}

const WINDOW_MS = 3 * 24 * 60 * 60_000;
const CLOCK_MS = 10 * 60_000;

/** Starts it for one app. `now` is the server's clock. */
export async function startZegoServer(
  appId: string,
  serverSecret: string,
  now: () => number = Date.now,
): Promise<ZegoServer> {
  const state: ZegoServer = {
    url: '',
    tasks: [],
    asked: [],
    received: [],
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  const server = createServer(async (request, response) => {
    const query = new URL(request.url ?? '', 'http://vendor').searchParams;
    const sent = await text(request);
    state.received.push(`${request.url} ${JSON.stringify(request.headers)} ${sent}`);
    const body = JSON.parse(sent || '{}');
    const answer = state.failure === undefined ? answerTo(query, body) : failed(state.failure);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return state;

  function answerTo(query: URLSearchParams, body: Record<string, unknown>): object {
    const [nonce, timestamp] = [query.get('SignatureNonce') ?? '', query.get('Timestamp') ?? ''];
    const signed = createHash('md5')
      .update(appId + nonce + serverSecret + timestamp)
      .digest('hex');
    if (Math.abs(Number(timestamp) * 1000 - now()) > CLOCK_MS) return failed(100000004);
    if (query.get('AppId') !== appId || query.get('Signature') !== signed || !/^[0-9a-f]{16}$/.test(nonce))
      return failed(100000005);
    const action = query.get('Action') ?? '';
    state.asked.push(action);
    const known = state.tasks.filter(({ RecordBeginTimestamp }) => RecordBeginTimestamp >= now() - WINDOW_MS);
    if (action === 'DescribeRecordStatus') {
      const task = known.find(({ TaskId }) => TaskId === body.TaskId);
      if (task === undefined) return failed(300001000);
      const { TaskId: _, ...data } = task;
      return succeeded({ RecordMode: 1, StreamType: 3, ...data });
    }
    if (action === 'DescribeTasks') return described(known, body);
    return failed(300000004);
  }

  function described(known: VendorTask[], body: Record<string, unknown>): object {
    const { Status, StartTime, EndTime, PageOffset = 1, PageSize = 20 } = body as Record<string, number>;
    const isValid =
      Number(StartTime) >= now() - WINDOW_MS && Number(EndTime) >= Number(StartTime) && PageOffset >= 1;
    if (!isValid || ![2, 3].includes(Number(Status)) || PageSize < 1 || PageSize > 50)
      return failed(300000004);
    const found = known
      .filter((task) => (Status === 2) === (task.Status === 2))
      .filter(({ RecordBeginTimestamp: begin }) => begin >= Number(StartTime) && begin <= Number(EndTime));
    const page = found.slice((PageOffset - 1) * PageSize, PageOffset * PageSize);
    const list = page.map(({ RecordFiles, RecordEndTimestamp, ...task }) => task);
    return succeeded({ PageOffset, PageSize, TotalCount: found.length, TaskidList: list });
  }
}

const succeeded = (Data: object) => ({ Code: 0, Message: 'succeed', RequestId: 'request', Data });
const failed = (Code: number) => ({ Code, Message: 'failed', RequestId: 'request' });
