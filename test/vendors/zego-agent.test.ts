import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../lib/platform/json.ts';
import { parseZego } from '../../lib/vendors/zego/parse.ts';

function parse(body: JsonObject) {
  return parseZego(Buffer.from(JSON.stringify(body)), { appId: '1', receivedAt: 1_700_000_000_000 });
}

/** https://www.zegocloud.com/docs/aiagent-server/callbacks/receiving-callback */
describe('AI agents', () => {
  test('are events of their instance, with and without a room', () => {
    const event = {
      Event: 'ASRResult',
      AgentInstanceId: '1912124734317838336',
      Timestamp: 1_700_000_000_000,
    };
    expect(parse(event)).toMatchObject({
      ok: true,
      event: { type: 'agent ASRResult', taskId: '1912124734317838336', roomId: undefined, kind: undefined },
      observations: [],
    });
    expect(parse({ ...event, RoomId: 'r' })).toMatchObject({ ok: true, event: { roomId: 'r' } });
  });
});

describe('digital humans have the types of the cloud player', () => {
  test.each<[JsonObject, object]>([
    [
      { EventType: 3, TaskId: 't', Detail: { RoomId: 'r', DriveId: 'd', Status: 2 } },
      { type: 'digital-human 3', taskId: 't', roomId: 'r', kind: undefined },
    ],
    [
      { EventType: 4, TaskId: 't' },
      { type: 'digital-human 4', taskId: 't', kind: undefined },
    ],
    [
      { EventType: 3, PlayerId: 'p', TaskId: 't', RoomId: 'r', Detail: { Status: 5 } },
      { type: 'player 3', taskId: 'p', kind: 'player' },
    ],
  ])('%j', (body, event) => {
    expect(parse(body)).toMatchObject({ ok: true, event, observations: [] });
  });
});
