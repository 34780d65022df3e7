import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gitRepository } from '../../../orchestrator/adapters/workspace/git/index.ts';
import { newRunId } from '../../../orchestrator/cli/run-id.ts';
import { Failure } from '../../../orchestrator/domain/failure.ts';
import type { FileTree } from '../../../orchestrator/domain/tree.ts';
import { below, type OnDisk, repositoryOf, snapshot, texts, writeFiles } from '../../unit/git/on-disk.ts';
import { plant } from '../../unit/git/planted.ts';
import type { Control, Outcome, Play, Plays, Try } from '../case.ts';

const APP = texts({ 'app/main.py': 'x = 1\n', 'README.md': 'hello\n' });
const HEAD: FileTree = new Map([...APP, ...texts({ 'app/main.py': 'x = 2\r\n' })]);

/** Attacks by what the user's own repository says, and on the one thing that is written there: a branch. */
export function gitPlays(): Plays {
  async function inRepository<T>(use: (repository: OnDisk) => Promise<T> | T): Promise<T> {
    const repository = repositoryOf(below('target-app', APP));
    try {
      return await use(repository);
    } finally {
      repository.close();
    }
  }
  const published = async (repository: OnDisk, branch = 'factory/thing-7f3a', head: FileTree = HEAD) => {
    const adapter = gitRepository({ environment: repository.environment });
    const base = await adapter.pin({ directory: repository.directory, target: 'target-app', base: null });
    return { base, adapter, ...(await adapter.publish(base, head, branch, 'feat: a thing\n')) };
  };
  /** Nothing of the user's but the one new branch and objects. */
  const touched = (before: ReadonlyMap<string, string>, repository: OnDisk) =>
    [...snapshot(repository.directory)].filter(
      ([path, what]) => before.get(path) !== what && !/^\.git\/(objects|refs\/heads\/factory|logs\/refs\/heads\/factory)(\/|$)/.test(path),
    );

  return {
    H10: (): Play => {
      const commands = {
        'a hook': ['update-ref', 'refs/heads/factory/x', 'HEAD'],
        'a hook of the index': ['read-tree', 'HEAD'],
        'a monitor': ['status', '--short'],
        'a filter': ['add', 'target-app'],
        'a diff program': ['diff', 'HEAD', '--', 'target-app'],
        'a signer': ['-c', 'user.name=A', '-c', 'user.email=a@e', 'commit-tree', '-S', '-m', 'x', 'HEAD^{tree}'],
      };
      const ran = (repository: OnDisk) => readdirSync(repository.home).includes('ran');
      const quiet = (what: string, act: (repository: OnDisk) => Promise<unknown>): Try => ({
        what,
        must: 'no effect',
        ends: () =>
          inRepository(async (repository) => {
            plant(repository);
            await act(repository);
            return ran(repository) ? null : 'no effect';
          }),
      });
      return {
        control: Object.entries(commands).map(
          ([what, args]): Control => ({
            what: `git on its own runs ${what}`,
            works: () =>
              inRepository((repository) => {
                plant(repository);
                writeFiles(repository.directory, texts({ 'target-app/app/main.py': 'dirty' }));
                rmSync(join(repository.home, 'ran'), { force: true });
                spawnSync('git', args, { cwd: repository.directory, env: repository.environment });
                return existsSync(join(repository.home, 'ran'));
              }),
          }),
        ),
        attack: [
          quiet('while a branch is made', (repository) => published(repository)),
          quiet('while the base is read, compared and written as a patch', async (repository) => {
            const { adapter, base } = await published(repository);
            await adapter.diff(base, await adapter.readTree(base), HEAD);
            await adapter.patch(base, APP, HEAD);
          }),
          quiet('when making a branch fails', async (repository) => {
            await published(repository);
            await published(repository).catch(() => undefined);
          }),
        ],
        twin: [
          {
            what: 'the branch is there all the same',
            must: null,
            ends: () =>
              inRepository(async (repository) => {
                plant(repository);
                const { commit } = await published(repository);
                const at = readdirSync(join(repository.directory, '.git/refs/heads/factory'));
                return commit !== '' && at.includes('thing-7f3a') ? null : 'pr_not_made';
              }),
          },
        ],
      };
    },

    H11: (): Play => {
      const sly = texts({ '.gitattributes': '* text=auto eol=lf ident filter=x working-tree-encoding=UTF-16\n', 'a.py': '$Id$\r\n' });
      const stored = (content: Uint8Array) => Buffer.from(content).toString('latin1');
      return {
        control: [
          {
            what: 'git add stores other bytes',
            works: () =>
              inRepository((repository) => {
                repository.git('config', 'core.autocrlf', 'input');
                writeFiles(repository.directory, texts({ '.gitattributes': '* text=auto eol=lf\n', 'b.py': 'x = 1\r\n' }));
                repository.git('add', 'b.py');
                return repository.git('cat-file', 'blob', ':b.py') !== 'x = 1\r\n';
              }),
          },
        ],
        attack: [
          {
            what: 'line ends, keywords, filters and encodings of the target’s attributes',
            must: 'no effect',
            ends: () =>
              inRepository(async (repository) => {
                const { commit } = await published(repository, undefined, new Map([...APP, ...sly]));
                return repository.git('cat-file', 'blob', `${commit}:target-app/a.py`) === '$Id$\r\n' ? 'no effect' : null;
              }),
          },
          {
            what: 'export-ignore when the base is read',
            must: 'no effect',
            ends: async () => {
              const files = new Map([
                ...APP,
                ...texts({ '.gitattributes': 'app export-ignore\n*.py export-subst ident\n', 'app/id.py': '# $Format:%H$ $Id$\r\n' }),
              ]);
              const repository = repositoryOf(below('target-app', files));
              try {
                const adapter = gitRepository({ environment: repository.environment });
                const base = await adapter.pin({ directory: repository.directory, target: 'target-app', base: null });
                const read = await adapter.readTree(base);
                return stored(read.get('app/id.py')?.content ?? new Uint8Array()) === '# $Format:%H$ $Id$\r\n' ? 'no effect' : null;
              } finally {
                repository.close();
              }
            },
          },
        ],
        twin: [
          {
            what: 'a plain file',
            must: null,
            ends: () =>
              inRepository(async (repository) => {
                const { commit } = await published(repository);
                return repository.git('cat-file', 'blob', `${commit}:target-app/app/main.py`) === 'x = 2\r\n' ? null : 'pr_not_made';
              }),
          },
        ],
      };
    },

    H13: (): Play => {
      const requests = [
        '--force main',
        '../../heads/main',
        'refs/heads/main',
        '$(touch /tmp/x) `id`',
        'main\u0000',
        '.lock',
        '-rf /',
        '@{-1} ~1 ^2 : ? * [',
        'ma\u202ein',
        'ＭＡＩＮ',
        '….',
        'HEAD',
      ];
      const branches = [
        'main',
        '../main',
        'factory/../main',
        'factory/a.lock',

        'factory/A',
        '--delete',
        'factory/a b',
        'refs/heads/main',
        'factory/',
        'factory/a/b',
        'factory/a\n',
      ];
      return {
        control: [
          {
            what: 'a branch that is called what the request says moves the default branch',
            works: () =>
              inRepository((repository) => {
                const before = repository.git('rev-parse', 'main');
                const tree = repository.git('rev-parse', 'HEAD^{tree}').trim();
                const commit = repository.git('-c', 'user.name=A', '-c', 'user.email=a@e', 'commit-tree', '-m', 'x', tree).trim();
                repository.git('update-ref', `refs/heads/${'main'}`, commit);
                return repository.git('rev-parse', 'main') !== before;
              }),
          },
        ],
        attack: [
          ...requests.map(
            (request): Try => ({
              what: `a request of ${JSON.stringify(request)}`,
              must: 'neutralised',
              ends: () => {
                const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
                const run = newRunId(request, folder);
                rmSync(folder, { recursive: true });
                return /^[a-z0-9][a-z0-9-]{0,40}-[0-9a-f]{4}$|^[0-9a-f]{4}$/.test(run) ? 'neutralised' : null;
              },
            }),
          ),
          {
            what: 'publishing to any other branch',
            must: 'bug',
            ends: () =>
              inRepository(async (repository) => {
                const before = snapshot(repository.directory);
                const outcomes: Outcome[] = [];
                for (const branch of branches) {
                  outcomes.push(
                    await published(repository, branch).then(
                      (): Outcome => null,
                      (error: unknown): Outcome => (error instanceof Failure ? error.code : null),
                    ),
                  );
                }
                return touched(before, repository).length === 0 && outcomes.every((one) => one === 'bug') ? 'bug' : null;
              }),
          },
        ],
        twin: [
          {
            what: 'a branch of the factory, and the default one untouched',
            must: null,
            ends: () =>
              inRepository(async (repository) => {
                const main = repository.git('rev-parse', 'main');
                const before = snapshot(repository.directory);
                const { commit } = await published(repository);
                const is =
                  repository.git('rev-parse', 'factory/thing-7f3a').trim() === commit && repository.git('rev-parse', 'main') === main;
                return is && touched(before, repository).length === 0 ? null : 'pr_not_made';
              }),
          },
        ],
      };
    },
  };
}
