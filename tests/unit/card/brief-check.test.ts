import { describe, expect, it } from 'vitest';
import type { Brief } from '../../../orchestrator/domain/brief.ts';
import { checkBrief } from '../../../orchestrator/domain/brief-check.ts';
import { type FileEntry, textFile } from '../../../orchestrator/domain/tree.ts';
import { c1, c2, specWith } from '../spec/samples.ts';

const base = new Map<string, FileEntry>([
  ['app/__init__.py', textFile('')],
  ['app/main.py', textFile('a\nb\nc\n')],
  ['app/open.py', textFile('a\nb')],
  ['app/logo.png', { mode: '100644', content: new Uint8Array([0xff, 0xfe, 0x00]) }],
  ['app/link.py', { mode: '120000', content: new TextEncoder().encode('main.py') }],
]);
const spec = specWith({
  acceptance_criteria: [c1, { ...c2, kind: 'changed', was: 'it was ignored' }],
  assumptions: [{ id: 'A1', text: 'ascending' }],
});
const baseTests = ['tests/test_a.py::test_one', 'tests/test_a.py::test_rows[x]', 'tests/test_a.py::test_rows[y]'];

const good: Brief = {
  edit: [{ path: 'app/main.py', from: 1, to: 3, why: 'the route' }],
  reuse: [{ path: 'app/open.py', from: 2, to: 2, name: 'b', how: 'call it' }],
  create: [{ path: 'app/sorting.py', why: 'the rule' }],
  conventions: [],
  superseded: [
    { test: 'tests/test_a.py::test_one', by: 'C2' },
    { test: 'tests/test_a.py::test_rows', by: 'C2' },
    { test: 'tests/test_a.py::test_rows[x]', by: 'C2' },
  ],
  problems: [{ about: 'A1', path: 'app/main.py', line: 3, what: 'the price is text' }],
  dispute: null,
};
const check = (changes: Partial<Brief>) => checkBrief({ ...good, ...changes }, { base, baseTests, spec });

const edit = (path: string, from: number, to: number): Partial<Brief> => ({ edit: [{ path, from, to, why: 'x' }] });
const create = (path: string): Partial<Brief> => ({ create: [{ path, why: 'x' }] });
const superseded = (test: string, by: string): Partial<Brief> => ({ superseded: [{ test, by }] });

describe('checkBrief', () => {
  it('finds nothing in a brief that is true of the base', () => {
    expect(check({})).toEqual([]);
  });

  it('takes the first line of an empty file, and a last line without a line break', () => {
    expect([...check(edit('app/__init__.py', 1, 1)), ...check(edit('app/open.py', 1, 2))]).toEqual([]);
  });

  it.each([
    ['a file that is not there', edit('app/routes.py', 1, 1), /^edit\[0\]: the base has no file "app\/routes\.py"/],
    ['a range behind the end', edit('app/main.py', 2, 4), /^edit\[0\]: "app\/main\.py" has 3 lines, so 2-4 is not inside it/],
    ['a range of an empty file', edit('app/__init__.py', 1, 2), /has 1 line, so 1-2/],
    ['a range that ends before it begins', edit('app/main.py', 3, 2), /ends before it begins/],
    ['a binary file', edit('app/logo.png', 1, 1), /no text file/],
    ['a symlink', edit('app/link.py', 1, 1), /no text file/],
    ['a helper that is not there', { reuse: [{ path: 'x.py', from: 1, to: 1, name: 'x', how: 'y' }] }, /^reuse\[0\]: /],
    ['a new file that is there', create('app/main.py'), /^create\[0\]: "app\/main\.py" is already on the base/],
    ['a new file that is a folder', create('app'), /is a folder on the base/],
    ['a new file below a file', create('app/main.py/x.py'), /"app\/main\.py" is a file on the base/],
    ['a new file above the target', create('app/../../x.py'), /no path inside the target/],
    ['an absolute new file', create('/tmp/x.py'), /no path inside the target/],
    ['a new file with a backslash', create('app\\x.py'), /no path inside the target/],
    ['a new file with a line break', create('app/x\n.py'), /no path inside the target/],
    ['a new file with an empty part', create('app//x.py'), /no path inside the target/],
    [
      'a superseded test that is not there',
      superseded('tests/test_a.py::test_two', 'C2'),
      /^superseded\[0\]: the base has no test "tests\/test_a\.py::test_two"/,
    ],
    ['a superseded test cut short', superseded('tests/test_a.py::test_ro', 'C2'), /has no test/],
    ['a superseded row that is not there', superseded('tests/test_a.py::test_rows[z]', 'C2'), /has no test/],
    [
      'a superseded test by a missing criterion',
      superseded('tests/test_a.py::test_one', 'C7'),
      /^superseded\[0\]: the Spec has no C7; it has C1, C2, A1\.$/,
    ],
    ['a superseded test by a criterion that changes nothing', superseded('tests/test_a.py::test_one', 'C1'), /C1 is `new`/],
    [
      'a problem about a missing id',
      { problems: [{ about: 'A2', path: 'app/main.py', line: 1, what: 'x' }] },
      /^problems\[0\]: the Spec has no A2/,
    ],
    ['a problem behind the end', { problems: [{ about: 'C1', path: 'app/main.py', line: 9, what: 'x' }] }, /^problems\[0\]: .*9-9/],
    ['a dispute about a missing file', { dispute: { about: 'C1', path: 'gone.py', line: 1, what: 'x' } }, /^dispute: the base has no file/],
  ] as const)('says so of %s, and of nothing else', (_, changes, sentence) => {
    const found = check(changes as Partial<Brief>);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(sentence);
  });

  it('shows a path so that it cannot break the line it stands on', () => {
    expect(check(edit('a\n- app/main.py', 1, 1))[0]).not.toContain('\n');
  });
});
