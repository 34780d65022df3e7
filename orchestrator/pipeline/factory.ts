import { createHash } from 'node:crypto';
import type { TargetCard } from '../domain/card.ts';
import { CATALOGUE, Failure } from '../domain/failure.ts';
import { jailText } from '../domain/jail.ts';
import { refusalSchema } from '../domain/refusal.ts';
import type { RunResult } from '../domain/run.ts';
import type { Stage } from '../domain/stage.ts';
import { gateConfig, pluginsOf } from '../gates/config.ts';
import { openAgents } from './agents.ts';
import { howReplayed, openAsking } from './asking.ts';
import { beforePlan } from './before-plan.ts';
import { openBudget } from './budget.ts';
import { openContainers } from './containers.ts';
import { forecast } from './forecast.ts';
import { openJail } from './jail/prove.ts';
import { REWORK, REWORK_OF_GIVEN, REWORK_OF_GIVEN_WORK, theLine } from './line.ts';
import type { RunOrder, World } from './order.ts';
import { orderFile } from './order-file.ts';
import type { ProductName, Products } from './products.ts';
import { openPublishing } from './publish.ts';
import { runLine } from './run-line.ts';
import { openSeal } from './seal.ts';
import { assertNoSecret } from './secret-in-change.ts';
import { stagesAsked } from './stages-asked.ts';
import { together } from './together.ts';
import { openToolbox } from './toolbox.ts';
import { unproven } from './unproven.ts';
import { watcher } from './watcher.ts';
import { openWorkspace } from './workspace.ts';

/**
 * One request down the line, to a PR or to a bad end with its code. Whatever happens, the run's folder says how it ended and nothing of the
 * run is left on the engine. Never throws for a run that ended badly; throws only when even the record of it could not be written.
 */
