import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gitRepository } from '../../orchestrator/adapters/workspace/git/index.ts';
import { newRunId } from '../../orchestrator/cli/run-id.ts';
import { below, commitAll, type OnDisk, repositoryOf, snapshot, texts, writeFiles } from '../unit/git/on-disk.ts';
import type { Play, Plays } from './case.ts';

const APP = texts({ 'app/main.py': 'x = 1\n' });

/** What a person or other runs do to a repository meanwhile. */
export function racePlays(): Plays {
  async function inRepository<T>(use: (repository: OnDisk) => Promise<T>): Promise<T> {
    const repository = repositoryOf(below('target-app', APP));
    try {
      return await use(repository);
    } finally {
      repository.close();
    }
  }
  const inFolder = <T>(use: (folder: string) => T): T => {
    const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
    try {
      return use(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };

  return {
    C10: (): Play => {
      const head = texts({ 'app/main.py': 'x = 2\n' });
      const meanwhile = (repository: OnDisk) => {
        writeFiles(repository.directory, texts({ 'target-app/app/other.py': 'y = 1\n' }));
        commitAll(repository, 'meanwhile');
      };
      const published = async (
        repository: OnDisk,
        act: (repository: OnDisk) => void,
      ): Promise<{ parent: string; pinned: string; main: string; moved: string }> => {
        const adapter = gitRepository({ environment: repository.environment });
        const base = await adapter.pin({ directory: repository.directory, target: 'target-app', base: null });
        act(repository);
        const moved = repository.git('rev-parse', 'main').trim();
        const { commit } = await adapter.publish(base, head, 'factory/a-1', 'feat: x\n');
        return {
          parent: repository.git('rev-parse', `${commit}^`).trim(),
          pinned: base.commit,
          main: repository.git('rev-parse', 'main').trim(),
          moved,
        };
      };
      return {
        control: [
          {
            what: 'a commit on whatever HEAD is then holds what nobody judged',
            works: () =>
              inRepository(async (repository) => {
                const before = repository.git('rev-parse', 'HEAD');
                meanwhile(repository);
                return (
                  repository.git('rev-parse', 'HEAD') !== before &&
                  repository.git('ls-tree', '-r', '--name-only', 'HEAD').includes('other.py')
                );
              }),
          },
        ],
        attack: [
          {
            what: 'the branch stands on the pinned base, and the default branch where the person put it',
            must: 'no effect',
            ends: () =>
              inRepository(async (repository) => {
                const { parent, pinned, main, moved } = await published(repository, meanwhile);
                return parent === pinned && main === moved && moved !== pinned ? 'no effect' : null;
              }),
          },
        ],
        twin: [
          {
            what: 'nothing moved',
            must: null,
            ends: () =>
              inRepository(async (repository) => {
                const { parent, main } = await published(repository, () => undefined);
                return parent === main ? null : 'bug';
              }),
          },
        ],
      };
    },

    L01: (): Play => {
      const request = 'Sort products by price';
      return {
        control: [
          {
            what: 'ten that check out in one work tree lose each other’s work',
            works: () =>
              inRepository(async (repository) => {
                for (let n = 0; n < 10; n += 1) writeFiles(repository.directory, texts({ 'target-app/app/main.py': `x = ${n}\n` }));
                commitAll(repository, 'all of them');
                return (
                  repository.git('show', 'HEAD:target-app/app/main.py') === 'x = 9\n' &&
                  repository.git('rev-list', '--count', 'HEAD').trim() === '2'
                );
              }),
          },
        ],
        attack: [
          {
            what: 'ten branches at once, each its own, and the checkout untouched',
            must: 'no effect',
            ends: () =>
              inRepository(async (repository) => {
                const adapter = gitRepository({ environment: repository.environment });
                const base = await adapter.pin({ directory: repository.directory, target: 'target-app', base: null });
                const before = workTree(repository);
                const names = Array.from({ length: 10 }, (_, n) => `factory/thing-${n}`);
                await Promise.all(names.map((name, n) => adapter.publish(base, texts({ 'app/main.py': `x = ${n}\n` }), name, 'feat: x\n')));
                const kept = names.every((name, n) => repository.git('show', `${name}:target-app/app/main.py`) === `x = ${n}\n`);
                return kept && workTree(repository) === before ? 'no effect' : null;
              }),
          },
          {
            what: 'a hundred names for one request',
            must: 'no effect',
            ends: () =>
              inFolder((folder) => {
                const runs = new Set(Array.from({ length: 100 }, () => newRunId(request, folder)));
                return runs.size >= 98 ? 'no effect' : null;
              }),
          },
        ],
        twin: [
          {
            what: 'a name that is taken is not given again',
            must: null,
            ends: () => inFolder((folder) => (newRunId(request, folder) === '' ? 'bug' : null)),
          },
        ],
      };
    },
  };
}

/** All of a repository but what git itself keeps. */
function workTree(repository: OnDisk): string {
  return JSON.stringify([...snapshot(repository.directory)].filter(([path]) => !path.startsWith('.git')));
}
