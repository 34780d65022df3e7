import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ChangedRun,
  hunksIn,
  type Piece,
  placeOfHunk,
  provenHunks,
  takeApart,
  withoutHunks,
} from '../../../orchestrator/domain/hunks.ts';
import { applyChanges, type Change, diffTrees, textFile } from '../../../orchestrator/domain/tree.ts';

/** A file as pieces of text: lines that stay, and runs that differ. */
interface Made {
  readonly change: Change;
  readonly added: Set<number>;
  readonly deleted: Set<number>;
}

const line = fc.constantFrom('a = 1\n', 'b = 2\n', '\n', '    c()\n', 'd = "é"\n');
const part = fc.oneof(
  fc.record({ same: fc.array(line, { minLength: 1, maxLength: 3 }) }),
  fc.record({ before: fc.array(line, { maxLength: 3 }), after: fc.array(line, { maxLength: 3 }) }),
);

function made(path: string, parts: readonly { same?: string[]; before?: string[]; after?: string[] }[], cut: boolean): Made {
  const [before, after]: [string[], string[]] = [[], []];
  const [added, deleted] = [new Set<number>(), new Set<number>()];
  for (const { same, before: old = [], after: now = [] } of parts) {
    if (same !== undefined) {
      before.push(...same);
      after.push(...same);
    } else {
      for (const text of old) deleted.add(before.push(text));
      for (const text of now) added.add(after.push(text));
    }
  }
  // The last line of a file need not end.
  if (cut && deleted.has(before.length)) before.push(before.pop()?.replace(/\n$/, '') ?? '');
  return { change: { path, before: textFile(before.join('')), after: textFile(after.join('')) }, added, deleted };
}

const files = fc
  .array(fc.tuple(fc.array(part, { minLength: 1, maxLength: 8 }), fc.boolean()), { minLength: 1, maxLength: 4 })
  .map((list) => list.map(([parts, cut], i) => made(`app/f${i}.py`, parts, cut)));

/** Cuts a run anywhere, as the numbers say. */
function cutting(numbers: readonly number[]) {
  return ({ old, new: now }: ChangedRun): Piece[] => {
    const pieces: Piece[] = [];
    let [i, j] = [0, 0];
    for (const number of numbers) {
      const piece = { before: Math.min(number % 3, old.count - i), after: Math.min(Math.floor(number / 3) % 3, now.count - j) };
      if (piece.before + piece.after === 0) continue;
      pieces.push(piece);
      i += piece.before;
      j += piece.after;
    }
    const rest = { before: old.count - i, after: now.count - j };
    return rest.before + rest.after > 0 || pieces.length === 0 ? [...pieces, rest] : pieces;
  };
}

function apart(list: readonly Made[], split?: (run: ChangedRun) => readonly Piece[]) {
  return takeApart({
    changes: list.map(({ change }) => change),
    added: new Map(list.map(({ change, added }) => [change.path, added])),
    deleted: new Map(list.map(({ change, deleted }) => [change.path, deleted])),
    ...(split === undefined ? {} : { split }),
  });
}

const textOf = (change: Change, side: 'before' | 'after') => new TextDecoder().decode(change[side]?.content);

