import { describe, expect, test } from 'vitest';
import { lockFiles } from '../../../orchestrator/cli/setup/lock-files.ts';
import { type FileTree, textFile } from '../../../orchestrator/domain/tree.ts';

const tree = (files: Record<string, string>): FileTree => new Map(Object.entries(files).map(([path, text]) => [path, textFile(text)]));
const chosen = (files: Record<string, string>): string[] => [...lockFiles(tree(files)).keys()].sort();
const all = {
  'app/main.py': '',
  'pyproject.toml': '[project]',
  'requirements-dev.txt': '-r requirements.txt\npytest',
  'requirements.lock': 'fastapi==1 --hash=sha256:0',
  'requirements.txt': 'fastapi',
  'uv.lock': '',
};
const without = (...paths: string[]) => Object.fromEntries(Object.entries(all).filter(([path]) => !paths.includes(path)));

describe('choosing where the target’s packages are named', () => {
  test('a hashed lock wins over everything', () => {
    expect(chosen(all)).toEqual(['requirements.lock']);
  });

  test('then uv’s lock, with the pyproject that it belongs to', () => {
    expect(chosen(without('requirements.lock'))).toEqual(['pyproject.toml', 'uv.lock']);
  });

  test('uv’s lock alone says nothing', () => {
    expect(chosen({ 'uv.lock': '', 'requirements.txt': 'x' })).toEqual(['requirements.txt']);
  });

  test('then both requirement files', () => {
    expect(chosen(without('requirements.lock', 'uv.lock'))).toEqual(['requirements-dev.txt', 'requirements.txt']);
  });

  test('with the files they include, wherever those lie in the target, and none outside it', () => {
    const files = {
      'requirements.txt': '-r requirements/base.txt\n--constraint=pins.txt\n-r ../secret.txt\n-r /etc/passwd\n',
      'requirements/base.txt': '-c more.txt\nfastapi\n-r base.txt\n',
      'requirements/more.txt': 'fastapi<2',
      'pins.txt': 'x==1',
      'unrelated.txt': '',
    };
    expect(chosen(files)).toEqual(['pins.txt', 'requirements.txt', 'requirements/base.txt', 'requirements/more.txt']);
  });

  test('then what pyproject declares', () => {
    expect(chosen({ 'pyproject.toml': '[project]', 'app/main.py': '' })).toEqual(['pyproject.toml']);
  });

  test('a target that names no package has no lock files', () => {
    expect(chosen({ 'app/main.py': '' })).toEqual([]);
  });

  test('a lock that is a symlink is not followed', () => {
    const linked: FileTree = new Map([
      ['requirements.lock', { mode: '120000', content: new TextEncoder().encode('/etc/passwd') }],
      ['requirements.txt', textFile('fastapi')],
    ]);
    expect([...lockFiles(linked).keys()]).toEqual(['requirements.txt']);
  });
});
