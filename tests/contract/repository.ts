import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addedLines, deletedLines, parsePatch } from '../../orchestrator/domain/patch.ts';
import type { Base } from '../../orchestrator/domain/target.ts';
import { type FileTree, textFile } from '../../orchestrator/domain/tree.ts';
import type { Repository } from '../../orchestrator/ports/repository.ts';
import { applyPatch } from './apply-patch.ts';

export interface OpenRepository {
  readonly repository: Repository;
  readonly directory: string;
  close(): void;
}

const FILES: FileTree = new Map([
  ['app/main.py', textFile('import os\n\n\ndef main() -> None:\n    print(os.name)\n\n\ndef other() -> int:\n    return 1\n')],
  ['app/empty.py', textFile('')],
  ['app/no newline.py', textFile('x = 1')],
  ['run.sh', { mode: '100755', content: new TextEncoder().encode('#!/bin/sh\n') }],
  ['link', { mode: '120000', content: new TextEncoder().encode('app/main.py') }],
  ['logo.png', { mode: '100644', content: Uint8Array.from([0x89, 0x50, 0, 1, 2, 0xff]) }],
]);

const HEAD: FileTree = new Map(
  [
    ...FILES,
    [
      'app/main.py',
      textFile('import sys\n\n\ndef main() -> None:\n    print(sys.platform)\n\n\ndef other() -> int:\n    return 2\n'),
    ] as const,
    ['app/new/thing.py', textFile('a = 1\nb = 2\n')] as const,
    ['app/no newline.py', textFile('x = 1\ny = 2')] as const,
  ].filter(([path]) => path !== 'app/empty.py'),
);

/** What every `Repository` owes its callers. `open` makes one whose base holds `files` in `target-app/`, with `main` checked out. */
export function repositoryContract(name: string, open: (files: FileTree) => OpenRepository): void {
  describe(`the repository port: ${name}`, () => {
    let opened: OpenRepository;
    let repository: Repository;
    let base: Base;
    beforeAll(async () => {
      opened = open(FILES);
      repository = opened.repository;
      base = await repository.pin({ directory: opened.directory, target: null, base: null });
    });
    afterAll(() => opened.close());

    it('pins the default target and the branch that is checked out', () => {
      expect(base).toMatchObject({ prefix: 'target-app', branch: 'main' });
      for (const id of [base.commit, base.rootTree, base.tree]) expect(id).toMatch(/^[0-9a-f]{40}$/);
    });

    it('pins the same base when it is named', async () => {
      expect(await repository.pin({ directory: opened.directory, target: 'target-app', base: base.commit })).toEqual(base);
    });

    it('says which of base and target is missing', async () => {
      const { directory } = opened;
      await expect(repository.pin({ directory, target: null, base: 'nowhere' })).rejects.toMatchObject({ code: 'base_missing' });
      await expect(repository.pin({ directory, target: 'nowhere', base: null })).rejects.toMatchObject({ code: 'target_missing' });
    });

    it('reads every file with its mode and its bytes', async () => {
      const read = await repository.readTree(base);
      expect([...read.keys()].sort()).toEqual([...FILES.keys()].sort());
      for (const [path, entry] of FILES) {
        expect(read.get(path)?.mode).toBe(entry.mode);
        expect(Buffer.from(read.get(path)?.content ?? []).equals(entry.content)).toBe(true);
      }
    });

    it('names a tree by its files alone', async () => {
      const reversed = new Map([...FILES].reverse());
      expect(await repository.treeId(base, reversed)).toBe(base.tree);
      expect(await repository.treeId(base, HEAD)).not.toBe(base.tree);
      const executable = new Map(FILES).set('app/main.py', {
        ...(FILES.get('app/main.py') as typeof FILES extends ReadonlyMap<string, infer E> ? E : never),
        mode: '100755',
      });
      expect(await repository.treeId(base, executable)).not.toBe(base.tree);
    });

    it('has no difference between equal trees', async () => {
      expect(await repository.diff(base, FILES, new Map([...FILES].reverse()))).toBe('');
      expect(await repository.patch(base, FILES, FILES)).toBe('');
    });

    it('gives a diff that leads from one tree to the other', async () => {
      const patches = parsePatch(await repository.diff(base, FILES, HEAD));
      expect(patches.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
        'deleted app/empty.py',
        'modified app/main.py',
        'added app/new/thing.py',
        'modified app/no newline.py',
      ]);
      expect(await repository.treeId(base, applyPatch(FILES, patches))).toBe(await repository.treeId(base, HEAD));
    });

    it('gives the line numbers of both sides', async () => {
      const patches = parsePatch(await repository.diff(base, FILES, HEAD));
      expect(addedLines(patches).get('app/new/thing.py')).toEqual(new Set([1, 2]));
      for (const number of [1, 5, 9]) {
        expect(addedLines(patches).get('app/main.py')).toContain(number);
        expect(deletedLines(patches).get('app/main.py')).toContain(number);
      }
    });

    it('leads back with the sides exchanged', async () => {
      const patches = parsePatch(await repository.diff(base, HEAD, FILES));
      expect(await repository.treeId(base, applyPatch(HEAD, patches))).toBe(base.tree);
    });

    it('says deleted and added where a file becomes a symlink', async () => {
      const to = new Map(FILES).set('app/main.py', { mode: '120000', content: new TextEncoder().encode('../x') });
      const patches = parsePatch(await repository.diff(base, FILES, to));
      expect(patches.map(({ path, kind }) => `${kind} ${path}`)).toEqual(['deleted app/main.py', 'added app/main.py']);
    });

    it('does not spell binary files out in a diff', async () => {
      const to = new Map(FILES).set('logo.png', { mode: '100644', content: Uint8Array.from([0, 1]) });
      const [patch, ...rest] = parsePatch(await repository.diff(base, FILES, to));
      expect(rest).toEqual([]);
      expect(patch).toMatchObject({ path: 'logo.png', kind: 'binary', hunks: [] });
    });

    it('gives the patch the same hunks under the target’s folder', async () => {
      const diff = parsePatch(await repository.diff(base, FILES, HEAD));
      const patch = parsePatch(await repository.patch(base, FILES, HEAD));
      expect(patch.map(({ path }) => path)).toEqual(diff.map(({ path }) => `target-app/${path}`));
      expect(patch.map(({ hunks }) => hunks)).toEqual(diff.map(({ hunks }) => hunks));
    });

    it('publishes a head once, under a name of the factory’s only', async () => {
      const published = await repository.publish(base, HEAD, 'factory/thing-7f3a', 'feat: a thing\n');
      expect(published.tree).toBe(await repository.treeId(base, HEAD));
      expect(published.commit).toMatch(/^[0-9a-f]{40}$/);
      await expect(repository.publish(base, FILES, 'factory/thing-7f3a', 'x')).rejects.toMatchObject({ code: 'pr_not_made' });
      for (const branch of [
        'main',
        'factory/',
        'factory/A',
        'factory/../main',
        'factory/a b',
        `factory/${'x'.repeat(49)}`,
        'factory/x\n',
        '--force',
      ]) {
        await expect(repository.publish(base, HEAD, branch, 'x')).rejects.toMatchObject({ code: 'bug' });
      }
    });
  });
}
