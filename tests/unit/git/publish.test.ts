import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { gitRepository } from '../../../orchestrator/adapters/workspace/git/index.ts';
import type { FileTree } from '../../../orchestrator/domain/tree.ts';
import { below, commitAll, gitIn, type OnDisk, repositoryOf, snapshot, texts, writeFiles } from './on-disk.ts';
import { plant } from './planted.ts';

const open: OnDisk[] = [];
afterEach(() => {
  for (const repository of open.splice(0)) repository.close();
});
const kept = (repository: OnDisk) => {
  open.push(repository);
  return repository;
};

const APP = texts({ 'app/main.py': 'x = 1\n', 'app/gone.py': 'y = 1\n', 'README.md': 'hello\n' });
const ELSEWHERE = texts({ 'README.md': 'top\n', 'target-app.md': 'sorts beside the folder\n', 'target-app-2/x': '', 'target/y': '' });
const HEAD: FileTree = new Map(
  [...APP, ...texts({ 'app/main.py': 'x = 2\r\n', 'tests/test_x.py': 'new\n' })].filter(([path]) => path !== 'app/gone.py'),
);

const withApp = (prefix: string) => new Map([...ELSEWHERE, ...below(prefix, APP)]);

async function published(repository: OnDisk, options: { prefix?: string; head?: FileTree; branch?: string; directory?: string } = {}) {
  const { prefix = 'target-app', head = HEAD, branch = 'factory/thing-7f3a', directory = repository.directory } = options;
  const adapter = gitRepository({ environment: repository.environment, now: () => new Date('2026-01-02T03:04:05Z') });
  const base = await adapter.pin({ directory, target: prefix === '' ? '.' : prefix, base: null });
  return { base, adapter, ...(await adapter.publish(base, head, branch, 'feat: a thing\n\nwhy\n')) };
}

const lsTree = (repository: OnDisk, tree: string) => repository.git('ls-tree', '-r', '-z', tree).split('\0').filter(Boolean).sort();

describe('publish: the commit', () => {
  it.each([
    ['target-app', 'sha1'],
    ['services/deep/one', 'sha1'],
    ['target-app', 'sha256'],
  ] as const)('holds the base everywhere else and the head in %s (%s)', async (prefix, format) => {
    const repository = kept(repositoryOf(withApp(prefix), { format }));
    const { base, commit, tree } = await published(repository, { prefix });
    const expected = kept(repositoryOf(new Map([...ELSEWHERE, ...below(prefix, HEAD)]), { format }));
    expect(lsTree(repository, commit)).toEqual(lsTree(expected, 'HEAD'));
    expect(repository.git('rev-parse', `${commit}:${prefix}`).trim()).toBe(tree);
    expect(repository.git('rev-parse', `${commit}^@`).trim()).toBe(base.commit);
    expect(repository.git('rev-parse', 'refs/heads/factory/thing-7f3a').trim()).toBe(commit);
    repository.git('fsck', '--strict', '--no-progress');
  });

  it('holds the head alone where the target is the whole repository', async () => {
    const repository = kept(repositoryOf(APP));
    const { commit, tree } = await published(repository, { prefix: '' });
    expect(lsTree(repository, commit)).toEqual(lsTree(kept(repositoryOf(HEAD)), 'HEAD'));
    expect(repository.git('rev-parse', `${commit}^{tree}`).trim()).toBe(tree);
  });

  it('has no folder where the head has no file', async () => {
    const repository = kept(repositoryOf(withApp('services/one')));
    const { commit } = await published(repository, { prefix: 'services/one', head: new Map() });
    expect(lsTree(repository, commit)).toEqual(lsTree(kept(repositoryOf(ELSEWHERE)), 'HEAD'));
  });

  it('can be made of an unchanged head', async () => {
    const repository = kept(repositoryOf(withApp('target-app')));
    const { base, commit } = await published(repository, { head: APP });
    expect(repository.git('rev-parse', `${commit}^{tree}`).trim()).toBe(base.rootTree);
  });

  it('says what it was told and who made it: the factory, where nobody is configured', async () => {
    const repository = kept(repositoryOf(withApp('target-app')));
    const { commit } = await published(repository);
    const show = (format: string) => repository.git('show', '--no-patch', `--format=${format}`, commit).trimEnd();
    expect(show('%B')).toBe('feat: a thing\n\nwhy');
    expect(show('%an <%ae> %cn <%ce>')).toBe('software factory <factory@localhost> software factory <factory@localhost>');
    expect(show('%ai')).toBe('2026-01-02 03:04:05 +0000');
  });

  it('is the user’s where git knows them', async () => {
    const repository = kept(repositoryOf(withApp('target-app')));
    repository.git('config', '--global', 'user.name', 'Somebody');
    repository.git('config', '--global', 'user.email', 'else@example.org');
    repository.git('config', 'user.name', 'Ada L');
    const { commit } = await published(repository);
    expect(repository.git('show', '--no-patch', '--format=%an <%ae> %cn <%ce>', commit).trim()).toBe(
      'Ada L <else@example.org> Ada L <else@example.org>',
    );
  });
});

