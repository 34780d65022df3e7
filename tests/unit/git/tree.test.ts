import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gitRepository } from '../../../orchestrator/adapters/workspace/git/index.ts';
import type { Base } from '../../../orchestrator/domain/target.ts';
import { textFile } from '../../../orchestrator/domain/tree.ts';
import { type OnDisk, repositoryOf, texts } from './on-disk.ts';

describe.each(['sha1', 'sha256'] as const)('reading and naming trees (%s)', (format) => {
  const attributes = '*.py text eol=crlf ident export-subst\nsecret/* export-ignore\n*.txt filter=x working-tree-encoding=UTF-16\n';
  const files = new Map([
    ...texts({
      '.gitattributes': attributes,
      'a.py': '$Id$ $Format:%H$\r\nx\n',
      'a/b.py': '',
      'a-b': '1',
      a0: '2',
      'secret/kept.txt': 'ümläut\n',
      'tab\tand "quote"\nline': 'odd',
    }),
    ['bin', { mode: '100755' as const, content: Uint8Array.from({ length: 256 }, (_, i) => i) }],
    ['dangling', { mode: '120000' as const, content: new TextEncoder().encode('/etc/passwd') }],
    ['large', textFile('0123456789abcdef\n'.repeat(40_000))],
  ]);
  let repository: OnDisk;
  let base: Base;
  beforeAll(async () => {
    repository = repositoryOf(texts({ x: '' }), { format });
    // Stored as they are: the attributes would have `git add` rewrite them.
    repository.git('rm', '--quiet', '--cached', 'x');
    for (const [path, { mode, content }] of files) {
      const file = join(repository.home, 'one');
      writeFileSync(file, content);
      const id = repository.git('hash-object', '-w', '--no-filters', file).trim();
      repository.git('update-index', '--add', '--cacheinfo', `${mode},${id},${path}`);
    }
    repository.git('-c', 'user.name=A', '-c', 'user.email=a@e', 'commit', '--quiet', '-m', 'all');
    base = await gitRepository(repository).pin({ directory: repository.directory, target: null, base: null });
  });
  afterAll(() => repository.close());

  it('gives the stored bytes, whatever attributes say', async () => {
    const read = await gitRepository(repository).readTree(base);
    expect([...read.keys()].sort()).toEqual([...files.keys()].sort());
    for (const [path, { mode, content }] of files) {
      expect(read.get(path)?.mode).toBe(mode);
      expect(Buffer.from(read.get(path)?.content ?? []).equals(content)).toBe(true);
    }
  });

  it('names the same files as git does', async () => {
    expect(await gitRepository(repository).treeId(base, files)).toBe(base.tree);
  });

  it('names the empty tree as git does', async () => {
    const empty = repository.git('hash-object', '-t', 'tree', '/dev/null').trim();
    expect(await gitRepository(repository).treeId(base, new Map())).toBe(empty);
  });

  it.each(['', '/a', 'a//b', 'a/', '.', '..', 'a/../b', './a', 'a\0b', 'a/\ud800'])('refuses the path %j', async (path) => {
    const tree = new Map([[path, textFile('x')]]);
    await expect(gitRepository(repository).treeId(base, tree)).rejects.toMatchObject({ code: 'export_bad_path' });
  });

  it.each(['.git/config', 'a/.GIT/hooks/x', '.git', '.git./x', '.git /x', 'GIT~1/config', '.g\u200cit/config'])(
    'refuses the path %j, which is git’s',
    async (path) => {
      const tree = new Map([[path, textFile('x')]]);
      await expect(gitRepository(repository).treeId(base, tree)).rejects.toMatchObject({ code: 'export_forbidden' });
    },
  );

  it.each([
    ['a', 'a/b'],
    ['a/b', 'a'],
  ])('refuses %j beside %j', async (...paths) => {
    const tree = new Map(paths.map((path) => [path, textFile('x')]));
    await expect(gitRepository(repository).treeId(base, tree)).rejects.toMatchObject({ code: 'export_bad_path' });
  });

  it('takes .gitignore, .github and .gitattributes for files like any other', async () => {
    const tree = texts({ '.gitignore': 'x', '.github/x.yml': 'y', '.gitattributes': 'z', 'a.git/b': 'c' });
    expect(await gitRepository(repository).treeId(base, tree)).toMatch(/^[0-9a-f]+$/);
  });
});

it('reads a target’s many files in one go', async () => {
  const files = texts(Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`pkg${i % 7}/m${i}.py`, `x = ${i}\n`.repeat(50)])));
  const repository = repositoryOf(files);
  try {
    const adapter = gitRepository(repository);
    const base = await adapter.pin({ directory: repository.directory, target: null, base: null });
    expect(await adapter.treeId(base, await adapter.readTree(base))).toBe(base.tree);
  } finally {
    repository.close();
  }
});

it('sorts names by bytes, as git does, for any names', async () => {
  const repository = repositoryOf(texts({ x: '' }));
  try {
    const adapter = gitRepository(repository);
    const base = await adapter.pin({ directory: repository.directory, target: null, base: null });
    const name = fc.stringMatching(/^[a-c.\-0é𝒳]{1,4}$/u).filter((text) => !/^\.{1,2}$/.test(text));
    const samples = fc.sample(fc.uniqueArray(name, { minLength: 1, maxLength: 12 }), 25);
    const paths = samples.flatMap((names, n) => names.map((one, i) => (i % 2 ? `${n}/${one}` : `${n}/${one}/f`)));
    const { commit } = await adapter.publish(base, texts(Object.fromEntries(paths.map((path) => [path, path]))), 'factory/names', 'x');
    repository.git('fsck', '--strict', '--no-dangling', '--no-progress', commit);
    expect(repository.git('ls-tree', '-r', '--name-only', '-z', commit).split('\0').filter(Boolean).sort()).toEqual(paths.sort());
  } finally {
    repository.close();
  }
});
