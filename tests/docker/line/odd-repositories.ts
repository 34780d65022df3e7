import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { smallTarget } from './small-target.ts';

const WHO = ['-c', 'user.name=A Person', '-c', 'user.email=person@example.test'];

function git(at: string, ...args: string[]): void {
  execFileSync('git', ['-C', at, ...WHO, '-c', 'protocol.file.allow=always', ...args], { stdio: 'pipe' });
}

/** The small target in a folder of this name below a fresh one. */
export function namedTarget(name: string): string {
  const root = join(mkdtempSync(join(tmpdir(), 'factory-named-')), name);
  cpSync(smallTarget(), root, { recursive: true });
  return root;
}

export function detachedTarget(): string {
  const root = smallTarget();
  git(root, 'checkout', '--quiet', '--detach');
  return root;
}

/** A clone of depth 1 of a repository with two commits. */
export function shallowTarget(): string {
  const origin = smallTarget();
  git(origin, 'commit', '--quiet', '--allow-empty', '-m', 'second');
  const root = join(mkdtempSync(join(tmpdir(), 'factory-shallow-')), 'clone');
  git(tmpdir(), 'clone', '--quiet', '--depth', '1', `file://${origin}`, root);
  return root;
}

/** The small target as `target-app/`, with a submodule in this folder of the repository. */
export function targetWithSubmodule(folder: string): string {
  const [library, target] = [smallTarget(), smallTarget()];
  const root = mkdtempSync(join(tmpdir(), 'factory-submodule-'));
  git(target, 'checkout', '--quiet', '--', '.');
  git(target, 'clean', '--quiet', '--force');
  rmSync(join(target, '.git'), { recursive: true });
  git(root, 'init', '--quiet', '-b', 'main');
  cpSync(target, join(root, 'target-app'), { recursive: true });
  git(root, 'submodule', '--quiet', 'add', library, folder);
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '-m', 'begin');
  return root;
}

export function bareRepository(): string {
  const root = join(mkdtempSync(join(tmpdir(), 'factory-bare-')), 'bare.git');
  git(tmpdir(), 'clone', '--quiet', '--bare', smallTarget(), root);
  return root;
}

export function unbornRepository(): string {
  const root = mkdtempSync(join(tmpdir(), 'factory-unborn-'));
  git(root, 'init', '--quiet', '-b', 'main');
  return root;
}

export function targetWithoutTests(): string {
  const root = smallTarget();
  git(root, 'rm', '--quiet', '-r', 'tests');
  git(root, 'commit', '--quiet', '-m', 'no tests');
  return root;
}

/** A target two of whose tests fail before anybody has changed anything. */
export function redTarget(): string {
  return smallTarget({
    'tests/test_red.py':
      'from prices.sums import total\n\n\ndef test_total_is_odd() -> None:\n    assert total([2]) == 3\n\n\ndef test_total_of_words() -> None:\n    total(["a"])  # type: ignore[list-item]\n',
  });
}

/** A folder with nothing in it, or with this one file. */
export function folderWith(name?: string, content: string | Uint8Array = ''): string {
  const folder = mkdtempSync(join(tmpdir(), 'factory-folder-'));
  if (name !== undefined) writeFileSync(join(folder, name), content);
  return folder;
}
