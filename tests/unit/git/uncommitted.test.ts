import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gitRepository } from '../../../orchestrator/adapters/workspace/git/index.ts';
import { countUncommitted } from '../../../orchestrator/adapters/workspace/git/uncommitted.ts';
import { commitAll, type OnDisk, repositoryOf, snapshot, texts } from './on-disk.ts';

const FILES = texts({
  '.gitignore': '*.pyc\n',
  'README.md': 'hello\n',
  'target-app/app.py': 'x = 1\n',
  'target-app/lines.txt': 'a\nb\n',
  'target-app/large.bin': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n',
});

let repository: OnDisk;
beforeEach(() => {
  repository = repositoryOf(FILES);
});
afterEach(() => repository.close());

async function count(base: string | null = null): Promise<number> {
  const git = gitRepository(repository);
  const pinned = await git.pin({ directory: repository.directory, target: null, base });
  return countUncommitted(pinned, await git.readTree(pinned), repository.environment);
}

const put = (path: string, text: string) => writeFileSync(join(repository.directory, path), text);

test('a clean work tree has none, and neither has what lies outside of the target', async () => {
  put('README.md', 'changed\n');
  put('other.py', 'new\n');
  expect(await count()).toBe(0);
});

test.each([
  ['a changed file', () => put('target-app/app.py', 'x = 2\n')],
  ['a file of another length', () => put('target-app/app.py', 'x = 1\ny = 2\n')],
  ['a deleted file', () => rmSync(join(repository.directory, 'target-app/app.py'))],
  ['a new file', () => put('target-app/new.py', '')],
  ['a file with a space and a quote in its name', () => put(`target-app/it's new.py`, '')],
  [
    'a staged file',
    () => {
      put('target-app/new.py', '');
      repository.git('add', 'target-app/new.py');
    },
  ],
  [
    'a link in a file’s place',
    () => {
      rmSync(join(repository.directory, 'target-app/app.py'));
      symlinkSync('lines.txt', join(repository.directory, 'target-app/app.py'));
    },
  ],
])('%s is one', async (_, change) => {
  change();
  expect(await count()).toBe(1);
});

test('what is ignored, checked out with other line ends, or kept elsewhere is none', async () => {
  put('target-app/app.pyc', 'x');
  put('target-app/lines.txt', 'a\r\nb\r\n');
  put('target-app/large.bin', 'x');
  expect(await count()).toBe(0);
});

test('where the base is not what is checked out, nothing can be said', async () => {
  put('target-app/app.py', 'x = 2\n');
  commitAll(repository, 'second');
  put('target-app/app.py', 'x = 3\n');
  expect(await count('HEAD~1')).toBe(0);
  expect(await count()).toBe(1);
});

test('nothing of the repository’s configuration runs, and nothing is written', async () => {
  const ran = join(repository.home, 'ran');
  const program = join(repository.home, 'program');
  writeFileSync(program, `#!/bin/sh\ntouch '${ran}'\ncat\n`);
  chmodSync(program, 0o755);
  for (const [key, value] of [
    ['filter.evil.clean', program],
    ['filter.evil.smudge', program],
    ['core.fsmonitor', program],
  ] as const)
    repository.git('config', key, value);
  mkdirSync(join(repository.directory, '.git/info'), { recursive: true });
  put('.git/info/attributes', '* filter=evil\n');
  put('target-app/app.py', 'x = 2\n');
  const before = snapshot(repository.home);
  expect(await count()).toBe(1);
  expect(snapshot(repository.home)).toEqual(before);
  // The control: git's own comparison does run it.
  repository.git('status', '--porcelain');
  expect([...snapshot(repository.home).keys()]).toContain('ran');
});
