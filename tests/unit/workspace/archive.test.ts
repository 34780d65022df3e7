import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ArchiveEntry, entriesToTree, treeToEntries } from '../../../orchestrator/domain/archive.ts';
import { Failure } from '../../../orchestrator/domain/failure.ts';
import { type FileEntry, type FileTree, textFile } from '../../../orchestrator/domain/tree.ts';

const CAPS = { bytes: 1_000_000, entries: 1000 };

function file(path: string, text = '', mode = 0o644): ArchiveEntry {
  return { path, type: 'file', mode, content: new TextEncoder().encode(text), link: '' };
}

function folder(path: string, mode = 0o755): ArchiveEntry {
  return { ...file(path, '', mode), type: 'directory' };
}

function link(path: string, target: string): ArchiveEntry {
  return { ...file(path, '', 0o777), type: 'symlink', link: target };
}

const symlinkEntry = (target: string): FileEntry => ({ mode: '120000', content: new TextEncoder().encode(target) });

async function* stream(entries: Iterable<ArchiveEntry>): AsyncGenerator<ArchiveEntry> {
  yield* entries;
}

function exported(entries: Iterable<ArchiveEntry>, base: FileTree = new Map(), caps = CAPS): Promise<FileTree> {
  return entriesToTree(stream(entries), { base, caps });
}

async function refusal(entries: ArchiveEntry[], base: FileTree = new Map(), caps = CAPS): Promise<Failure> {
  const outcome = await exported(entries, base, caps).then(
    (tree) => new Error(`it was taken: ${[...tree.keys()].join(' ')}`),
    (error: unknown) => error,
  );
  if (!(outcome instanceof Failure)) throw outcome;
  return outcome;
}

describe('a tree as archive entries', () => {
  it('has every parent before what lies in it, each once', () => {
    const entries = treeToEntries(
      new Map([
        ['b/c/d.py', textFile('d')],
        ['a.py', textFile('a')],
        ['b/e.py', textFile('e')],
      ]),
      ['b/tests'],
    );
    expect(entries.map(({ path, type }) => `${type} ${path}`)).toEqual([
      'file a.py',
      'directory b',
      'directory b/c',
      'file b/c/d.py',
      'file b/e.py',
      'directory b/tests',
    ]);
  });

  it('stands under a prefix, which is made', () => {
    expect(treeToEntries(new Map([['a.py', textFile('a')]]), ['tests'], 'tree').map(({ path }) => path)).toEqual([
      'tree',
      'tree/a.py',
      'tree/tests',
    ]);
    expect(treeToEntries(new Map(), [], 'w/tree').map(({ path }) => path)).toEqual(['w', 'w/tree']);
  });

  it('keeps modes and links', () => {
    const tree: FileTree = new Map([
      ['run', { ...textFile(''), mode: '100755' }],
      ['link', symlinkEntry('run')],
    ]);
    expect(treeToEntries(tree, [])).toMatchObject([
      { path: 'link', type: 'symlink', link: 'run' },
      { path: 'run', type: 'file', mode: 0o755 },
    ]);
  });

  it('cannot have a folder where a file is', () => {
    expect(() => treeToEntries(new Map([['tests', symlinkEntry('elsewhere')]]), ['tests'])).toThrow(/bug: "tests" is both/);
  });
});