describe('publish: the branch', () => {
  it('never moves one that exists', async () => {
    const repository = kept(repositoryOf(withApp('target-app')));
    repository.git('branch', 'factory/thing-7f3a');
    const before = repository.git('rev-parse', 'factory/thing-7f3a');
    await expect(published(repository)).rejects.toMatchObject({ code: 'pr_not_made' });
    expect(repository.git('rev-parse', 'factory/thing-7f3a')).toBe(before);
  });

  it('fails where a branch stands in its way', async () => {
    const repository = kept(repositoryOf(withApp('target-app')));
    repository.git('branch', 'factory');
    await expect(published(repository)).rejects.toMatchObject({ code: 'pr_not_made' });
  });

  it('can be made from a linked worktree', async () => {
    const repository = kept(repositoryOf(withApp('target-app')));
    const directory = join(repository.home, 'linked');
    repository.git('worktree', 'add', '--quiet', '-b', 'side', directory);
    const before = snapshot(directory);
    const { commit } = await published(repository, { directory });
    expect(repository.git('rev-parse', 'factory/thing-7f3a').trim()).toBe(commit);
    expect(snapshot(directory)).toEqual(before);
  });

  it('can be made in a shallow clone', async () => {
    const repository = kept(repositoryOf(withApp('target-app')));
    commitAll(repository, 'second');
    const directory = join(repository.home, 'shallow');
    gitIn(repository.home, repository.environment, ['clone', '--quiet', '--depth=1', `file://${repository.directory}`, directory]);
    const { commit } = await published(repository, { directory });
    expect(gitIn(directory, repository.environment, ['rev-parse', 'factory/thing-7f3a']).trim()).toBe(commit);
  });

  it.each([
    ['loses what it was given', 'unpack-objects) cat > /dev/null; exit 0;;'],
    ['reads back one file less', 'ls-tree) echo >> ../listed; if [ $(wc -l < ../listed) = 2 ]; then git "$@" | head -z -n -1; exit; fi;;'],
    ['makes no commit', 'commit-tree) exit 1;;'],
    ['cannot write the branch', 'update-ref) echo "fatal: No space left on device" >&2; exit 128;;'],
  ])('is not made when git %s', async (_, trick) => {
    const repository = kept(repositoryOf(withApp('target-app')));
    const adapter = gitRepository(repository);
    const base = await adapter.pin({ directory: repository.directory, target: null, base: null });
    const bin = join(repository.home, 'bin');
    mkdirSync(bin);
    const words = `for word; do case "$word" in ${trick} esac; done`;
    writeFileSync(join(bin, 'git'), `#!/bin/sh\nPATH='${repository.environment.PATH}'\n${words}\nexec git "$@"\n`, { mode: 0o755 });
    const faulty = gitRepository({ environment: { ...repository.environment, PATH: `${bin}:${repository.environment.PATH}` } });
    await expect(faulty.publish(base, HEAD, 'factory/a', 'x')).rejects.toMatchObject({
      code: expect.stringMatching(/^(pr_not_made|disk)$/),
    });
    expect(repository.git('branch', '--list', 'factory/*')).toBe('');
    await adapter.publish(base, HEAD, 'factory/a', 'x');
  });

  it('is not made of paths that git could take for its own', async () => {
    const repository = kept(repositoryOf(withApp('target-app')));
    const before = snapshot(repository.directory);
    for (const path of ['.git/hooks/post-commit', 'x/.GIT/config', '../x']) {
      await expect(published(repository, { head: texts({ [path]: 'x' }) })).rejects.toMatchObject({
        code: expect.stringMatching(/^export_(bad_path|forbidden)$/),
      });
    }
    expect(snapshot(repository.directory)).toEqual(before);
  });
});

describe('publish: what else is in the repository', () => {
  it('stays as it was: work tree, index, stash, configuration, hooks, HEAD, other refs and objects', async () => {
    const repository = kept(repositoryOf(withApp('target-app')));
    repository.git('tag', 'v1');
    writeFiles(repository.directory, texts({ 'README.md': 'stashed' }));
    repository.git('-c', 'user.name=A', '-c', 'user.email=a@e', 'stash', '--quiet');
    writeFiles(repository.directory, texts({ 'target-app/app/main.py': 'dirty', 'target-app/staged.py': 'staged', untracked: '' }));
    repository.git('add', 'target-app/staged.py');
    plant(repository);
    const before = snapshot(repository.directory);

    await published(repository);

    const after = snapshot(repository.directory);
    const made = [...after.keys()].filter((path) => !before.has(path) && !/^\.git\/objects\/[0-9a-f]{2}(\/[0-9a-f]{38})?$/.test(path));
    expect(made.sort()).toEqual([
      '.git/logs/refs/heads/factory',
      '.git/logs/refs/heads/factory/thing-7f3a',
      '.git/refs/heads/factory',
      '.git/refs/heads/factory/thing-7f3a',
    ]);
    expect([...before].filter(([path, what]) => after.get(path) !== what)).toEqual([]);
  });
});
