import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { grep } from '../../../images/agent/tools/grep.ts';
import { runLook } from '../../../images/agent/tools/read.ts';
import type { Tree } from '../../../images/agent/tree.ts';
import type { Look } from '../../../orchestrator/domain/turns.ts';
import { temporaryFolder, treeOf } from './temporary-tree.ts';

function answerTo(tree: Tree, look: Look): string {
  const { refused, text } = runLook(look, tree);
  if (refused) throw new Error(text);
  return text;
}

function refusalOf(tree: Tree, look: Look): string {
  const { refused, text } = runLook(look, tree);
  if (!refused) throw new Error(`not refused: ${text}`);
  return text;
}

const tenLines = Array.from({ length: 10 }, (_, index) => `line ${index + 1}\n`).join('');

describe('read_file', () => {
  it('shows a file with the numbers of its lines', () => {
    const tree = treeOf({ 'app/main.py': 'import os\n\n  x = 1\n' });
    expect(answerTo(tree, { tool: 'read_file', path: 'app/main.py' })).toBe(
      'app/main.py, lines 1 to 3 of 3\n1| import os\n2| \n3|   x = 1',
    );
  });

  it('shows a range, both ends included, and clips it at the end of the file', () => {
    const tree = treeOf({ a: tenLines });
    expect(answerTo(tree, { tool: 'read_file', path: 'a', from: 4, to: 5 })).toBe('a, lines 4 to 5 of 10\n4| line 4\n5| line 5');
    expect(answerTo(tree, { tool: 'read_file', path: './a', from: 10, to: 99 })).toBe('a, lines 10 to 10 of 10\n10| line 10');
    expect(answerTo(tree, { tool: 'read_file', path: 'a', to: 1 })).toBe('a, lines 1 to 1 of 10\n1| line 1');
  });

  it('refuses a range that holds nothing, with the number of lines', () => {
    const tree = treeOf({ a: tenLines });
    expect(refusalOf(tree, { tool: 'read_file', path: 'a', from: 11 })).toBe('error: a has only 10 lines');
    expect(refusalOf(tree, { tool: 'read_file', path: 'a', from: 5, to: 4 })).toContain('before');
  });

  it('stops at the read cap, says so, and says where to go on', () => {
    const tree = treeOf({ a: tenLines }, { maxReadBytes: 29 });
    expect(answerTo(tree, { tool: 'read_file', path: 'a' })).toBe(
      'a, lines 1 to 2 of 10\n1| line 1\n2| line 2\n… truncated, 10 lines in all: ask for a range, from 3',
    );
  });

  it('cuts a line that is too long to show', () => {
    const tree = treeOf({ a: `${'x'.repeat(50_000)}\nshort\n` });
    const text = answerTo(tree, { tool: 'read_file', path: 'a' });
    expect(text.length).toBeLessThan(2200);
    expect(text).toContain('(50000 characters, cut)\n2| short');
  });

  it('tells of CRLF line ends and does not show them', () => {
    const tree = treeOf({ a: 'one\r\ntwo\r\n' });
    expect(answerTo(tree, { tool: 'read_file', path: 'a' })).toBe('a, lines 1 to 2 of 2, CRLF line ends\n1| one\n2| two');
  });

  it('says that a file is empty', () => {
    expect(answerTo(treeOf({ a: '' }), { tool: 'read_file', path: 'a' })).toBe('a is empty');
  });

  it('names what does exist when a path is wrong', () => {
    const tree = treeOf({ 'app/main.py': '', 'app/db.py': '', 'README.md': '' });
    expect(refusalOf(tree, { tool: 'read_file', path: 'app/mian.py' })).toBe('error: no such file or folder; app holds: db.py, main.py');
    expect(refusalOf(tree, { tool: 'read_file', path: 'src/app/main.py' })).toContain('the top folder holds: README.md, app');
    expect(refusalOf(tree, { tool: 'read_file', path: 'README.md/x' })).toContain('is a file, not a folder');
  });

  it.each([
    ['bytes that are not text', new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1]), 'not a text file (6 bytes)'],
    ['text that is not UTF-8', new Uint8Array([0x63, 0x61, 0x66, 0xe9]), 'not a UTF-8 text file'],
    ['a file over the cap', 'x'.repeat(100_001), 'files over 100000 are not handled'],
  ])('refuses %s', (_, content, words) => {
    expect(refusalOf(treeOf({ a: content }), { tool: 'read_file', path: 'a' })).toContain(words);
  });

  it('refuses a folder', () => {
    expect(refusalOf(treeOf({ 'app/a': '' }), { tool: 'read_file', path: 'app' })).toContain('use list_dir');
  });

  it('refuses a named pipe at once instead of waiting for somebody to write to it', () => {
    const tree = treeOf({});
    execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', join(tree.work, 'pipe')]);
    expect(refusalOf(tree, { tool: 'read_file', path: 'pipe' })).toContain('not a regular file');
  });
});

