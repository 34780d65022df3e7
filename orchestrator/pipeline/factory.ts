import { createHash } from 'node:crypto';
import { CATALOGUE, Failure } from '../domain/failure.ts';
import type { RunResult } from '../domain/run.ts';
import type { Stage } from '../domain/stage.ts';
import { gateConfig, pluginsOf } from '../gates/config.ts';
import { openAgents } from './agents.ts';
import { openAsking } from './asking.ts';
import { takeBaseline } from './baseline.ts';
import { makeCard } from './card.ts';
import { openContainers } from './containers.ts';
import { theLine } from './line.ts';
import type { RunOrder, World } from './order.ts';
import type { ProductName, Products } from './products.ts';
import { openPublishing } from './publish.ts';
import { runLine } from './run-line.ts';
import { together } from './together.ts';
import { openToolbox } from './toolbox.ts';
import { unproven } from './unproven.ts';
import { watcher } from './watcher.ts';
import { openWorkspace } from './workspace.ts';

/**
 * One request down the line, to a PR or to a bad end with its code. Whatever happens, the run's folder says how it ended and nothing of the
 * run is left on the engine. Never throws for a run that ended badly; throws only when even the record of it could not be written.
 */
export async function runRequest(world: World, order: RunOrder): Promise<RunResult> {
  const { engine, records, trace, signal } = world;
  const made: Partial<Record<ProductName, unknown>> = {};
  const seen = { reworks: 0, stage: null as Stage | 'baseline' | null };
  const asking = openAsking({ models: world.models, records, trace, signal });
  const containers = openContainers({ ...world, run: order.run });
  const workspace = openWorkspace({
    engine,
    holderImage: world.images.holder.reference,
    policies: world.policies,
    seccomp: world.seccomp,
    run: order.run,
    nextSeq: containers.nextSeq,
    onContainer: containers.noteHolder,
  });

  let result: RunResult;
  try {
    records.write('request.txt', order.request);
    trace.write({
      type: 'run_started',
      stage: 'run',
      attempt: 0,
      data: { base: order.ground.base.commit, base_tree: order.ground.base.tree, images: imageIds(world) },
    });
    const published = await work();
    result = {
      ...common(),
      outcome: 'pr',
      code: null,
      stage: null,
      reason: null,
      ...published,
      ms_to_pr: Date.now() - order.startedAt,
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
  return result;

  async function work(): Promise<{ branch: string; commit: string }> {
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
    const began = Date.now();
    world.progress.begin('baseline', 'the target’s own tests, twice');
    const [baseline, card] = await together([
      takeBaseline(toolbox, ground, world.keep, `baseline-${key}`),
      makeCard(toolbox, ground, world.keep, `card-${key}`),
    ]);
    const summary = `${baseline.passed.length} tests, ${baseline.coverage === null ? 'coverage unknown' : `${baseline.coverage.percent.toFixed(0)} %`}${baseline.flaky.length === 0 ? '' : `, ${baseline.flaky.length} flaky`}${baseline.kept ? ' (kept)' : ''}`;
    trace.write({
      type: 'baseline',
      stage: 'baseline',
      attempt: 1,
      data: {
        tests: baseline.passed.length,
        flaky: [...baseline.flaky],
        coverage: baseline.coverage?.percent ?? null,
        kept: baseline.kept,
        ms: Date.now() - began,
      },
    });
    world.progress.end({
      stage: 'baseline',
      ok: true,
      ms: Date.now() - began,
      tokensIn: null,
      tokensOut: null,
      costUsd: null,
      asked: false,
      text: summary,
    });

    const line = theLine({
      agents,
      workspace,
      toolbox,
      repository: world.repository,
      random: world.random,
      checks: order.checks,
      onCheck: (attempt, words) =>
        trace.write({ type: 'check', stage: 'BUILD', attempt, data: { ok: words === null, words: words?.slice(0, 2_000) ?? null } }),
    });
    const publishing = openPublishing({ ...world, order, asking });
    const { products, reworks } = await runLine(
      line,
      { request: order.request, ground, card, baseline },
      {
        reworkBudget: order.reworkBudget,
        signal,
        watcher: watcher({
          trace,
          progress: world.progress,
          asking,
          onStage: (stage) => (seen.stage = stage),
          onRework: (used) => (seen.reworks = used),
        }),
        keep: (name, product) => {
          made[name] = product;
          publishing.keep(name, product);
        },
      },
    );
    seen.stage = 'PR';
    return publishing.publish(products, reworks);
  }

  function common() {
    const total = asking.total();
    return {
      run: order.run,
      base: order.ground.base.commit,
      base_tree: order.ground.base.tree,
      cost_usd: total.costUsd,
      first_try: order.earlierTries === 0,
      reworks: seen.reworks,
      served_by: [...total.servedBy],
      replayed: total.replayed.length === 0 ? null : total.replayed.includes('drifted') ? ('drifted' as const) : ('fresh' as const),
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
