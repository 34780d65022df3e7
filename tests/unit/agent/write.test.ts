import { chmodSync, existsSync, linkSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wordsFor } from '../../../images/agent/tools/tool-error.ts';
import { runEdit } from '../../../images/agent/tools/write.ts';
import type { Tree } from '../../../images/agent/tree.ts';
import type { Edit } from '../../../orchestrator/domain/turns.ts';
import { contentOf, temporaryFolder, treeOf } from './temporary-tree.ts';

function done(tree: Tree, edit: Edit): string {
  const { refused, text } = runEdit(edit, tree);
  if (refused) throw new Error(text);
  return text;
}

function refusalOf(tree: Tree, edit: Edit): string {
  const { refused, text } = runEdit(edit, tree);
  if (!refused) throw new Error(`not refused: ${text}`);
  return text;
}

const replace = (find: string, by: string, path = 'a.py'): Edit => ({ tool: 'replace_text', path, find, replace: by });
const write = (path: string, content = 'x\n'): Edit => ({ tool: 'write_file', path, content });

describe('replace_text', () => {
  it('replaces the one place where the text stands and nothing else', () => {
    const tree = treeOf({ 'a.py': 'def f():\n    return 1\n\ndef g():\n    return 2\n' });
    expect(done(tree, replace('    return 2', '    return 3'))).toBe('replaced at line 5');
    expect(contentOf(tree, 'a.py')).toBe('def f():\n    return 1\n\ndef g():\n    return 3\n');
  });

  it('takes both texts literally, whatever they hold', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('$&', "$'", '$1', '\\', '.*', '(', '[a]'),
        fc.constantFrom('<$&>', '$`', '$$', '\\n', '😀'),
        (find, by) => {
          const tree = treeOf({ 'a.py': `before ${find} after\n` });
          done(tree, replace(find, by));
          expect(contentOf(tree, 'a.py')).toBe(`before ${by} after\n`);
        },
      ),
      { numRuns: 35 },
    );
  });

  it('refuses a text that stands in several places and names their lines', () => {
    const tree = treeOf({ 'a.py': 'x = 1\ny = 1\nx = 1\n' });
    expect(refusalOf(tree, replace('x = 1', 'x = 2'))).toContain('occurs 2 times, at lines 1, 3: take in more lines');
    expect(contentOf(tree, 'a.py')).toBe('x = 1\ny = 1\nx = 1\n');
  });

  it('counts places that overlap, for it could not say which is meant', () => {
    expect(refusalOf(treeOf({ 'a.py': 'aaa' }), replace('aa', 'b'))).toContain('occurs 2 times');
  });

  it('shows the lines that differ in white space only', () => {
    const tree = treeOf({ 'a.py': 'class A:\n    def f(self):\n        return 1\n' });
    expect(refusalOf(tree, replace('def f(self):\n    return 1', 'x'))).toContain(
      'differ from it only in white space; copy them exactly:\n2|     def f(self):\n3|         return 1',
    );
  });

  it('shows the nearest lines when no block comes near', () => {
    const tree = treeOf({ 'a.py': 'import os\n\ndef list_products(session: Session) -> list[Product]:\n    return []\n' });
    const words = refusalOf(tree, replace('def list_products(db: Session) -> list[Product]:', 'x'));
    expect(words).toContain('The nearest lines:\n3| def list_products(session: Session) -> list[Product]:');
    expect(words).not.toContain('import os');
  });

  it('says so when nothing comes near', () => {
    expect(refusalOf(treeOf({ 'a.py': 'import os\n' }), replace('completely different', 'x'))).toContain('read the file again');
  });

  it('says so when line numbers were copied along', () => {
    expect(refusalOf(treeOf({ 'a.py': 'x = 1\ny = 2\n' }), replace('1| x = 1\n2| y = 2', 'z'))).toContain('Leave out the line numbers');
  });

  it('says so when the replacement is there already', () => {
    expect(refusalOf(treeOf({ 'a.py': 'a\nx = 2\n' }), replace('x = 1', 'x = 2'))).toContain('already stands at line 2');
  });

  it('keeps CRLF line ends and says so', () => {
    const tree = treeOf({ 'a.py': 'a = 1\r\nb = 2\r\nc = 3\r\n' });
    expect(done(tree, replace('a = 1\nb = 2', 'a = 1\nb = 3\nd = 4'))).toBe('replaced at line 1 (the file’s CRLF line ends are kept)');
    expect(contentOf(tree, 'a.py')).toBe('a = 1\r\nb = 3\r\nd = 4\r\nc = 3\r\n');
  });

  it('says so when mixed line ends are why the text is not found', () => {
    expect(refusalOf(treeOf({ 'a.py': 'a\r\nb\nc\n' }), replace('a\nb', 'x'))).toContain('CRLF');
  });

  it('keeps a byte order mark and the missing newline at the end', () => {
    const tree = treeOf({ 'a.py': '\ufeffx = 1' });
    done(tree, replace('x = 1', 'x = 2'));
    expect(contentOf(tree, 'a.py')).toBe('\ufeffx = 2');
  });

  it('refuses to change nothing, a missing file, and bytes that are no text', () => {
    expect(refusalOf(treeOf({ 'a.py': 'x' }), replace('x', 'x'))).toContain('are the same');
    expect(refusalOf(treeOf({ 'b.py': 'x' }), replace('x', 'y'))).toBe('error: no such file or folder; the top folder holds: b.py');
    expect(refusalOf(treeOf({ 'a.py': new Uint8Array([0x78, 0]) }), replace('x', 'y'))).toContain('not a text file');
  });

  it('refuses a result that is larger than a file may be, and leaves the file', () => {
    const tree = treeOf({ 'a.py': 'x' }, { maxFileBytes: 10 });
    expect(refusalOf(tree, replace('x', 'y'.repeat(11)))).toContain('11 bytes are more than a file may have (10)');
    expect(contentOf(tree, 'a.py')).toBe('x');
  });
});

