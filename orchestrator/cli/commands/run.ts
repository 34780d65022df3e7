import { randomInt } from 'node:crypto';
import { join, relative } from 'node:path';
import { connect } from '../../adapters/engine/docker/connect.ts';
import { dockerEngine } from '../../adapters/engine/docker/docker.ts';
import { dockerImageStore } from '../../adapters/engine/docker/images.ts';
import { folderKeep } from '../../adapters/keep/folder/index.ts';
import { terminalProgress } from '../../adapters/progress/terminal/index.ts';
import { folderRecords } from '../../adapters/records/folder/index.ts';
import { jsonlTrace } from '../../adapters/trace/jsonl/index.ts';
import { gitRepository } from '../../adapters/workspace/git/index.ts';
import { countUncommitted } from '../../adapters/workspace/git/uncommitted.ts';
import { Failure } from '../../domain/failure.ts';
import { detectLayout } from '../../domain/layout.ts';
import type { RunResult } from '../../domain/run.ts';
import { CONTAINER_KINDS } from '../../domain/stage.ts';
import { readyChains } from '../../pipeline/chain-ready.ts';
import { runRequest } from '../../pipeline/factory.ts';
import type { Console } from '../console.ts';
import { earlierSpending } from '../earlier-spending.ts';
import { earlierTokens } from '../earlier-tokens.ts';
import { disown, sweepLeftovers } from '../leftovers.ts';
import { whatToLookAt } from '../look.ts';
import { assertAnotherReviewer, modelSettings } from '../model-settings.ts';
import { orAborted } from '../or-aborted.ts';
import { pinBase } from '../pin-base.ts';
import { plantSentinel } from '../planted.ts';
import { loadPolicies } from '../policies.ts';
import { loadPrompts } from '../prompts.ts';
import { assertPaidAllowed, providersOf, throughEach } from '../providers.ts';
import { offeringPull, pullFor } from '../pull/with-engine.ts';
import { hostRedactor } from '../redactor.ts';
import { openRunFolder } from '../run-folder.ts';
import { requireRuntimes } from '../runtimes.ts';
import { type Flags, readSettings } from '../settings.ts';
import { ensureImages } from '../setup/ensure.ts';
import { factoryRoot } from '../setup/root.ts';
import { protectionOf } from '../target-file.ts';
import { type Asked, findFrom, taskOf, withRecorded } from '../task.ts';
import { closing, header, leftOut } from '../text.ts';
import { earlierTries } from '../tries.ts';
import { waysOn } from '../ways-on.ts';

export interface RunFlags extends Flags {
  readonly directory: string;
  readonly target?: string | undefined;
  readonly base?: string | undefined;
  readonly dockerHost?: string | undefined;
  readonly runs?: string | undefined;
  readonly pull?: boolean | undefined;
}

export interface Ended {
  readonly result: RunResult;
  /** The run's folder, as a person is told of it. */
  readonly folder: string;
  /** How to go on, a command a line; empty after a PR. */
  readonly waysOn: readonly string[];
}

/**
 * `factory run` and `factory plan`: one request down the line, or up to PLAN. Everything that can be found wrong without spending anything is
 * found before the run has a folder: then a `Failure` is thrown and nothing is left. Afterwards the result says how it ended.
 */