describe('a path that leads out of the tree', () => {
  const paths = ['/etc/passwd', '../outside', 'app/../../outside', 'app/..', '..', 'app/./../..', 'a\0b', 'a\nb'];
  const tools = [
    ['read_file', (path: string): Look => ({ tool: 'read_file', path })],
    ['list_dir', (path: string): Look => ({ tool: 'list_dir', path })],
    ['grep', (path: string): Look => ({ tool: 'grep', pattern: '.', under: path })],
  ] as const;

  it.each(tools.flatMap(([tool, look]) => paths.map((path) => [tool, JSON.stringify(path), look(path)] as const)))(
    '%s refuses %s',
    (_tool, _path, look) => {
      expect(refusalOf(treeOf({ 'app/a': '' }), look)).toMatch(/leading slash|not allowed|control characters/);
    },
  );

  it.each(tools)('%s refuses a link that leaves the tree, by whichever way', (_, look) => {
    const outside = temporaryFolder({ 'secret.txt': 'planted' });
    const tree = treeOf({ 'app/a': '' });
    symlinkSync(outside, join(tree.work, 'absolute'));
    symlinkSync(`../${outside.split('/').at(-1)}`, join(tree.work, 'relative'));
    symlinkSync('absolute', join(tree.work, 'twice'));
    symlinkSync(join(outside, 'secret.txt'), join(tree.work, 'file'));
    for (const path of ['absolute', 'relative', 'twice', 'file', 'absolute/secret.txt', 'app/../file'])
      expect(refusalOf(tree, look(path))).not.toContain('planted');
    expect(refusalOf(tree, look('absolute'))).toContain('leads out of the tree');
  });

  it('may be a link that stays inside, when only read', () => {
    const tree = treeOf({ 'docs/real.md': 'hello\n' });
    symlinkSync('docs/real.md', join(tree.work, 'README.md'));
    expect(answerTo(tree, { tool: 'read_file', path: 'README.md' })).toContain('1| hello');
  });

  it('is not reached through a folder whose name only begins like the root', () => {
    const tree = treeOf({ a: '' });
    const sibling = temporaryFolder({ 'secret.txt': 'planted' });
    symlinkSync(sibling, join(tree.work, 'link'));
    const inside: Tree = { ...tree, roots: { work: sibling.slice(0, -1) } };
    expect(runLook({ tool: 'read_file', path: `${sibling.at(-1)}/secret.txt` }, inside).refused).toBe(true);
    expect(refusalOf(tree, { tool: 'read_file', path: 'link/secret.txt' })).toContain('leads out of the tree');
  });

  it('is refused when it goes in circles', () => {
    const tree = treeOf({});
    symlinkSync('loop', join(tree.work, 'loop'));
    expect(refusalOf(tree, { tool: 'read_file', path: 'loop' })).toContain('symbolic links');
  });
});

describe('list_dir', () => {
  it('lists folders, files with their size, and what is neither, sorted', () => {
    const tree = treeOf({ 'app/main.py': 'x', 'app/sub/a.py': '', 'app/b\u001b[31m': '' });
    symlinkSync('main.py', join(tree.work, 'app/link'));
    expect(answerTo(tree, { tool: 'list_dir', path: 'app/' })).toBe(
      ['app, 4 entries', '"b\\u001b[31m"  0 bytes', 'link  symbolic link', 'main.py  1 bytes', 'sub/'].join('\n'),
    );
    expect(answerTo(tree, { tool: 'list_dir', path: '.' })).toBe('., 1 entries\napp/');
  });

  it('lists no more than it should of a huge folder', () => {
    const tree = treeOf(Object.fromEntries(Array.from({ length: 310 }, (_, index) => [`f${index}`, ''])));
    const lines = answerTo(tree, { tool: 'list_dir', path: '.' }).split('\n');
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([302, '., 310 entries', '… and 10 more']);
  });

  it('refuses a file', () => {
    expect(refusalOf(treeOf({ a: '' }), { tool: 'list_dir', path: 'a' })).toContain('use read_file');
  });
});

