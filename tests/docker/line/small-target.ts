import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const FILES: Readonly<Record<string, string>> = {
  'pyproject.toml':
    '[project]\nname = "prices"\nversion = "0.1.0"\nrequires-python = ">=3.11"\ndependencies = []\n\n[tool.mypy]\nstrict = true\n\n[tool.ruff.lint]\nselect = ["E", "F", "I"]\n',
  'README.md': '# Prices\n\nArithmetic on lists of prices in cents.\n',
  'CHANGELOG.md': '# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-01-01\n\n### Added\n\n- The total.\n',
  'prices/__init__.py': '',
  'prices/sums.py':
    '"""Sums of prices."""\n\n\ndef total(prices: list[int]) -> int:\n    """The sum of all prices."""\n    return sum(prices)\n',
  'tests/test_sums.py':
    'from prices.sums import total\n\n\ndef test_total_adds_up() -> None:\n    assert total([1, 2, 3]) == 6\n\n\ndef test_total_of_nothing_is_zero() -> None:\n    assert total([]) == 0\n',
};

/** A repository of its own with a very small target, dirty and with a stash, as a user's may be. */
export function smallTarget(more: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'factory-target-'));
  const git = (...args: string[]) => execFileSync('git', ['-C', root, ...args], { stdio: 'pipe' });
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'A Person');
  git('config', 'user.email', 'person@example.test');
  for (const [path, text] of Object.entries({ ...FILES, ...more })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  git('add', '-A');
  git('commit', '-q', '-m', 'begin');
  writeFileSync(join(root, 'README.md'), '# Prices, stashed\n');
  git('stash');
  writeFileSync(join(root, 'notes.txt'), 'mine, not committed\n');
  writeFileSync(join(root, 'prices/sums.py'), `${FILES['prices/sums.py']}# half a thought\n`);
  return root;
}

/** Everything of a user's repository that a run must not touch, as one hash: work tree, index, stash, config, hooks, HEAD and refs but the factory's. */
export function fingerprint(root: string): string {
  const hash = createHash('sha256');
  const add = (folder: string, skip: (path: string) => boolean) => {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      const path = join(folder, name);
      if (skip(path) || !statSync(join(root, path)).isFile()) continue;
      hash.update(`${path}\0`).update(readFileSync(join(root, path)));
    }
  };
  add('.', (path) => path.startsWith('.git/') || path === '.git');
  add('.git', (path) => /^\.git\/(objects|refs\/heads\/factory|logs\/refs\/heads\/factory)\//.test(path));
  return hash.digest('hex');
}
