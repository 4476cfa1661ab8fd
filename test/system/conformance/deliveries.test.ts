import { afterEach, describe, expect, inject, test } from 'vitest';
import type { SignedCallback } from '../../../lib/vendors/common/sample.ts';
import type { Fault } from '../../support/fault-proxy.ts';
import { sendAndVanish, sendHalf } from '../../support/http-fragments.ts';
import {
  comparable,
  type Life,
  lifeOf,
  SOURCE_OF_EACH_VENDOR,
  SOURCES_WITH_LIVES,
} from '../../support/lives.ts';
import { type Receiver, startFaultyReceiver } from '../../support/receiver.ts';
import { type StackAnswer, sharedStack, stackClient } from '../../support/stack-client.ts';
import { quickOrWhole } from '../../support/suite.ts';

const stack = sharedStack();

/** How often a callback comes at once. */
const COPIES = 6;

/** Posts a callback that has to be taken. */
async function deliver({ source }: Life, callback: SignedCallback | undefined): Promise<void> {
  if (callback === undefined) throw new Error('the life has no such callback');
  expect(await stack.post(source, callback)).toMatchObject({ status: 200, text: '{"code":0}' });
}

/** What is known of a life once all its callbacks are applied, with as many events as it has callbacks. */
function wholeLife(life: Life): Promise<StackAnswer> {
  return stack.readWhen(life.path, ({ body }) => {
    expect(body).toMatchObject(life.known);
    expect(body.events).toHaveLength(life.callbacks.length);
  });
}

/** Expects that a callback which was consumed `count` times changed the state as much as once. */
async function expectOneEffect({ id }: Life, count: number): Promise<void> {
  const consumed = await stack.consumedWhen(id, count);
  const changes = consumed.reduce((sum, line) => sum + (line.changes ?? 0), 0);
  expect(changes).toBe(consumed[0]?.observations);
}

describe.each(quickOrWhole(SOURCE_OF_EACH_VENDOR, SOURCES_WITH_LIVES))('%s', (source) => {
  test('valid: acknowledged, applied and found again', async () => {
    const life = lifeOf(source);
    for (const callback of life.callbacks) await deliver(life, callback);
    await wholeLife(life);
    expect(await stack.consumedWhen(life.id, life.callbacks.length)).toHaveLength(life.callbacks.length);
  });
});

// What comes of duplicates and order depends on the vendor's credentials, not on the source.
describe.each(SOURCE_OF_EACH_VENDOR)('%s', (source) => {
  test('sequential duplicate: acknowledged, and has no second effect', async () => {
    const life = lifeOf(source);
    let delivered = 0;
    for (const callback of life.callbacks) {
      for (const isFirst of [true, false]) {
        await deliver(life, callback);
        delivered += 1;
        const verdict = (await stack.consumedWhen(life.id, delivered)).at(-1)?.verdict;
        if (isFirst) expect(verdict).toMatch(/^(applied|event)$/);
        else expect(verdict).toBe('duplicate');
      }
    }
    await wholeLife(life);
  });

  test('concurrent duplicate: all acknowledged, and one has an effect', async () => {
    const life = lifeOf(source);
    const [first, ...rest] = life.callbacks;
    await Promise.all(Array.from({ length: COPIES }, () => deliver(life, first)));
    await expectOneEffect(life, COPIES);
    for (const callback of rest) await deliver(life, callback);
    await wholeLife(life);
  });

  test('order reversal: comes to the same as in order', async () => {
    const beganAt = Date.now() - 60_000;
    const [inOrder, reversed] = [lifeOf(source, { beganAt }), lifeOf(source, { beganAt })];
    const orders = [
      [inOrder, inOrder.callbacks],
      [reversed, reversed.callbacks.toReversed()],
    ] as const;
    for (const [life, callbacks] of orders) {
      for (const [index, callback] of callbacks.entries()) {
        await deliver(life, callback);
        await stack.consumedWhen(life.id, index + 1);
      }
    }
    expect(comparable(await wholeLife(reversed), reversed)).toEqual(
      comparable(await wholeLife(inOrder), inOrder),
    );
  });
});

// A connection breaks in the same way for every vendor.
describe.each(quickOrWhole(SOURCE_OF_EACH_VENDOR.slice(0, 1), [...SOURCE_OF_EACH_VENDOR]))('%s', (source) => {
  test('connection failure then retry: what broke in the middle has no effect, its retry has one', async () => {
    const life = lifeOf(source);
    for (const callback of life.callbacks) {
      await sendHalf(inject('stackUrl'), life.source, callback);
      await deliver(life, callback);
    }
    await wholeLife(life);
    expect(await stack.consumedWhen(life.id, life.callbacks.length)).toHaveLength(life.callbacks.length);
  });

  test('sender crash after send: what nobody waited for is applied, and sent again has no second effect', async () => {
    const life = lifeOf(source);
    const [first, ...rest] = life.callbacks;
    if (first === undefined) throw new Error('the life has no callback');
    await sendAndVanish(inject('stackUrl'), life.source, first);
    await stack.consumedWhen(life.id, 1);
    await deliver(life, first);
    await expectOneEffect(life, 2);
    for (const callback of rest) await deliver(life, callback);
    await wholeLife(life);
  });
});

describe('with stores that cannot be relied on', () => {
  let receiver: Receiver | undefined;
  afterEach(() => receiver?.close());

  /** One life of each vendor, whose first callback was refused because of a fault of the stores. */
  async function refusedLives(fault: Fault): Promise<Life[]> {
    const lives = SOURCE_OF_EACH_VENDOR.map((source) => lifeOf(source));
    const sources = lives.map(({ source }) => source);
    receiver = await startFaultyReceiver(sources, fault);
    const client = stackClient(receiver.url, inject('stackLog'));
    for (const { source, callbacks } of lives) {
      const [first] = callbacks;
      const answer = first && (await client.post(source, first));
      expect(answer).toMatchObject({ status: 503, body: { reason: 'stores_unavailable' } });
    }
    return lives;
  }

  test('timeout then retry: what was stored without an answer, and its retry, have one effect', async () => {
    for (const life of await refusedLives('stall after')) {
      const [stored] = await stack.consumedWhen(life.id, 1);
      expect(stored).toMatchObject({ verdict: 'applied', changes: stored?.observations });
      for (const callback of life.callbacks) await deliver(life, callback);
      await wholeLife(life);
    }
  });

  test('connection failure then retry: what no store took is not acknowledged, its retry is', async () => {
    for (const life of await refusedLives('drop before')) {
      for (const callback of life.callbacks) await deliver(life, callback);
      await wholeLife(life);
      expect(await stack.consumedWhen(life.id, life.callbacks.length)).toHaveLength(life.callbacks.length);
    }
  });
});