describe('what comes out of a container', () => {
  const segment = fc.stringMatching(/^[a-z_][a-z0-9_.]{0,6}[a-z]$/);
  const trees = fc
    .dictionary(
      fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/')),
      fc.record(
        { mode: fc.constantFrom('100644' as const, '100755' as const), content: fc.uint8Array({ maxLength: 40 }) },
        { noNullPrototype: true },
      ),
      { maxKeys: 12 },
    )
    .map((files) => new Map(Object.entries(files)))
    .filter((tree) => ![...tree.keys()].some((path) => [...tree.keys()].some((other) => other.startsWith(`${path}/`))));

  it('is what went in, for any tree', async () => {
    await fc.assert(
      fc.asyncProperty(trees, async (tree) => {
        expect(await exported(treeToEntries(tree, ['empty/folder']))).toEqual(tree);
      }),
      { numRuns: 100 },
    );
  });

  it('never leaves its folder and never is git’s, for any name', async () => {
    const nasty = fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '',
        '.git',
        '.GIT',
        '.Git. ',
        'git~1',
        '-rf',
        'a\nb',
        'a\0b',
        '\u202e',
        '\u200b',
        'ok',
        'c:\\x',
        '.gitattributes',
      ),
      fc.string({ unit: 'grapheme', maxLength: 8 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(nasty, { minLength: 1, maxLength: 4 }), async (segments) => {
        const tree = await exported([file(segments.join('/'))]).catch((error: unknown) => {
          if (!(error instanceof Failure) || !/^export_(bad_path|forbidden)$/.test(error.code)) throw error;
          expect(error.detail).toMatch(/^[ -~’]*$/);
          return new Map<string, FileEntry>();
        });
        for (const path of tree.keys()) {
          expect(path).not.toMatch(/(^|\/)(\.{0,2}|-[^/]*|\.git[. ]*)(\/|$)|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/iu);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('may be empty, and folders leave no trace', async () => {
    expect(await exported([folder(''), folder('./'), folder('a/'), folder('a/b/')])).toEqual(new Map());
  });

  it('keeps whether a file may be executed and nothing else of its mode', async () => {
    const tree = await exported([file('a', '', 0o600), file('b', '', 0o777)]);
    expect([...tree].map(([path, { mode }]) => `${path} ${mode}`)).toEqual(['a 100644', 'b 100755']);
  });

  it.each([
    ['an absolute link', link('a', '/etc/passwd')],
    ['a link upwards', link('a', '../../secret')],
    ['a harmless link that the base does not have', link('a', 'b')],
    ['a hard link', { ...file('a'), type: 'hardlink' as const, link: 'b' }],
    ['a pipe or a device', { ...file('a'), type: 'other' as const }],
    ['a setuid file', file('a', '', 0o4755)],
    ['a setgid folder', folder('a', 0o2755)],
    ['a sticky folder', folder('a', 0o1777)],
  ])('cannot be %s', async (_, entry) => {
    expect((await refusal([entry])).code).toBe('export_bad_type');
  });

  it('keeps a link exactly as the base has it, and no other', async () => {
    const base: FileTree = new Map([['latest', symlinkEntry('v1')]]);
    expect(await exported([link('latest', 'v1')], base)).toEqual(base);
    expect((await refusal([link('latest', '/etc')], base)).code).toBe('export_bad_type');
  });

  it.each([
    ['..', '"..". has'],
    ['a/../../b', ''],
    ['/etc/passwd', 'is absolute'],
    ['a//b', 'empty segment'],
    ['./a', ''],
    ['a\0b', 'NUL'],
    ['a\nb', 'control character'],
    ['a\u001b[31mb', 'control character'],
    ['a\u2028b', 'control character'],
    ['a\u202egnp.py', 'cannot be seen'],
    ['a\u200bb', 'cannot be seen'],
    ['a\ufeffb', 'cannot be seen'],
    ['a\u3164b', 'cannot be seen'],
    ['-rf', 'option'],
    ['a/--output=x', 'option'],
    ['a\\b', 'backslash'],
    ['a\ufffdb', 'UTF-8'],
    ['a\ud800b', 'UTF-8'],
    ['é'.repeat(101), '200 bytes'],
    [Array.from({ length: 41 }, () => 'a').join('/'), '40 folders'],
    [Array.from({ length: 11 }, () => 'a'.repeat(100)).join('/'), '1024 bytes'],
  ])('cannot be named %j', async (path, reason) => {
    const failure = await refusal([file(path)]);
    expect(failure.code).toBe('export_bad_path');
    expect(failure.detail).toContain(reason.replace('"..". ', ''));
    expect(failure.detail).toMatch(/^[ -~’…]*$/);
  });

  it.each(['a b.py', 'ünï/código.py', '日本語.md', '…', 'a~1', '..a', 'a-', '.github/x', '.gitignore', 'x.git', '200'.padEnd(200, 'x')])(
    'may be named %j',
    async (path) => {
      expect([...(await exported([file(path)])).keys()]).toEqual([path]);
    },
  );

  it.each([
    ...['.git', '.git/config', 'a/.git/hooks/pre-commit', '.GIT/config', '.Git', '.git.', '.git ', '.git. . ', 'git~1', 'GIT~1/config'],
    ...['.git::$INDEX_ALLOCATION/config', '.g\u200cit/config', '.gitmodules', 'a/.gitattributes', '.GITATTRIBUTES', 'gitmod~1', 'GI7EBA~1'],
  ])('cannot be git’s own %j', async (path) => {
    expect((await refusal([file(path)])).code).toBe('export_forbidden');
    expect((await refusal([folder(path)])).code).toBe('export_forbidden');
  });

  it('keeps git’s attributes only byte for byte as the base has them', async () => {
    const base: FileTree = new Map([['.gitattributes', textFile('* text\n')]]);
    expect(await exported([file('.gitattributes', '* text\n')], base)).toEqual(base);
    expect((await refusal([file('.gitattributes', '* filter=x\n')], base)).code).toBe('export_forbidden');
    expect((await refusal([file('.gitattributes', '* text\n', 0o755)], base)).code).toBe('export_forbidden');
    expect((await refusal([file('app/.gitattributes', '* text\n')], base)).code).toBe('export_forbidden');
  });

  it('keeps an odd name that the base has already, unless it leaves the tree', async () => {
    const odd = ['-x.txt', 'a\nb', 'a\\b'];
    const base: FileTree = new Map(odd.map((path) => [path, textFile('x')]));
    expect(
      (
        await exported(
          odd.map((path) => file(path, 'y')),
          base,
        )
      ).size,
    ).toBe(3);
    expect((await refusal([file('../x')], new Map([['../x', textFile('')]]))).code).toBe('export_bad_path');
  });

  it.each([
    ['case', 'README.md', 'readme.md'],
    ['the case of a folder', 'App/a.py', 'app/b.py'],
    ['composition', 'caf\u00e9.py', 'cafe\u0301.py'],
    ['folding', 'stra\u00dfe', 'STRASSE'],
    ['nothing', 'a.py', 'a.py'],
    ['one being a folder', 'a', 'a/b'],
  ])('cannot hold two names that differ in %s', async (_, one, other) => {
    expect((await refusal([file(one), file(other)])).code).toBe('export_bad_path');
    expect((await refusal([file(other), file(one)])).code).toBe('export_bad_path');
  });

  it('cannot add a name that collides with one of the base, but keeps two that were there', async () => {
    const base: FileTree = new Map([
      ['Makefile', textFile('')],
      ['makefile', textFile('')],
    ]);
    expect((await exported([file('Makefile'), file('makefile')], base)).size).toBe(2);
    expect((await refusal([file('Makefile'), file('MAKEFILE')], base)).code).toBe('export_bad_path');
  });

  it('takes a folder and what lies in it in any order', async () => {
    expect([...(await exported([file('a/b'), folder('a/'), folder('a/c/'), file('a/c/d')])).keys()]).toEqual(['a/b', 'a/c/d']);
  });

  it('leaves out the caches of tools, whatever lies in them', async () => {
    const caches = [
      '__pycache__/x.cpython-313.pyc',
      'a/__pycache__/link',
      '.mypy_cache/3.13/a.json',
      '.ruff_cache/x',
      'a/.pytest_cache/v',
      'b.pyc',
      '.coverage',
    ];
    const tree = await exported([
      ...caches.map((path) => file(path)),
      link('__pycache__/l', '/etc'),
      file('.coveragerc'),
      file('pycache.py'),
    ]);
    expect([...tree.keys()]).toEqual(['.coveragerc', 'pycache.py']);
  });

  it('keeps a cache that the base has committed', async () => {
    const base: FileTree = new Map([['tests/data/old.pyc', textFile('x')]]);
    expect([...(await exported([file('tests/data/old.pyc', 'x'), file('tests/data/new.pyc')], base)).keys()]).toEqual([
      'tests/data/old.pyc',
    ]);
  });

  it('is counted by bytes and by names, what is left out too', async () => {
    const caps = { bytes: 10, entries: 3 };
    expect((await exported([file('a', '12345'), file('b', '12345')], new Map(), caps)).size).toBe(2);
    expect((await refusal([file('a', '12345'), file('b', '123456')], new Map(), caps)).code).toBe('export_too_large');
    expect((await refusal([file('__pycache__/a', '12345678901')], new Map(), caps)).code).toBe('export_too_large');
    expect(
      (
        await refusal(
          ['a', 'b', 'c', 'd'].map((path) => folder(path)),
          new Map(),
          caps,
        )
      ).code,
    ).toBe('export_too_large');
  });

  it('stops reading as soon as it is too large', async () => {
    let read = 0;
    async function* endless(): AsyncGenerator<ArchiveEntry> {
      for (;;) yield file(`f${read++}`);
    }
    await expect(entriesToTree(endless(), { base: new Map(), caps: CAPS })).rejects.toThrow(/export_too_large/);
    expect(read).toBe(CAPS.entries + 1);
  });

  it('shows a refused name escaped and cut', async () => {
    expect((await refusal([file('x\u001b]0;evil\u0007"\\')])).detail).toContain('"x\\u{1b}]0;evil\\u{7}\\u{22}\\u{5c}"');
    expect((await refusal([file(`${'a'.repeat(5000)}`)])).detail.length).toBeLessThan(200);
  });
});
