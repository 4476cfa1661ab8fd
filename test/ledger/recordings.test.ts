import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileFacet } from '../../lib/callback/observation.ts';
import type { FileFacets, NamedFile, Stored } from '../../lib/ledger/facets.ts';
import { isUnfinished, recordingsOf } from '../../lib/ledger/recordings.ts';

type Facet = Stored<FileFacet>;

const recording = (at: number, userId?: string, changes: Partial<FileFacet> = {}): Facet => ({
  at,
  value: { status: 'recording', task: { kind: 'recording' }, isProvisional: true, userId, ...changes },
});
const closed = (at: number, userId?: string): Facet => ({
  at,
  value: { status: 'closed', task: { kind: 'recording' }, userId },
});

const started = (name: string, at: number, userId?: string): NamedFile => ({
  name,
  facets: { start: recording(at, userId) },
});
const ended = (name: string, at: number, userId?: string): NamedFile => ({
  name,
  facets: { end: closed(at, userId) },
});

/** What runs and what was replaced, as lists. */
function outcome(...files: NamedFile[]) {
  const { running, replaced } = recordingsOf(files);
  return { running: [...running], replaced: [...replaced] };
}

describe('a recording', () => {
  it('runs from its start on', () => {
    expect(outcome(started('tmp', 1, 'T'))).toEqual({ running: ['tmp'], replaced: [] });
  });

  it.each(['segment', 'end', 'upload'] as const)('has its final name where that has a facet %s', (facet) => {
    const file = { name: 'a', facets: { start: recording(1), [facet]: closed(2) } };
    expect(isUnfinished(file.facets)).toBe(false);
    expect(outcome(file)).toEqual({ running: [], replaced: [] });
  });

  it('whose first name is final is no recording of a user', () => {
    const facets: FileFacets = { start: recording(1, 'T', { isProvisional: undefined }) };
    expect(isUnfinished(facets)).toBe(false);
    expect(outcome({ name: 'a', facets }, ended('b', 2, 'T'))).toEqual({ running: [], replaced: [] });
  });

  it('is not known by an end alone', () => {
    expect(isUnfinished({})).toBe(false);
    expect(outcome(ended('final', 1, 'T'))).toEqual({ running: [], replaced: [] });
  });
});

describe('an end under another name', () => {
  it('replaces the name of the same user’s start, even in the same ms', () => {
    const replaced = { running: [], replaced: ['tmp'] };
    expect(outcome(started('tmp', 1, 'T'), ended('final', 2, 'T'))).toEqual(replaced);
    expect(outcome(started('tmp', 2, 'T'), ended('final', 2, 'T'))).toEqual(replaced);
  });

  it('closes no recording of another user, and none that starts after it', () => {
    const runs = { running: ['tmp'], replaced: [] };
    expect(outcome(started('tmp', 1, 'P'), ended('final', 2, 'T'))).toEqual(runs);
    expect(outcome(started('tmp', 3, 'T'), ended('final', 2, 'T'))).toEqual(runs);
  });

  it('closes a recording whose time of start nobody can mean', () => {
    const start = { ...recording(3, 'T'), isReplaced: true };
    expect(outcome({ name: 'tmp', facets: { start } }, ended('final', 2, 'T')).replaced).toEqual(['tmp']);
  });

  it('is of the user of its task where its file names none', () => {
    const start = recording(1, undefined, { task: { kind: 'recording', userId: 'T' } });
    const file = { name: 'tmp', facets: { start } };
    expect(outcome(file, ended('final', 2, 'T')).replaced).toEqual(['tmp']);
    expect(outcome(file, ended('final', 2, 'P')).replaced).toEqual([]);
  });

  it('closes the earliest of several, one for each end', () => {
    // Their times, not their names, say which is the earliest.
    const starts = [started('b', 2, 'T'), started('c', 1, 'T'), started('a', 3, 'T')];
    expect(outcome(...starts, ended('final-1', 4, 'T'))).toEqual({ running: ['b', 'a'], replaced: ['c'] });
    expect(outcome(...starts, ended('final-2', 5, 'T'), ended('final-1', 4, 'T'))).toEqual({
      ...{ running: ['a'], replaced: ['c', 'b'] },
    });
  });

  it('is not that of a file whose own start is known', () => {
    const own = { name: 'a', facets: { start: recording(1, 'T'), end: closed(3, 'T') } };
    expect(outcome(started('tmp', 2, 'T'), own)).toEqual({ running: ['tmp'], replaced: [] });
  });

  it('closes the recording of the lowest name among those of one ms', () => {
    const files = [started('b', 1, 'T'), started('a', 1, 'T'), started('c', 1, 'T'), ended('final', 2, 'T')];
    expect(outcome(...files)).toEqual({ running: ['b', 'c'], replaced: ['a'] });
  });

  it('closes one recording at most, and what is known does not depend on the order of the files', () => {
    const facets = fc.record({ at: fc.nat(3), userId: fc.constantFrom('T', 'P'), isStart: fc.boolean() });
    const files = fc
      .array(facets, { maxLength: 8 })
      .map((list) =>
        list.map(({ at, userId, isStart }, index) => (isStart ? started : ended)(`${index}`, at, userId)),
      );
    const shuffled = (list: NamedFile[]) => fc.shuffledSubarray(list, { minLength: list.length });
    fc.assert(
      fc.property(
        files.chain((list) => fc.tuple(fc.constant(list), shuffled(list))),
        ([list, other]) => {
          const { running, replaced } = outcome(...list);
          const starts = list.filter((file) => file.facets.start !== undefined);
          expect([...running, ...replaced].sort()).toEqual(starts.map(({ name }) => name).sort());
          expect(replaced.length).toBeLessThanOrEqual(list.length - starts.length);
          expect(outcome(...other)).toEqual({ running, replaced });
        },
      ),
    );
  });
});
