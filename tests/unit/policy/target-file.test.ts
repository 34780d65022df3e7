import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPolicies } from '../../../orchestrator/cli/policies.ts';
import { protectionOf } from '../../../orchestrator/cli/target-file.ts';
import { TARGET_FILE } from '../../../orchestrator/domain/target-file.ts';
import { type FileTree, textFile } from '../../../orchestrator/domain/tree.ts';

const { protectedList } = loadPolicies(join(import.meta.dirname, '../../../policies'));
const base = (text: string): FileTree => new Map([[TARGET_FILE, textFile(text)]]);
const refusal = (tree: FileTree) => {
  expect(() => protectionOf(tree, protectedList)).toThrow(expect.objectContaining({ code: 'target_file_invalid' }));
  try {
    protectionOf(tree, protectedList);
  } catch (error) {
    return String(error);
  }
  return '';
};

describe('a target’s own file', () => {
  it('that is not there leaves the list as it is', () => {
    expect(protectionOf(new Map(), protectedList)).toEqual({ list: protectedList, add: [], allow: [] });
    for (const text of ['', '{}', 'protected_paths: {}', '# nothing\n'])
      expect(protectionOf(base(text), protectedList)).toEqual({ list: protectedList, add: [], allow: [] });
  });

  it('adds globs and allows exact paths', () => {
    const text = 'protected_paths:\n  add: [app/legal/**, schema.sql]\n  allow: [requirements-dev.txt, deploy/Dockerfile]\n';
    expect(protectionOf(base(text), protectedList)).toMatchObject({
      add: ['app/legal/**', 'schema.sql'],
      allow: ['requirements-dev.txt', 'deploy/Dockerfile'],
    });
  });

  it.each([
    'conftest.py',
    'tests/conftest.py',
    'CONFTEST.py',
    'sitecustomize.py',
    'x.pth',
    '.github/workflows/ci.yml',
    '.env',
    TARGET_FILE,
    'pyproject.toml',
    'app/setup.cfg',
    'Jenkinsfile',
    'CODEOWNERS',
    'AGENTS.md',
    'app/fast.so',
    'app/test_a.py',
    'tests/data.json',
    'a_test.py',
  ])('cannot allow %s', (path) => {
    expect(refusal(base(JSON.stringify({ protected_paths: { allow: [path] } })))).toContain(`${path} `);
  });

  it.each([
    ['another key', 'provider: paid', 'provider'],
    ['another key inside', 'protected_paths: {remove: [x]}', 'remove'],
    ['a policy', 'policies: {plan: {network: host}}', 'policies'],
    ['a glob that is allowed', 'protected_paths: {allow: ["requirements*.txt"]}', 'exact paths'],
    ['a way out', 'protected_paths: {allow: ["../x"]}', '..'],
    ['an absolute path', 'protected_paths: {add: ["/etc/**"]}', 'relative'],
    ['a list', '[]', 'expected object'],
    ['no YAML', 'a: [', TARGET_FILE],
    ['an alias', 'protected_paths: {add: &a [x], allow: *a}', 'lias'],
    ['too much', `# ${'x'.repeat(30_000)}`, '20000'],
    ['too many', `protected_paths: {add: [${'x, '.repeat(101)}]}`, '100'],
  ])('with %s is refused, naming it', (_, text, named) => {
    expect(refusal(base(text))).toContain(named);
  });

  it('that is a link or no text is refused', () => {
    expect(refusal(new Map([[TARGET_FILE, { mode: '120000', content: new TextEncoder().encode('x') }]]))).toContain('no text file');
    expect(refusal(new Map([[TARGET_FILE, { mode: '100644', content: new Uint8Array([0xff]) }]]))).toContain('no text file');
  });
});
