import { chownSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { gitRepository } from '../../../orchestrator/adapters/workspace/git/index.ts';
import { commitAll, emptyRepository, gitIn, type OnDisk, repositoryOf, texts, writeFiles } from './on-disk.ts';

const open: OnDisk[] = [];
const kept = (repository: OnDisk) => {
  open.push(repository);
  return repository;
};
afterEach(() => {
  for (const repository of open.splice(0)) repository.close();
});
/** For tests that only look. */
let shared: OnDisk;
beforeAll(() => {
  shared = repositoryOf(APP);
});
afterAll(() => shared.close());

const APP = texts({ 'README.md': 'hello', 'target-app/app.py': 'x = 1\n', 'services/a b/main.py': 'y = 1\n' });

function pin({ directory, environment }: OnDisk, options: { directory?: string; target?: string | null; base?: string | null } = {}) {
  return gitRepository({ environment }).pin({ directory, target: null, base: null, ...options });
}

describe('pin: what the target is', () => {
  it('is target-app/ where the base has it, from the top', async () => {
    const repository = kept(repositoryOf(APP));
    expect(await pin(repository)).toEqual({
      root: repository.directory,
      prefix: 'target-app',
      commit: repository.git('rev-parse', 'HEAD').trim(),
      rootTree: repository.git('rev-parse', 'HEAD^{tree}').trim(),
      tree: repository.git('rev-parse', 'HEAD:target-app').trim(),
      branch: 'main',
    });
  });

  it('is the whole repository where the base has no target-app/', async () => {
    const base = await pin(kept(repositoryOf(texts({ 'app.py': 'x = 1\n' }))));
    expect(base.prefix).toBe('');
    expect(base.tree).toBe(base.rootTree);
  });

  it('is the folder one stands in, below the top', async () => {
    expect(await pin(shared, { directory: join(shared.directory, 'services/a b') })).toMatchObject({
      root: shared.directory,
      prefix: 'services/a b',
    });
  });

  it.each([
    ['services', '', 'services'],
    ['./target-app/', '', 'target-app'],
    ['a b', 'services', 'services/a b'],
    ['.', '', ''],
    ['..', 'services', ''],
  ])('is %j as one standing in /%s names it', async (target, folder, prefix) => {
    expect(await pin(shared, { directory: join(shared.directory, folder), target })).toMatchObject({ prefix });
  });

  it('is an absolute path inside the repository', async () => {
    expect(await pin(shared, { target: join(shared.directory, 'services') })).toMatchObject({ prefix: 'services' });
  });

  it.each(['nowhere', 'README.md', '..', '/', 'target-app/../../x', '*'])('refuses %j, which is no folder of the base', async (target) => {
    await expect(pin(shared, { target })).rejects.toMatchObject({ code: 'target_missing' });
  });

  it('refuses a folder that was never committed', async () => {
    const repository = kept(repositoryOf(APP));
    mkdirSync(join(repository.directory, 'new'));
    await expect(pin(repository, { directory: join(repository.directory, 'new') })).rejects.toMatchObject({ code: 'target_missing' });
  });

  it('copes with spaces, quotes and other letters in paths', async () => {
    const name = `it's "a" repö`;
    const repository = kept(repositoryOf(texts({ [`${name}/x.py`]: 'x = 1\n' }), { name }));
    const base = await pin(repository, { target: name });
    expect(base).toMatchObject({ root: repository.directory, prefix: name });
    expect([...(await gitRepository(repository).readTree(base)).keys()]).toEqual(['x.py']);
  });
});

describe('pin: which base', () => {
  it('is the named commit, not what is checked out', async () => {
    const repository = kept(repositoryOf(APP));
    const first = repository.git('rev-parse', 'HEAD').trim();
    writeFiles(repository.directory, texts({ 'target-app/app.py': 'x = 2\n' }));
    commitAll(repository, 'second');
    for (const base of [first, first.slice(0, 10), 'HEAD~1', 'main^']) {
      expect(await pin(repository, { base })).toMatchObject({ commit: first, branch: 'main' });
    }
  });

  it.each(['nowhere', '0'.repeat(40), '--all', 'HEAD:README.md', 'HEAD^{tree}', ''])('refuses %j, which names no commit', async (base) => {
    const repository = kept(repositoryOf(APP));
    await expect(pin(repository, { base })).rejects.toMatchObject({ code: 'base_missing' });
  });

  it('has no branch when HEAD is detached', async () => {
    const repository = kept(repositoryOf(APP));
    repository.git('checkout', '--quiet', '--detach');
    expect((await pin(repository)).branch).toBeNull();
  });

  it('does not mind a dirty tree, a half-done merge or a missing index', async () => {
    const repository = kept(repositoryOf(APP));
    const clean = await pin(repository);
    writeFiles(repository.directory, texts({ 'target-app/app.py': 'broken(', 'target-app/new.py': '', '.git/MERGE_HEAD': clean.commit }));
    rmSync(join(repository.directory, '.git/index'));
    expect(await pin(repository)).toEqual(clean);
  });

  it('works in a shallow clone', async () => {
    const repository = kept(repositoryOf(APP));
    commitAll(repository, 'second');
    const directory = join(repository.home, 'shallow');
    gitIn(repository.home, repository.environment, ['clone', '--quiet', '--depth=1', `file://${repository.directory}`, directory]);
    expect(await pin(repository, { directory })).toMatchObject({ prefix: 'target-app' });
    await expect(pin(repository, { directory, base: 'HEAD~1' })).rejects.toMatchObject({ code: 'base_missing' });
  });

  it('works in a linked worktree', async () => {
    const repository = kept(repositoryOf(APP));
    const directory = join(repository.home, 'linked');
    repository.git('worktree', 'add', '--quiet', '-b', 'side', directory);
    expect(await pin(repository, { directory })).toMatchObject({ root: directory, branch: 'side', prefix: 'target-app' });
  });

  it('ignores replacement objects and the caller’s GIT_ variables', async () => {
    const repository = kept(repositoryOf(APP));
    const real = await pin(repository);
    const forged = repository.git('-c', 'user.name=E', '-c', 'user.email=e@e', 'commit-tree', '-m', 'forged', real.tree).trim();
    repository.git('replace', real.commit, forged);
    expect(repository.git('rev-parse', 'HEAD^{tree}').trim()).toBe(real.tree);
    const environment = {
      ...repository.environment,
      GIT_DIR: '/nowhere',
      GIT_WORK_TREE: '/',
      GIT_INDEX_FILE: '/nowhere/index',
      GIT_CONFIG_COUNT: 'x',
    };
    expect(await gitRepository({ environment }).pin({ directory: repository.directory, target: null, base: null })).toEqual(real);
  });

  it('works on a repository whose objects are named by SHA-256', async () => {
    const repository = kept(repositoryOf(APP, { format: 'sha256' }));
    expect((await pin(repository)).commit).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('pin: where the factory cannot work', () => {
  it('says that a folder is in no repository, is no folder, or is git’s own', async () => {
    const repository = kept(repositoryOf(APP));
    for (const directory of [
      repository.home,
      '/nowhere/at/all',
      join(repository.directory, 'README.md'),
      join(repository.directory, '.git'),
    ]) {
      await expect(pin(repository, { directory })).rejects.toMatchObject({ code: 'not_a_repository' });
    }
  });

  it('says that a repository is bare', async () => {
    const repository = kept(repositoryOf(APP));
    const directory = join(repository.home, 'bare.git');
    repository.git('clone', '--quiet', '--bare', repository.directory, directory);
    await expect(pin(repository, { directory })).rejects.toMatchObject({ code: 'target_bare' });
  });

  it('says that there is no commit yet', async () => {
    const repository = kept(emptyRepository());
    await expect(pin(repository)).rejects.toMatchObject({ code: 'target_unborn', detail: 'branch main has no commit' });
    await expect(pin(repository, { base: 'main' })).rejects.toMatchObject({ code: 'base_missing' });
  });

  it('says that the target contains a submodule, and minds none elsewhere', async () => {
    const repository = kept(repositoryOf(APP));
    const commit = repository.git('rev-parse', 'HEAD').trim();
    repository.git('update-index', '--add', '--cacheinfo', `160000,${commit},services/lib`);
    repository.git('-c', 'user.name=A', '-c', 'user.email=a@e', 'commit', '--quiet', '-m', 'submodule');
    expect(await pin(repository)).toMatchObject({ prefix: 'target-app' });
    await expect(pin(repository, { target: 'services' })).rejects.toMatchObject({
      code: 'target_unsupported',
      detail: 'it contains a submodule: lib',
    });
    await expect(pin(repository, { target: 'services/lib' })).rejects.toMatchObject({ code: 'target_unsupported' });
  });

  it('says that a file’s name is not UTF-8', async () => {
    const repository = kept(repositoryOf(APP));
    writeFileSync(Buffer.concat([Buffer.from(join(repository.directory, 'target-app/')), Buffer.from([0x66, 0xfc])]), 'x');
    commitAll(repository, 'latin1');
    await expect(pin(repository)).rejects.toMatchObject({ code: 'target_unsupported', detail: expect.stringContaining('not UTF-8') });
    expect(await pin(repository, { target: 'services' })).toMatchObject({ prefix: 'services' });
  });

  it('never fetches what a partial clone lacks, and says so', async () => {
    const repository = kept(repositoryOf(APP));
    repository.git('config', 'uploadpack.allowFilter', 'true');
    const directory = join(repository.home, 'partial');
    const source = `file://${repository.directory}`;
    gitIn(repository.home, repository.environment, ['clone', '--quiet', '--no-checkout', '--filter=blob:none', source, directory]);
    const marker = join(repository.home, 'ran');
    const command = `touch '${marker}'; git-upload-pack`;
    gitIn(directory, repository.environment, ['config', 'remote.origin.uploadpack', command]);
    await expect(pin(repository, { directory })).rejects.toMatchObject({ code: 'target_unsupported' });
    await expect(pin(repository, { directory, base: '1'.repeat(40) })).rejects.toMatchObject({ code: 'base_missing' });
    expect(readdirSync(repository.home)).not.toContain('ran');
    // The control: git on its own would have run the command; with the blobs here, the clone is as good as any.
    gitIn(directory, repository.environment, ['checkout', '--quiet', 'main']);
    expect(readdirSync(repository.home)).toContain('ran');
    expect(await pin(repository, { directory })).toMatchObject({ prefix: 'target-app' });
  });

  it.skipIf(process.getuid?.() !== 0)('says what to do when git does not trust the folder’s owner', async () => {
    const repository = kept(repositoryOf(APP));
    chownSync(repository.directory, 12_345, 12_345);
    chownSync(join(repository.directory, '.git'), 12_345, 12_345);
    await expect(pin(repository)).rejects.toMatchObject({ code: 'not_a_repository', detail: expect.stringContaining('safe.directory') });
    writeFileSync(join(repository.home, '.gitconfig'), `[safe]\n\tdirectory = ${repository.directory}\n`);
    expect(await pin(repository)).toMatchObject({ prefix: 'target-app' });
  });

  it('says that git is not installed', async () => {
    const repository = kept(repositoryOf(APP));
    const environment = { ...repository.environment, PATH: repository.home };
    const asked = { directory: repository.directory, target: null, base: null };
    await expect(gitRepository({ environment }).pin(asked)).rejects.toMatchObject({ code: 'git_missing' });
  });
});
