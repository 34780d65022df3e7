import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { applyPatch } from '../../../orchestrator/adapters/workspace/git/apply.ts';
import { gitRepository } from '../../../orchestrator/adapters/workspace/git/index.ts';
import { type FileTree, textFile } from '../../../orchestrator/domain/tree.ts';

const BASE: FileTree = new Map([
  ['app/main.py', textFile('a = 1\n\n\ndef main() -> None:\n    print(a)\n')],
  ['app/old.py', textFile('x = 1\n')],
  ['app/no end.py', textFile('x = 1')],
  ['logo.png', { mode: '100644', content: Uint8Array.from([0x89, 0, 1, 2, 0xff]) }],
]);
const HEAD: FileTree = new Map([
  ['app/main.py', textFile('a = 2\n\n\ndef main() -> None:\n    print(a)\r\n')],
  ['app/no end.py', textFile('x = 1\ny = 2')],
  ['app/new/thing.py', textFile('b = 1\n')],
  ['run.sh', { mode: '100755', content: new TextEncoder().encode('#!/bin/sh\n') }],
  ['logo.png', { mode: '100644', content: Uint8Array.from([0x89, 0, 7]) }],
]);

/** A repository with these files as the target in this folder of it. */
async function pinned(prefix: string) {
  const root = mkdtempSync(join(tmpdir(), 'factory-apply-'));
  const git = (...args: string[]) => execFileSync('git', ['-C', root, '-c', 'user.name=A', '-c', 'user.email=a@example.test', ...args]);
  git('init', '--quiet', '-b', 'main');
  for (const [path, { content }] of [...BASE, ['../beside.txt', textFile('mine\n')] as const]) {
    const full = prefix === '' && path.startsWith('..') ? join(root, 'beside.txt') : join(root, prefix, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content);
  }
  git('add', '--all');
  git('commit', '--quiet', '-m', 'begin');
  const repository = gitRepository();
  return { repository, base: await repository.pin({ directory: root, target: prefix || '.', base: null }) };
}

describe('laying a patch over the target’s files', () => {
  test.each(['', 'target-app', 'services/shop'])(
    'gives back exactly what the patch was made of, with the target in "%s"',
    async (prefix) => {
      const { repository, base } = await pinned(prefix);
      const text = await repository.patch(base, BASE, HEAD);
      const laid = await applyPatch(base, BASE, { name: 'change.patch', text }, process.env);
      expect(await repository.treeId(base, laid)).toBe(await repository.treeId(base, HEAD));
      expect([...laid.keys()].sort()).toEqual([...HEAD.keys()].sort());
    },
  );

  test('changes nothing where the patch is empty, and passes over words before it', async () => {
    const { repository, base } = await pinned('target-app');
    expect(await applyPatch(base, BASE, { name: 'p', text: '\n' }, process.env)).toBe(BASE);
    const text = `# a word about it\n\n${await repository.patch(base, BASE, HEAD)}`;
    expect((await applyPatch(base, BASE, { name: 'p', text }, process.env)).size).toBe(HEAD.size);
  });

  test('refuses by its name a patch that does not fit to the line, or that leaves the target', async () => {
    const { repository, base } = await pinned('target-app');
    const text = await repository.patch(base, BASE, HEAD);
    const refused = (patch: string) => applyPatch(base, BASE, { name: 'change.patch', text: patch }, process.env);
    await expect(refused(text.replace('-a = 1', '-a = 3'))).rejects.toThrow(/verify_mismatch: change\.patch does not apply to the base/);
    const stray = 'diff --git a/other.txt b/other.txt\nnew file mode 100644\n--- /dev/null\n+++ b/other.txt\n@@ -0,0 +1 @@\n+mine\n';
    await expect(refused(stray)).rejects.toThrow(/change\.patch changes files outside of the target: other\.txt/);
    await expect(refused('no patch at all')).rejects.toMatchObject({ code: 'verify_mismatch' });
  });
});