describe('write_file', () => {
  it('makes a file and the folders above it', () => {
    const tree = treeOf({});
    expect(done(tree, write('app/new/x.py', 'a\nb\n'))).toBe('made app/new/x.py, 2 lines');
    expect(contentOf(tree, 'app/new/x.py')).toBe('a\nb\n');
    expect(statSync(join(tree.work, 'app/new/x.py')).mode & 0o777).toBe(0o644);
  });

  it('replaces a file, keeps its permissions, and leaves nothing beside it', () => {
    const tree = treeOf({ 'run.sh': 'old' });
    chmodSync(join(tree.work, 'run.sh'), 0o755);
    expect(done(tree, write('run.sh', 'new\n'))).toBe('replaced run.sh, 1 lines');
    expect(statSync(join(tree.work, 'run.sh')).mode & 0o777).toBe(0o755);
    expect(readdirSync(tree.work)).toEqual(['run.sh']);
  });

  it('says that nothing changed when nothing did', () => {
    expect(done(treeOf({ 'a.py': 'é\n' }), write('a.py', 'é\n'))).toContain('unchanged');
  });

  it('writes beside a hard link, never through it', () => {
    const outside = temporaryFolder({ original: 'outside' });
    const tree = treeOf({});
    linkSync(join(outside, 'original'), join(tree.work, 'a.py'));
    done(tree, write('a.py', 'inside'));
    expect(readFileSync(join(outside, 'original'), 'utf8')).toBe('outside');
  });

  it.each([
    ['more bytes than a file may have', 'é'.repeat(60_000), '120000 bytes are more'],
    ['half a character', 'a\ud800b', 'lone surrogate'],
    ['NUL characters', 'a\0b', 'NUL'],
  ])('refuses %s and leaves nothing behind', (_, content, words) => {
    const tree = treeOf({});
    expect(refusalOf(tree, write('a.py', content))).toContain(words);
    expect(existsSync(join(tree.work, 'a.py'))).toBe(false);
  });
});