describe('grep', () => {
  it('gives path, line and text of every hit in path order, and leaves tools’ own folders out', () => {
    const tree = treeOf({ 'b.py': 'def two():\n', 'a/x.py': '\ndef one():\n    pass\n', '.git/x': 'def no', 'a/__pycache__/x': 'def no' });
    expect(answerTo(tree, { tool: 'grep', pattern: 'def \\w+' })).toBe('a/x.py:2: def one():\nb.py:1: def two():');
  });

  it('searches one folder or one file when asked to', () => {
    const tree = treeOf({ 'a/x': 'hit\n', 'b/y': 'hit\nmiss\n' });
    expect(answerTo(tree, { tool: 'grep', pattern: 'hit', under: 'b' })).toBe('b/y:1: hit');
    expect(answerTo(tree, { tool: 'grep', pattern: 'hit', under: 'a/x' })).toBe('a/x:1: hit');
    expect(refusalOf(tree, { tool: 'grep', pattern: 'hit', under: 'c' })).toContain('no such file or folder');
  });

  it('says how many files held no match', () => {
    expect(answerTo(treeOf({ a: 'x', b: 'y', c: new Uint8Array([0]) }), { tool: 'grep', pattern: 'z' })).toBe('no match in 2 files');
  });

  it('understands a leading (?i)', () => {
    expect(answerTo(treeOf({ a: 'Hello' }), { tool: 'grep', pattern: '(?i)hello' })).toBe('a:1: Hello');
  });

  it('refuses an invalid pattern in words', () => {
    expect(refusalOf(treeOf({ a: '' }), { tool: 'grep', pattern: '(' })).toMatch(/Invalid regular expression.*JavaScript/);
  });

  it('stops after enough hits and says so', () => {
    const text = answerTo(treeOf({ a: 'x\n'.repeat(500) }), { tool: 'grep', pattern: 'x' });
    expect(text.split('\n')).toHaveLength(101);
    expect(text).toContain('stopped after 100 hits');
  });

  it('does not follow links, so that nothing is searched outside or twice', () => {
    const outside = temporaryFolder({ secret: 'planted' });
    const tree = treeOf({ a: 'planted here' });
    symlinkSync(outside, join(tree.work, 'folder'));
    symlinkSync(join(outside, 'secret'), join(tree.work, 'file'));
    symlinkSync('.', join(tree.work, 'self'));
    expect(answerTo(tree, { tool: 'grep', pattern: 'planted' })).toBe('a:1: planted here');
  });

  it('breaks off a pattern that would run for ever and keeps what it found before', () => {
    const tree = treeOf({ a: 'aab', b: `${'a'.repeat(60)}!` });
    expect(grep(tree, '^(a+)+b?$|aab', null, 200)).toBe('a:1: aab\n… broken off after 0.2 s: use a simpler pattern or a smaller folder');
  });

  it('searches all roots when there are several, with their names', () => {
    const tree: Tree = {
      ...treeOf({}),
      roots: { head: temporaryFolder({ 'a.py': 'x = 2\n' }), base: temporaryFolder({ 'a.py': 'x = 1\n' }) },
    };
    expect(answerTo(tree, { tool: 'grep', pattern: 'x' })).toBe('base/a.py:1: x = 1\nhead/a.py:1: x = 2');
    expect(answerTo(tree, { tool: 'grep', pattern: 'x', under: 'head' })).toBe('head/a.py:1: x = 2');
  });
});

describe('a tree with several roots', () => {
  const tree = (): Tree => ({
    ...treeOf({}),
    roots: { base: temporaryFolder({ 'a.py': 'old\n' }), head: temporaryFolder({ 'a.py': 'new\n' }) },
  });

  it('is read by the name of the root', () => {
    expect(answerTo(tree(), { tool: 'read_file', path: 'base/a.py' })).toContain('base/a.py, lines 1 to 1 of 1\n1| old');
    expect(answerTo(tree(), { tool: 'read_file', path: 'head/a.py' })).toContain('1| new');
    expect(answerTo(tree(), { tool: 'list_dir', path: 'head' })).toContain('head, 1 entries\na.py');
  });

  it.each(['a.py', '.', 'work/a.py', 'constructor/a.py', '__proto__'])('names its roots when a path has none of them: %s', (path) => {
    expect(refusalOf(tree(), { tool: 'list_dir', path })).toBe('error: a path begins with one of: base/, head/');
  });

  it('does not let a link lead from one root to the other', () => {
    const two = tree();
    symlinkSync(two.roots.head ?? '', join(two.roots.base ?? '', 'other'));
    expect(refusalOf(two, { tool: 'read_file', path: 'base/other/a.py' })).toContain('leads out of the tree');
  });
});
