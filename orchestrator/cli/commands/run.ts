import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { connect } from '../../adapters/engine/docker/connect.ts';
import { dockerEngine } from '../../adapters/engine/docker/docker.ts';
import { dockerImageStore } from '../../adapters/engine/docker/images.ts';
import { folderKeep } from '../../adapters/keep/folder/index.ts';
import { terminalProgress } from '../../adapters/progress/terminal/index.ts';
import { ollamaProvider } from '../../adapters/provider/ollama/index.ts';
import { replayProvider } from '../../adapters/provider/replay/index.ts';
import { folderRecords } from '../../adapters/records/folder/index.ts';
import { jsonlTrace } from '../../adapters/trace/jsonl/index.ts';
import { gitRepository } from '../../adapters/workspace/git/index.ts';
import { Failure } from '../../domain/failure.ts';
import { detectLayout } from '../../domain/layout.ts';
import type { RunResult } from '../../domain/run.ts';
import { CONTAINER_KINDS, MODEL_STAGES, type ModelStage } from '../../domain/stage.ts';
import type { ModelSettings } from '../../pipeline/asking.ts';
import { runRequest } from '../../pipeline/factory.ts';
import type { Provider } from '../../ports/provider.ts';
import type { Repository } from '../../ports/repository.ts';
import type { Console } from '../console.ts';
import { disown, own, sweepLeftovers } from '../leftovers.ts';
import { loadPolicies } from '../policies.ts';
import { loadPrompts } from '../prompts.ts';
import { openRecording, type Recording } from '../replay.ts';
import { checkRequest } from '../request.ts';
import { newRunId } from '../run-id.ts';
import { type Flags, type ReadSettings, readSettings } from '../settings.ts';
import { ensureImages } from '../setup/ensure.ts';
import { factoryRoot } from '../setup/root.ts';
import { closing, header } from '../text.ts';
import { earlierTries } from '../tries.ts';

export interface RunFlags extends Flags {
  readonly directory: string;
  readonly target?: string | undefined;
  readonly base?: string | undefined;
  readonly replay?: string | undefined;
  readonly strict?: boolean | undefined;
  readonly dockerHost?: string | undefined;
  readonly runs?: string | undefined;
}

/**
 * `factory run`: one request down the line. Everything that can be found wrong without spending anything is found before the run has a
 * folder: then a `Failure` is thrown and nothing is left. Afterwards the result says how it ended.
 */
export async function run(
  requestText: string | null,
  flags: RunFlags,
  env: NodeJS.ProcessEnv,
  console: Console,
  signal: AbortSignal,
): Promise<RunResult> {
  const startedAt = Date.now();
  const root = factoryRoot();
  const settings = readSettings(flags, env, process.cwd());
  const runsFolder = flags.runs ?? join(root, 'runs');
  const recording = flags.replay === undefined ? null : openRecording(join(root, 'runs'), flags.replay);
  const request = recording?.request ?? checkRequest(requestText ?? '');
  const { policies, seccomp } = loadPolicies(join(root, 'policies'));
  const prompts = loadPrompts(join(root, 'prompts'));
  const provider =
    recording === null
      ? ollamaProvider({ host: settings.ollamaHost })
      : replayProvider({ read: recording.read, strict: flags.strict ?? false });

  const repository = gitRepository({ environment: env });
  const base = await pinBase(repository, flags, recording);
  const tree = await repository.readTree(base);
  await provider.ready([...new Set(MODEL_STAGES.map((stage) => settings.modelOf[stage]))]);
  const { docker, endpoint } = await connect({ host: flags.dockerHost, env });
  const engine = dockerEngine(docker, endpoint);
  const info = await engine.info();
  const progress = terminalProgress({ ...console, write: console.err });
  for (const dead of await sweepLeftovers(engine, runsFolder)) progress.note(`removed what the killed run ${dead} had left on the engine`);
  const imagesBegan = Date.now();
  const images = await orAborted(
    signal,
    ensureImages({
      store: dockerImageStore(docker),
      architecture: info.architecture,
      tree,
      kinds: CONTAINER_KINDS,
      env,
      onLine: (line) => progress.note(line),
    }),
  );
  const imagesMs = Date.now() - imagesBegan;

  const runId = newRunId(request, runsFolder);
  const folder = join(runsFolder, runId);
  mkdirSync(folder, { recursive: true });
  own(folder);
  const shownAs = relative(process.cwd(), folder).startsWith('..') ? folder : relative(process.cwd(), folder) || '.';
  const limit = AbortSignal.timeout(settings.time_limit_s * 1000);
  const stop = new AbortController();
  limit.addEventListener('abort', () => stop.abort(new Failure('budget_time', `the run's limit is ${settings.time_limit_s} s`)), {
    once: true,
  });
  signal.addEventListener('abort', () => stop.abort(signal.reason), { once: true });
  if (signal.aborted) stop.abort(signal.reason);

  progress.header(header({ run: runId, base, engine: info, settings, replay: recording?.run ?? null }));
  const trace = jsonlTrace({ path: join(folder, 'trace.jsonl'), run: runId });
  try {
    const result = await runRequest(
      {
        engine,
        repository,
        records: folderRecords({ path: folder, shownAs }),
        trace,
        progress,
        keep: folderKeep(join(root, '.cache', 'baseline')),
        models: modelSettings(provider, settings),
        prompts,
        policies,
        seccomp,
        images,
        random: () => randomInt(2 ** 32) / 2 ** 32,
        signal: stop.signal,
      },
      {
        run: runId,
        request,
        ground: { base, tree, layout: detectLayout([...tree.keys()]) },
        startedAt: startedAt + imagesMs,
        reworkBudget: settings.reworks,
        checks: settings.checks,
        earlierTries: earlierTries(runsFolder, request, base.tree),
      },
    );
    progress.header(closing(result, shownAs, base, Date.now() - startedAt));
    return result;
  } finally {
    disown(folder);
    trace.close();
    progress.close();
  }
}

/** The same work, given up as soon as a person wants to end; what still runs on the engine then ends with this process. */
async function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** The base of a replay is the recorded one: HEAD when the target's folder is the same there, else the recorded commit. */
async function pinBase(repository: Repository, flags: RunFlags, recording: Recording | null) {
  const where = { directory: flags.directory, target: flags.target ?? null };
  const base = await repository.pin({ ...where, base: flags.base ?? null });
  if (recording === null || base.tree === recording.baseTree) return base;
  return repository.pin({ ...where, base: recording.base });
}

function modelSettings(provider: Provider, settings: ReadSettings): Record<ModelStage, ModelSettings> {
  const of = (stage: ModelStage): ModelSettings => ({
    provider,
    model: settings.modelOf[stage],
    temperature: settings.temperature,
    contextTokens: settings.context_tokens,
    maxOutputTokens: settings.output_tokens,
    maxTurns: settings.turns,
    deadlineMs: settings.model_timeout_s * 1000,
  });
  return { PLAN: of('PLAN'), SCOUT: of('SCOUT'), BUILD: of('BUILD'), TEST: of('TEST'), REVIEW: of('REVIEW') };
}
