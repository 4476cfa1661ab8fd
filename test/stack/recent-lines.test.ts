import { expect, test } from 'vitest';
import { createRecentLines } from '../../stack/recent-lines.ts';

const line = (id: number, time = '2026-03-01T12:00:00.000Z') => JSON.stringify({ id, time });
const ids = ({ lines }: { lines: unknown[] }) => lines.map((each) => (each as { id: number }).id);

test('since a moment whose lines are forgotten in part, it says so', () => {
  const recent = createRecentLines();
  const long = (minute: string) =>
    JSON.stringify({ text: 'x'.repeat(1_500_000), time: `2026-03-01T12:${minute}:00.000Z` });
  for (const minute of ['00', '01', '02', '03']) recent.add(long(minute));
  const isCut = (minute: string) => recent.read({ since: Date.parse(`2026-03-01T12:${minute}:00Z`) }).isCut;
  expect([isCut('01'), isCut('02')]).toEqual([true, false]);
});

test('a follower gets each line once; without a position only new lines', () => {
  const recent = createRecentLines();
  recent.add(line(1));
  const first = recent.read({});
  expect(first).toMatchObject({ lines: [], missed: 0 });
  for (const text of ['ready', line(2), '{"half', line(3)]) recent.add(text);
  const second = recent.read({ after: first.next });
  expect([ids(second), second.missed]).toEqual([[2, 3], 0]);
  expect(recent.read({ after: second.next }).lines).toEqual([]);
});

test('a moment in the past has what was said since', () => {
  const recent = createRecentLines();
  for (const [id, minute] of ['00', '10', '20'].entries())
    recent.add(line(id, `2026-03-01T12:${minute}:00.000Z`));
  expect(ids(recent.read({ since: Date.parse('2026-03-01T12:05:00Z') }))).toEqual([1, 2]);
  expect(ids(recent.read({ since: Date.parse('2026-03-01T12:21:00Z') }))).toEqual([]);
});

test('a position of an earlier run, or a malformed one, gives all lines of this run', () => {
  const [earlier, recent] = [createRecentLines(), createRecentLines()];
  for (const id of [1, 2]) earlier.add(line(id));
  recent.add(line(3));
  expect(ids(recent.read({ after: earlier.read({}).next }))).toEqual([3]);
  expect(ids(recent.read({ after: 'nonsense' }))).toEqual([3]);
});

test('what is forgotten is counted for who has missed it', () => {
  const recent = createRecentLines();
  const { next } = recent.read({});
  const long = JSON.stringify({ text: 'x'.repeat(1_500_000) });
  for (let count = 0; count < 5; count += 1) recent.add(long);
  const { lines, missed } = recent.read({ after: next });
  expect([lines.length, missed]).toEqual([2, 3]);
});
