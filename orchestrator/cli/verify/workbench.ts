import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { connect } from '../../adapters/engine/docker/connect.ts';
import { dockerEngine } from '../../adapters/engine/docker/docker.ts';
import { dockerImageStore } from '../../adapters/engine/docker/images.ts';
import { folderKeep } from '../../adapters/keep/folder/index.ts';
import { folderRecords } from '../../adapters/records/folder/index.ts';
import { jsonlTrace } from '../../adapters/trace/jsonl/index.ts';
import { gitRepository } from '../../adapters/workspace/git/index.ts';
import { Failure } from '../../domain/failure.ts';
import { detectLayout } from '../../domain/layout.ts';
import type { RunResult } from '../../domain/run.ts';
import { CONTAINER_KINDS } from '../../domain/stage.ts';
import type { Base } from '../../domain/target.ts';
import { runRequest } from '../../pipeline/factory.ts';
import type { RunOrder, World } from '../../pipeline/order.ts';
import type { Ground } from '../../pipeline/products.ts';
import type { Progress } from '../../ports/progress.ts';
import type { Provider } from '../../ports/provider.ts';
import type { Repository } from '../../ports/repository.ts';
import { modelSettings } from '../model-settings.ts';
import { orAborted } from '../or-aborted.ts';
import { plantSentinel } from '../planted.ts';
import { loadPolicies } from '../policies.ts';
import { loadPrompts } from '../prompts.ts';
import { hostRedactor } from '../redactor.ts';
import { requireRuntimes } from '../runtimes.ts';
import type { ReadSettings } from '../settings.ts';
import { ensureImages } from '../setup/ensure.ts';
import { factoryRoot } from '../setup/root.ts';
import { protectionOf } from '../target-file.ts';

/** One piece of given work to take down the line, in a folder of its own. */
export interface BenchTask extends Pick<RunOrder, 'run' | 'request' | 'upTo'> {
  readonly spec: NonNullable<RunOrder['spec']>;
  readonly given: NonNullable<RunOrder['given']>;
  /** Where its records go; made where it is not there. */
  readonly folder: string;
  readonly progress: Progress;
  /** `none`: everything is computed and compared, and no commit or branch is made. */
  readonly branch: 'made' | 'none';
  /** Told of everything that a stage hands over. */
  readonly onProduct?: NonNullable<World['onProduct']>;
}

/** Engine, images and policies, made ready once for any number of pieces of given work on one base. */
export interface Workbench {
  readonly docker: Docker;
  readonly ground: Ground;
  readonly repository: Repository;
  readonly prompts: World['prompts'];
  readonly images: World['images'];
  /** The outside world for one run; its records and trace lie in `folder`. */
  world(run: string, folder: string, progress: Progress): { readonly world: World; close(): void };
  run(task: BenchTask): Promise<RunResult>;
  close(): void;
}

export interface WorkbenchOptions {
  readonly base: Base;
  readonly settings: ReadSettings;
  readonly dockerHost?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
  /** Who is asked; without one nobody is, and a question is a bug. */
  readonly provider?: Provider;
}

export async function openWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const { base, settings, env, signal } = options;
  const root = factoryRoot();
  const { policies, seccomp, protectedList } = loadPolicies(env.FACTORY_POLICIES || join(root, 'policies'));
  const prompts = loadPrompts(join(root, 'prompts'));
  const repository = gitRepository({ environment: env });
  const tree = await repository.readTree(base);
  const layout = detectLayout([...tree.keys()]);
  const ground: Ground = {
    base,
    tree,
    layout,
    protection: protectionOf(tree, protectedList),
    allowedDependencies: settings.allowed_dependencies,
  };
  const { docker, endpoint } = await connect({ host: options.dockerHost, env });
  const engine = dockerEngine(docker, endpoint);
  const info = await engine.info();
  requireRuntimes(policies, info);
  const store = dockerImageStore(docker);
  const { architecture } = info;
  const images = await orAborted(
    signal,
    ensureImages({ store, architecture, tree, kinds: CONTAINER_KINDS, env, onLine: (line) => options.note(line) }),
  );
  const planted = plantSentinel(root);
  const redactor = hostRedactor(env, [options.dockerHost, settings.ollamaHost]);
  const models = modelSettings(options.provider ?? NOBODY, settings);

  function world(run: string, folder: string, progress: Progress) {
    mkdirSync(folder, { recursive: true });
    const trace = jsonlTrace({ path: join(folder, 'trace.jsonl'), run, redact: redactor.text });
    const one: World = {
      engine,
      repository,
      records: folderRecords({ path: folder, shownAs: folder, redactor }),
      redactor,
      trace,
      progress,
      keep: folderKeep(join(root, '.cache', 'baseline')),
      models,
      prompts,
      policies,
      seccomp,
      images,
      planted,
      random: () => randomInt(2 ** 32) / 2 ** 32,
      signal,
    };
    return { world: one, close: () => trace.close() };
  }

  async function run(task: BenchTask): Promise<RunResult> {
    const { world: host, close } = world(task.run, task.folder, task.progress);
    const outside = { ...host, ...(task.onProduct === undefined ? {} : { onProduct: task.onProduct }) };
    try {
      return await runRequest(task.branch === 'made' ? outside : { ...outside, repository: withoutBranches(repository) }, {
        run: task.run,
        request: task.request,
        spec: task.spec,
        given: task.given,
        upTo: task.upTo,
        resumedFrom: null,
        interventions: [],
        ground,
        startedAt: Date.now(),
        reworkBudget: 0,
        checks: 0,
        earlierTries: 0,
      });
    } finally {
      close();
    }
  }

  return { docker, ground, repository, prompts, images, world, run, close: () => planted.remove() };
}

/** A name for a run of given work: nobody looks for its folder, but its containers carry it. */
export function benchRunId(what: string): string {
  return `${what}-${randomBytes(4).toString('hex')}`;
}

/** Says nothing to anybody. */
export const SILENT: Progress = { header() {}, begin() {}, end() {}, note() {} };

/** The same repository, to which nothing is ever written: a commit is what its tree would be. */
function withoutBranches(repository: Repository): Repository {
  return { ...repository, publish: async (base, head) => ({ commit: 'none', tree: await repository.treeId(base, head) }) };
}

const NOBODY: Provider = {
  name: 'nobody',
  async ready() {},
  async complete() {
    throw new Failure('bug', 'a model was asked where all work is given');
  },
};