describe('delete_file', () => {
  it('deletes a file, and only what is one', () => {
    const tree = treeOf({ 'a.py': '', 'app/b.py': '' });
    expect(done(tree, { tool: 'delete_file', path: 'a.py' })).toBe('deleted a.py');
    expect(existsSync(join(tree.work, 'a.py'))).toBe(false);
    expect(refusalOf(tree, { tool: 'delete_file', path: 'a.py' })).toContain('no such file');
    expect(refusalOf(tree, { tool: 'delete_file', path: 'app' })).toContain('that is a folder');
  });
});

describe('every tool that writes', () => {
  const edits = (path: string): Edit[] => [replace('planted', 'changed', path), write(path), { tool: 'delete_file', path }];

  it.each([
    '/etc/passwd',
    '../outside',
    'app/../../outside',
    'a\0b',
    '.git/config',
    '.GIT/hooks/pre-commit',
    'sub/.gitattributes',
    '.gitmodules',
    '.git /config',
    'app/.gi\u200bt/x',
    'git~1/config',
    '-rf',
    'app/a\u202egnp.py',
    'a\u200bb.py',
    'a\\b.py',
    'x'.repeat(201),
    'new.py/',
    '.',
    './/',
  ])('refuses the path %j', (path) => {
    const tree = treeOf({ 'app/a.py': 'planted' });
    for (const edit of edits(path)) expect(refusalOf(tree, edit)).toMatch(/^error: /);
    expect(readdirSync(tree.work)).toEqual(['app']);
    expect(contentOf(tree, 'app/a.py')).toBe('planted');
  });

  it('refuses links on the way and at its end, inside the tree too', () => {
    const outside = temporaryFolder({ 'secret.py': 'planted' });
    const tree = treeOf({ 'app/a.py': 'planted' });
    symlinkSync(outside, join(tree.work, 'out'));
    symlinkSync(join(outside, 'secret.py'), join(tree.work, 'file.py'));
    symlinkSync(join(outside, 'new.py'), join(tree.work, 'dangling.py'));
    symlinkSync('app', join(tree.work, 'in'));
    for (const path of ['out/secret.py', 'out/new.py', 'file.py', 'dangling.py', 'in/a.py'])
      for (const edit of edits(path)) expect(refusalOf(tree, edit)).toContain('symbolic link');
    expect(readdirSync(outside)).toEqual(['secret.py']);
    expect(readFileSync(join(outside, 'secret.py'), 'utf8')).toBe('planted');
    expect(contentOf(tree, 'app/a.py')).toBe('planted');
  });

  it('refuses a file as a folder', () => {
    for (const edit of edits('a.py/b.py'))
      expect(refusalOf(treeOf({ 'a.py': 'planted' }), edit)).toMatch(/is a file, not a folder|no such file/);
  });

  it('keeps to the folder that is its own, where there is one', () => {
    const tree = treeOf({ 'app/a.py': 'planted', 'tests/a.py': 'planted', 'tests2/a.py': 'planted' }, { writeUnder: 'tests' });
    for (const path of ['app/a.py', 'tests2/a.py', 'tests', 'a.py', 'app/tests/a.py'])
      for (const edit of edits(path)) expect(refusalOf(tree, edit)).toBe('error: only files under tests/ are yours to write');
    for (const edit of edits('tests/a.py')) done(tree, edit);
  });

  it('tells the kernel’s refusal in words', () => {
    const refusal = (code: string) => wordsFor(Object.assign(new Error(code), { code, syscall: 'open' }));
    for (const code of ['EROFS', 'EACCES', 'EPERM']) expect(refusal(code)).toContain('read-only here');
    for (const code of ['ENOSPC', 'EDQUOT']) expect(refusal(code)).toContain('no room left');
    expect(refusal('EIO')).toBe('the system refused it (EIO)');
    expect(wordsFor(new TypeError('a bug'))).toBeNull();
  });

  it.skipIf(process.platform !== 'linux')('does not fall over where the kernel allows no file at all', () => {
    const kernel: Tree = { ...treeOf({}), roots: { work: '/sys/kernel' } };
    expect(refusalOf(kernel, write('planted.py'))).toContain('read-only here');
  });
});
