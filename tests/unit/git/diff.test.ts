import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { gitRepository } from '../../../orchestrator/adapters/workspace/git/index.ts';
import { parsePatch } from '../../../orchestrator/domain/patch.ts';
import type { Base } from '../../../orchestrator/domain/target.ts';
import type { FileEntry, FileTree } from '../../../orchestrator/domain/tree.ts';
import { below, type OnDisk, repositoryOf, snapshot, texts } from './on-disk.ts';

const raw = (bytes: number[], mode: FileEntry['mode'] = '100644'): FileEntry => ({ mode, content: Uint8Array.from(bytes) });

const FROM: FileTree = new Map([
  ...texts({
    '.gitattributes': '*.py -diff diff=spy filter=spy\n*.txt binary\nstubborn.py diff\n',
    'a.py': 'one\ntwo\nthree\n',
    'crlf.py': 'a\r\nb\r\n',
    'gone.py': 'bye\n',
    'to-link': 'text\n',
    'plain.txt': 'x\n',
    'spaced name/ü"q\\.py': '1\n',
  }),
  ['latin1.txt', raw([0x66, 0xfc, 0x0a])],
  ['[x]*?.py', raw([0xff, 0x0a])],
  ['x.bin', raw([0, 1, 2])],
  ['run.sh', raw([0x23, 0x0a])],
]);
const TO: FileTree = new Map(
  [
    ...FROM,
    ...texts({
      'a.py': 'one\n2\nthree',
      'crlf.py': 'a\r\nb\nc\r\n',
      'plain.txt': 'y\n',
      'new/empty.py': '',
      'spaced name/ü"q\\.py': '2\n',
      'escape.py': 'a\u001b[31m\u202e\f\u2028\rb\n',
    }),
    ['to-link', { mode: '120000', content: new TextEncoder().encode('a.py') }] as const,
    ['latin1.txt', raw([0x66, 0xfc, 0xe4, 0x0a])] as const,
    ['[x]*?.py', raw([0xfe, 0x0a])] as const,
    ['x.bin', raw([0, 1, 3])] as const,
    ['run.sh', raw([0x23, 0x0a], '100755')] as const,
  ].filter(([path]) => path !== 'gone.py') as [string, FileEntry][],
);

describe.each([
  ['sha1', 'target-app'],
  ['sha256', `it's "ö"`],
  ['sha1', ''],
] as const)('diffs (%s, target %j)', (format, prefix) => {
  let repository: OnDisk;
  let base: Base;
  const adapter = () => gitRepository(repository);
  beforeAll(async () => {
    repository = repositoryOf(prefix === '' ? FROM : below(prefix, FROM), { format });
    base = await adapter().pin({ directory: repository.directory, target: prefix || null, base: null });
  });
  afterAll(() => repository.close());

  it('gives a patch that `git apply` takes to the same tree, bytes and modes', async () => {
    // The attributes above are for the factory not to obey; here, git itself must not either.
    writeFileSync(join(repository.directory, '.git/info/attributes'), '* !diff !filter !text\n');
    const file = join(repository.home, 'change.patch');
    const base0 = await adapter().readTree(base);
    writeFileSync(file, await adapter().patch(base, base0, new Map([...TO, ['latin1.txt', base0.get('latin1.txt') as FileEntry]])));
    repository.git('read-tree', 'HEAD');
    repository.git('apply', '--cached', file);
    writeFileSync(file, await adapter().patch(base, new Map([...TO, ['latin1.txt', base0.get('latin1.txt') as FileEntry]]), TO));
    repository.git('apply', '--cached', file);
    const written = repository.git('write-tree').trim();
    const tree = prefix === '' ? written : repository.git('rev-parse', `${written}:${prefix}`).trim();
    expect(tree).toBe(await adapter().treeId(base, TO));
    repository.git('read-tree', 'HEAD');
  });

  it('shows every change, whatever attributes say, and spells out only text', async () => {
    const patches = parsePatch(await adapter().diff(base, FROM, TO));
    expect(patches.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      'binary [x]*?.py',
      'modified a.py',
      'modified crlf.py',
      'added escape.py',
      'deleted gone.py',
      'binary latin1.txt',
      'added new/empty.py',
      'modified plain.txt',
      'modified run.sh',
      'modified spaced name/ü"q\\.py',
      'deleted to-link',
      'added to-link',
      'binary x.bin',
    ]);
    expect(patches.find(({ path }) => path === 'a.py')?.hunks[0]?.lines.map(({ side, text }) => `${side} ${text}`)).toEqual([
      'context one',
      'deleted two',
      'deleted three',
      'added 2',
      'added three',
    ]);
    expect(patches.find(({ path }) => path === 'escape.py')?.hunks[0]?.lines[0]?.text).toBe('a\u001b[31m\u202e\f\u2028\rb');
  });
});

describe('a diff and the user’s configuration', () => {
  let repository: OnDisk;
  let base: Base;
  beforeEach(async () => {
    repository = repositoryOf(below('target-app', FROM));
    base = await gitRepository(repository).pin({ directory: repository.directory, target: null, base: null });
  });
  afterEach(() => repository.close());

  it('is the same text under any configuration, environment and working directory', async () => {
    const plain = await gitRepository(repository).diff(base, FROM, TO);
    for (const setting of [
      'diff.context=0',
      'diff.noprefix=true',
      'diff.mnemonicPrefix=true',
      'diff.renames=copies',
      'color.ui=always',
      'diff.algorithm=patience',
      'core.quotePath=false',
      'diff.orderFile=/etc/passwd',
      'diff.external=false',
      'core.abbrev=4',
      'diff.wsErrorHighlight=all',
      'diff.interHunkContext=20',
      'diff.submodule=log',
      'diff.relative=true',
    ]) {
      const [key = '', value = ''] = setting.split('=');
      repository.git('config', '--global', key, value);
      repository.git('config', key, value);
    }
    const environment = { ...repository.environment, GIT_EXTERNAL_DIFF: 'false', GIT_DIFF_OPTS: '-u0', LC_ALL: 'de_DE.UTF-8' };
    expect(await gitRepository({ environment }).diff(base, FROM, TO)).toBe(plain);
  });

  it('writes nothing to the repository, objects included', async () => {
    const before = snapshot(repository.directory);
    const adapter = gitRepository(repository);
    await adapter.diff(base, FROM, TO);
    await adapter.patch(base, FROM, TO);
    await adapter.treeId(base, TO);
    await adapter.readTree(base);
    expect(snapshot(repository.directory)).toEqual(before);
  });

  it('takes no renames: a moved file is deleted and added', async () => {
    const diff = await gitRepository(repository).diff(base, texts({ 'a.py': 'same\n' }), texts({ 'b.py': 'same\n' }));
    expect(parsePatch(diff).map(({ kind, path }) => `${kind} ${path}`)).toEqual(['deleted a.py', 'added b.py']);
  });
});
