import { describe, expect, test } from 'vitest';
import { lockFiles } from '../../../orchestrator/cli/setup/lock-files.ts';
import { type FileTree, readText, textFile } from '../../../orchestrator/domain/tree.ts';

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

  test.each([
    ['on a line of its own', '--no-binary evil\nevil==1\n', '\nevil==1\n'],
    ['with an equals sign', '--no-binary=evil\nevil==1\n', '\nevil==1\n'],
    ['over two lines', '--no-binary \\\n  evil\nevil==1\n', '\nevil==1\n'],
    ['behind a carriage return or a byte order mark', '\ufeffidna\r--no-binary evil\r\nevil==1', '\ufeffidna\n\nevil==1'],
    ['in the other direction', '--only-binary :none:\nevil==1', '\nevil==1'],
  ])('no requirement file can ask for a build of a package: %s', (_, text, kept) => {
    for (const path of ['requirements.lock', 'requirements.txt', 'requirements-dev.txt'])
      expect(readText(lockFiles(tree({ [path]: text })), path)).toBe(kept);
    const included = tree({ 'requirements.txt': '-r base.in\n', 'base.in': text });
    expect(readText(lockFiles(included), 'base.in')).toBe(kept);
  });

  test.each([
    '-r https://x.example/r.txt',
    '  --constraint=https://x.example/c.txt',
    '-rhttps://x.example/r.txt',
    'idna\n-c \\\n file:///etc/r.txt',
  ])('nothing is included from elsewhere: %s', (text) => {
    expect(() => lockFiles(tree({ 'requirements.txt': text }))).toThrow(expect.objectContaining({ code: 'target_unsupported' }));
  });

  test('everything else stays byte for byte, addresses of packages and indexes too', () => {
    const text = '--index-url https://x.example/simple\r\nidna @ https://x.example/idna.whl\r\n# -r https://y\r\n';
    expect(readText(lockFiles(tree({ 'requirements.txt': text })), 'requirements.txt')).toBe(text);
  });
});