describe('hunks of the source patch', () => {
  it('all taken out give the base, none taken out the head, however a run is cut', () => {
    fc.assert(
      fc.property(files, fc.array(fc.nat({ max: 8 }), { maxLength: 6 }), (list, numbers) => {
        const split = apart(list, cutting(numbers));
        const base = new Map(list.map(({ change }) => [change.path, change.before as NonNullable<Change['before']>]));
        const head = new Map(list.map(({ change }) => [change.path, change.after as NonNullable<Change['after']>]));
        expect(withoutHunks(split, new Set())).toEqual([]);
        const out = withoutHunks(split, new Set(hunksIn(split).map(({ id }) => id)));
        expect(diffTrees(applyChanges(head, out), base)).toEqual([]);
      }),
    );
  });

  it('one taken out differs from the head in its own lines alone, and putting these back gives the head', () => {
    fc.assert(
      fc.property(files, (list) => {
        const split = apart(list);
        for (const file of split) {
          for (const hunk of hunksIn([file])) {
            const [without] = withoutHunks(split, new Set([hunk.id]));
            if (hunk.before.length + hunk.after.length === 0 || without === undefined) continue;
            const lines = textOf(without, 'after').split(/(?<=\n)/);
            // Hunks before this one stay, so it stands where the head has it.
            lines.splice(hunk.new.from - 1, hunk.before.length, ...hunk.after);
            expect(lines.join('')).toBe(textOf(without, 'before'));
          }
        }
      }),
    );
  });

  it('have ids by file and place, and ranges of both sides', () => {
    const one = made(
      'app/x.py',
      [{ same: ['a\n'] }, { before: ['b\n'], after: [] }, { same: ['c\n'] }, { before: [], after: ['d\n', 'e\n'] }],
      false,
    );
    expect(hunksIn(apart([one]))).toEqual([
      { id: 'app/x.py#1', path: 'app/x.py', old: { from: 2, count: 1 }, new: { from: 2, count: 0 }, before: ['b\n'], after: [] },
      { id: 'app/x.py#2', path: 'app/x.py', old: { from: 4, count: 0 }, new: { from: 3, count: 2 }, before: [], after: ['d\n', 'e\n'] },
    ]);
    expect(hunksIn(apart([one])).map(placeOfHunk)).toEqual(['app/x.py:2 (deleted)', 'app/x.py:3-4']);
  });

  it.each([
    ['a deleted file', { path: 'x.py', before: textFile('a\n'), after: null }],
    ['a file that is no text', { path: 'x.bin', before: null, after: { mode: '100644', content: Uint8Array.of(0xff) } }],
    ['an empty new file', { path: 'x/__init__.py', before: null, after: textFile('') }],
    ['a link', { path: 'x', before: null, after: { mode: '120000', content: new TextEncoder().encode('y') } }],
    ['a mode alone', { path: 'x.py', before: textFile('a\n'), after: { ...textFile('a\n'), mode: '100755' } }],
  ] as [string, Change][])('%s is one, and taking it out puts the base back', (_, change) => {
    const split = takeApart({ changes: [change], added: new Map(), deleted: new Map() });
    expect(hunksIn(split).map(({ id }) => id)).toEqual([`${change.path}#1`]);
    expect(withoutHunks(split, new Set([`${change.path}#1`]))).toEqual([{ path: change.path, before: change.after, after: change.before }]);
  });

  it('of a new file leave no file when all of them are out', () => {
    const change = { path: 'x.py', before: null, after: textFile('a\nb\n') };
    const split = takeApart({
      changes: [change],
      added: new Map([['x.py', new Set([1, 2])]]),
      deleted: new Map(),
      split: () => [
        { before: 0, after: 1 },
        { before: 0, after: 1 },
      ],
    });
    expect(withoutHunks(split, new Set(['x.py#1']))[0]?.after).toEqual(textFile('b\n'));
    expect(withoutHunks(split, new Set(['x.py#1', 'x.py#2']))[0]?.after).toBeNull();
  });

  it('are refused where the diff is not that of the files, or the pieces do not come to the run', () => {
    const change = { path: 'x.py', before: textFile('a\n'), after: textFile('b\n') };
    expect(() => takeApart({ changes: [change], added: new Map(), deleted: new Map() })).toThrow('is not that of its two sides');
    const both = { added: new Map([['x.py', new Set([1])]]), deleted: new Map([['x.py', new Set([1])]]) };
    expect(() => takeApart({ changes: [change], ...both, split: () => [{ before: 0, after: 1 }] })).toThrow('do not come to the whole');
  });

  it('are counted without those that change no statement', () => {
    const outcome = {
      path: 'x.py',
      old: { from: 1, count: 0 },
      new: { from: 1, count: 1 },
      missedBy: [],
      together: [],
      note: null,
      ms: null,
    };
    const states = ['proven', 'unproven', 'no_code'] as const;
    expect(provenHunks(states.map((state, i) => ({ ...outcome, id: `x.py#${i}`, state })))).toBe('1 of 2 hunks proven');
    expect(provenHunks([{ ...outcome, id: 'x.py#1', state: 'no_code' }])).toBeNull();
  });
});