export async function run(asked: Asked, given: RunFlags, env: NodeJS.ProcessEnv, console: Console, signal: AbortSignal): Promise<Ended> {
  const startedAt = Date.now();
  const root = factoryRoot();
  const runsFolder = given.runs ?? join(root, 'runs');
  const from = findFrom(asked, { replays: join(root, 'runs'), runs: runsFolder });
  const flags = withRecorded(given, from);
  let settings = readSettings(flags, env, process.cwd());
  const task = taskOf(asked, from, settings, { reworks: given.reworks !== undefined });
  const { asking, provider: through, ...work } = task;
  const { request } = work;
  const { policies, seccomp, protectedList } = loadPolicies(env.FACTORY_POLICIES || join(root, 'policies'));
  const prompts = loadPrompts(join(root, 'prompts'));
  const live = providersOf(settings, env);
  if (from?.how !== 'replay') assertPaidAllowed(live, settings, asking);
  let named = modelSettings(throughEach(live, through), settings);
  if (from?.how !== 'replay' && asking.includes('BUILD') && asking.includes('REVIEW')) assertAnotherReviewer(named, settings);

  const repository = gitRepository({ environment: env });
  const base = await pinBase(repository, flags, from);
  const tree = await repository.readTree(base);
  const protection = protectionOf(tree, protectedList);
  const pullBegan = Date.now();
  const pulled =
    given.pull && from?.how !== 'replay' ? await pullFor(asking, settings, { console, dockerHost: given.dockerHost, signal }) : null;
  const pullMs = Date.now() - pullBegan;
  if (pulled !== null) {
    settings = { ...settings, ollamaHost: pulled.host };
    named = modelSettings(throughEach(providersOf(settings, env), through), settings);
    for (const line of pulled.closing.slice(0, 2)) console.err(`    ${line}\n`);
  } else if (given.pull) console.err('    a replay asks no model: nothing is pulled\n');
  // The least that PLAN is asked; with the target card, which is not made yet, it is looked at again.
  const { system, user } = prompts.plan;
  const models = await readyChains(named, asking, system.length + user.length + request.length).catch(async (error: unknown) => {
    throw await offeringPull(error, { settings, dockerHost: given.dockerHost, env });
  });
  const { docker, endpoint } = await connect({ host: flags.dockerHost, env });
  const engine = dockerEngine(docker, endpoint);
  const info = await engine.info();
  requireRuntimes(policies, info);
  const progress = terminalProgress({ ...console, write: console.err });
  for (const dead of await sweepLeftovers(engine, runsFolder)) progress.note(`removed what the killed run ${dead} had left on the engine`);
  const uncommitted = await countUncommitted(base, tree, env);
  if (uncommitted > 0) progress.note(leftOut(uncommitted, base));
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

  const { run: runId, folder } = openRunFolder(runsFolder, request);
  const shownAs = relative(process.cwd(), folder).startsWith('..') ? folder : relative(process.cwd(), folder) || '.';
  const limit = AbortSignal.timeout(settings.time_limit_s * 1000);
  const stop = new AbortController();
  limit.addEventListener('abort', () => stop.abort(new Failure('budget_time', `the run's limit is ${settings.time_limit_s} s`)), {
    once: true,
  });
  signal.addEventListener('abort', () => stop.abort(signal.reason), { once: true });
  if (signal.aborted) stop.abort(signal.reason);

  const replay = from?.how === 'replay' ? from.recorded.run : null;
  progress.header(header({ run: runId, base, engine: info, settings, replay }));
  if (task.resumedFrom !== null) progress.note(`goes on from ${task.resumedFrom}: what is recorded there is not asked and not paid again`);
  const planted = plantSentinel(root);
  const redactor = hostRedactor(env, [settings.ollamaHost, flags.dockerHost]);
  const trace = jsonlTrace({ path: join(folder, 'trace.jsonl'), run: runId, redact: redactor.text });
  try {
    const result = await runRequest(
      {
        engine,
        repository,
        records: folderRecords({ path: folder, shownAs, redactor }),
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
        signal: stop.signal,
      },
      {
        ...work,
        run: runId,
        ground: { base, tree, layout: detectLayout([...tree.keys()]), protection, allowedDependencies: settings.allowed_dependencies },
        startedAt: startedAt + pullMs + imagesMs,
        checks: settings.checks,
        budgets: settings.budgets,
        tries: settings.tries,
        ...(from?.how === 'resume'
          ? { spentBefore: earlierSpending(join(runsFolder, from.recorded.run), from.recorded.order, given) }
          : {}),
        earlierTries: earlierTries(runsFolder, request, base.tree),
        earlierTokens: from === null ? earlierTokens(runsFolder) : null,
      },
    );
    const look = whatToLookAt({ result, folder, shownAs, base, workingFolder: process.cwd() });
    progress.header(closing(result, Date.now() - startedAt, look));
    return {
      result,
      folder: shownAs,
      waysOn: waysOn(result, { folder, shownAs, given, spec: work.spec === null ? null : (asked.spec ?? join(shownAs, 'spec.md')) }),
    };
  } finally {
    planted.remove();
    disown(folder);
    trace.close();
    progress.close();
    for (const line of pulled?.closing ?? []) console.err(`${line}\n`);
  }
}