export async function runRequest(outside: World, order: RunOrder): Promise<RunResult> {
  const seal = openSeal(outside.records);
  const world = { ...outside, records: seal.records };
  const { engine, records, trace } = world;
  // The line and the jail's probes run beside each other: whichever fails ends the other.
  const stop = new AbortController();
  const signal = AbortSignal.any([world.signal, stop.signal]);
  const made: Partial<Record<ProductName, unknown>> = {};
  const seen = { reworks: 0, words: [] as readonly string[], stage: null as Stage | 'baseline' | null, jail: null as string | null };
  const budget = openBudget({
    budgets: order.budgets ?? { run: {}, stage: {} },
    now: () => performance.now(),
    ...(order.spentBefore === undefined ? {} : { before: order.spentBefore }),
  });
  const asking = openAsking({ ...world, signal, budget, ...(order.tries === undefined ? {} : { tries: order.tries }) });
  const jail = openJail({ ...world, ...world.planted, run: order.run, testsFolder: order.ground.layout.tests });
  const containers = openContainers({ ...world, signal, run: order.run, onContainer: jail.seeContainer });
  const workspace = openWorkspace({
    engine,
    holderImage: world.images.holder.reference,
    policies: world.policies,
    seccomp: world.seccomp,
    run: order.run,
    nextSeq: containers.nextSeq,
    onContainer(holder, volume) {
      jail.seeVolume(volume);
      jail.seeContainer(holder);
      containers.noteHolder(holder);
    },
  });

  let result: RunResult;
  try {
    records.write('request.txt', order.request);
    records.writeJson('evidence/order.json', orderFile(world, order));
    trace.write({
      type: 'run_started',
      stage: 'run',
      attempt: 0,
      data: {
        base: order.ground.base.commit,
        base_tree: order.ground.base.tree,
        images: imageIds(world),
        spec_given: order.spec !== null,
        resumed_from: order.resumedFrom,
      },
    });
    const ended = await work();
    result = {
      ...common(),
      ...ended,
      code: null,
      stage: null,
      reason: null,
      ms_to_pr: ended.outcome === 'pr' ? Date.now() - order.startedAt : null,
      exit_code: 0,
    };
  } catch (error) {
    const failure = failureOf(error, signal);
    const { exit } = CATALOGUE[failure.code];
    const outcome = exit === 130 || exit === 143 ? 'interrupted' : failure.code === 'spec_refused' ? 'refused' : 'failed';
    result = {
      ...common(),
      outcome,
      code: failure.code,
      stage: seen.stage,
      reason: failure.detail,
      branch: null,
      commit: null,
      ms_to_pr: null,
      exit_code: exit,
    };
    const patch = await unproven(world.repository, order, made as Partial<Products>, failure);
    if (patch !== null) records.write('change.patch', patch);
    if (failure.code === 'bug')
      records.write('evidence/bug.txt', String(failure.cause instanceof Error ? failure.cause.stack : failure.stack));
  } finally {
    await cleanUp();
  }
  trace.write({
    type: 'run_ended',
    stage: 'run',
    attempt: 0,
    data: { outcome: result.outcome, code: result.code, reworks: result.reworks },
  });
  records.writeJson('result.json', result);
  seal.close(trace);
  return result;

  async function work(): Promise<Pick<RunResult, 'outcome' | 'branch' | 'commit'>> {
    const { ground } = order;
    const key = keyOf(ground.base.tree, world.images['test-running'].id, world.images.validate.id, world.images.card.id);
    const toolbox = openToolbox({
      containers,
      workspace,
      ground,
      config: gateConfig(ground.tree, ground.layout),
      plugins: pluginsOf(ground.tree),
    });
    const agents = openAgents({
      containers,
      asking,
      prompts: world.prompts,
      lineBytes: world.policies.plan.output.line_kb * 1024,
      onTurn: (stage, attempt, { turn, problem }) => {
        if (problem !== null) trace.write({ type: 'repair', stage, attempt, data: { turn, problem: problem.slice(0, 1_000) } });
      },
    });

    seen.stage = 'baseline';
    const { baseline, card } = await beforePlan(world, order, toolbox, key);
    records.writeJson('evidence/card.json', card);
    tellForecast(card);

    const whole = theLine({
      agents,
      workspace,
      toolbox,
      repository: world.repository,
      random: world.random,
      checks: order.checks,
      onCheck: (attempt, words) =>
        trace.write({ type: 'check', stage: 'BUILD', attempt, data: { ok: words === null, words: words?.slice(0, 2_000) ?? null } }),
      spec: order.spec,
      given: order.given ?? null,
      onRefusal: (refusal) => records.writeJson('evidence/refusal.json', refusalSchema.parse(refusal)),
    });
    const publishing = openPublishing({ ...world, order, asking });
    const line = whole.filter(({ id }) => (order.upTo === 'PLAN' ? id === 'PLAN' : order.upTo === 'PR' || id !== 'REVIEW'));
    const lining = runLine(
      line,
      { request: order.request, ground, card, ...(baseline === null ? {} : { baseline }) },
      {
        reworkBudget: order.reworkBudget,
        edges: order.given != null ? REWORK_OF_GIVEN_WORK : order.spec === null ? REWORK : REWORK_OF_GIVEN,
        interventions: order.interventions,
        signal,
        watcher: watcher({
          trace,
          progress: world.progress,
          asking,
          asked: stagesAsked(order.spec, order.upTo, order.given),
          onStage: (stage) => (seen.stage = stage),
          onRework: (used, cause) => {
            seen.reworks = used;
            if (cause === 'person') seen.words = order.interventions.slice(0, seen.words.length + 1).map(({ words }) => words);
          },
        }),
        keep: (name, product) => {
          made[name] = product;
          world.onProduct?.(name, product);
          publishing.keep(name, product);
          assertNoSecret(name, product, ground.tree, world.redactor);
        },
      },
    );
    if (order.upTo !== 'PR') {
      await lining;
      return { outcome: order.upTo === 'PLAN' ? 'planned' : 'tested', branch: null, commit: null };
    }
    const [{ products, reworks }, proof] = await together([orStop(lining), orStop(jail.prove(signal))]);
    seen.jail = jailText(proof);
    seen.stage = 'PR';
    return { outcome: 'pr', ...(await publishing.publish(products, { reworks, words: seen.words }, proof)) };
  }

  async function orStop<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      stop.abort(failureOf(error, signal));
      throw error;
    }
  }

  function tellForecast(card: TargetCard): void {
    const { earlierTokens: earlier = null, ...known } = order;
    if (earlier === null) return;
    const expected = forecast({ ...known, ...world, card, earlier, stages: stagesAsked(order.spec, order.upTo, order.given) });
    trace.write({ type: 'forecast', stage: 'run', attempt: 0, data: { ...expected } });
    world.progress.expect?.(expected);
  }

  function common() {
    const total = asking.total();
    return {
      run: order.run,
      base: order.ground.base.commit,
      base_tree: order.ground.base.tree,
      cost_usd: total.costUsd,
      first_try: order.earlierTries === 0 && order.resumedFrom === null,
      reworks: seen.reworks,
      served_by: [...total.servedBy],
      replayed: order.resumedFrom === null ? howReplayed(total) : null,
      resumed_from: order.resumedFrom,
      human_words: seen.words.length === 0 ? null : [...seen.words],
      jail: seen.jail,
      started_at: new Date(order.startedAt).toISOString(),
    };
  }

  /** Runs also after a cancellation, and takes whatever the run's own bookkeeping missed. */
  async function cleanUp(): Promise<void> {
    const failed: string[] = [];
    await containers.close().catch((error) => failed.push(String(error)));
    await workspace.dispose().catch((error) => failed.push(String(error)));
    const swept = await engine.sweep({ 'factory.run': order.run }).catch((error) => {
      failed.push(String(error));
      return 0;
    });
    trace.write({ type: 'cleanup', stage: 'run', attempt: 0, data: { swept, failed } });
    if (failed.length > 0) world.progress.note(`not everything could be removed from the engine: ${failed.join('; ')}`);
  }
}

/** What a thrown value means: a cancelled run's errors are the cancellation's. */
function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) return signal.reason instanceof Failure ? signal.reason : new Failure('interrupted', String(signal.reason));
  if (error instanceof Failure) return error;
  return new Failure('bug', error instanceof Error ? error.message : String(error), { cause: error });
}

/** Everything that a kept result depends on, as one short key. */
function keyOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join(' ')).digest('hex').slice(0, 32);
}

function imageIds({ images }: World): Record<string, string> {
  return Object.fromEntries(Object.entries(images).map(([kind, { reference }]) => [kind, reference]));
}
