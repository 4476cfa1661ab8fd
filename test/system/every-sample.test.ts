import { describe, expect, test } from 'vitest';
import { SOURCES } from '../../lib/vendors/index.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { post, readWhen, sample } from '../support/stack-client.ts';

describe.each(SAMPLE_SOURCES.map((source) => [source.name, source] as const))('%s', (_name, source) => {
  test('every sample is acknowledged in under 2,000 bytes and found again as an event of its task or room', async () => {
    const typesByPath = new Map<string, string[]>();
    for (const event of Object.keys(source.events)) {
      const callback = sample(source, event);
      const answer = await post(source, callback);
      expect([event, answer.status, answer.text]).toEqual([event, 200, '{"code":0}']);
      expect(JSON.stringify([...answer.headers]).length + answer.text.length).toBeLessThan(2_000);
      const parsed = SOURCES.get(source.name)?.parse(callback.body, {
        appId: source.appId,
        receivedAt: Date.now(),
      });
      if (!parsed?.ok) throw new Error(`${event} is quarantined`);
      const { taskId, roomId, type } = parsed.event;
      const resource = taskId === undefined ? 'rooms' : 'tasks';
      const id = encodeURIComponent(taskId ?? roomId ?? '');
      const path = `/${resource}/${source.vendor}/${source.appId}/${id}?events=true&limit=500`;
      typesByPath.set(path, [...(typesByPath.get(path) ?? []), type]);
    }
    for (const [path, types] of typesByPath) {
      await readWhen(path, ({ body }) => {
        const found = (body.events as { type: string }[]).map(({ type }) => type);
        expect(found).toEqual(expect.arrayContaining(types));
      });
    }
  });
});
