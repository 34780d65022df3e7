import { randomBytes, randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../../orchestrator/adapters/engine/docker/connect.ts';
import { dockerEngine } from '../../orchestrator/adapters/engine/docker/docker.ts';
import { gitRepository } from '../../orchestrator/adapters/workspace/git/index.ts';
import { loadPolicies } from '../../orchestrator/cli/policies.ts';
import type { FailureCode } from '../../orchestrator/domain/failure.ts';
import { detectLayout } from '../../orchestrator/domain/layout.ts';
import type { Baseline, TestReport, ToolReport } from '../../orchestrator/domain/report.ts';
import { CONTAINER_KINDS } from '../../orchestrator/domain/stage.ts';
import type { Base } from '../../orchestrator/domain/target.ts';
import type { Change } from '../../orchestrator/domain/tree.ts';
import type { Fact } from '../../orchestrator/domain/verdict.ts';
import { gateConfig, pluginsOf } from '../../orchestrator/gates/config.ts';
import { criteriaOfTests } from '../../orchestrator/gates/criteria-of-tests.ts';
import { takeBaseline } from '../../orchestrator/pipeline/baseline.ts';
import { openContainers } from '../../orchestrator/pipeline/containers.ts';
import { hunkGate } from '../../orchestrator/pipeline/hunk-gate.ts';
import type { Ground, WrittenTests } from '../../orchestrator/pipeline/products.ts';
import { sourceGate } from '../../orchestrator/pipeline/source-gate.ts';
import { testGate } from '../../orchestrator/pipeline/test-gate.ts';
import { openToolbox, type Toolbox } from '../../orchestrator/pipeline/toolbox.ts';
import { openWorkspace, type Workspace } from '../../orchestrator/pipeline/workspace.ts';
import type { Engine } from '../../orchestrator/ports/engine.ts';
import { fingerprint, smallTarget } from '../docker/line/small-target.ts';
import { imageFor } from '../docker/stage-images.ts';
import { criterion, spec } from '../unit/gates/support.ts';
import { type Naive, openNaive } from './naive.ts';
import { BASE, changesOf, type Files, headOf, treeOf } from './target.ts';

/** The real engine, images, policies, tools and gates, for attacks that need them. */
export interface Bench {
  readonly engine: Engine;
  readonly workspace: Workspace;
  readonly naive: Naive;
  readonly run: string;
  /** A user's repository: nothing here may change it. */
  readonly repository: { readonly directory: string; fingerprint(): string };
  /** The tools as the line has them on this base. */
  toolbox(base?: Files): Toolbox;
  baseline(base?: Files): Promise<Baseline>;
  /** VALIDATE on these changes to the base: `tools` asks ruff and mypy too, else they are taken as content. */
  source(changes: readonly Change[], more?: { base?: Files; installed?: readonly string[]; tools?: boolean }): Promise<readonly Fact[]>;
  /** The gate on what TEST's writer hands over, as far as paths and texts decide. */
  written(changes: readonly Change[], base?: Files): Promise<readonly Fact[]>;
  /** TEST, running, on this change: all its facts. VALIDATE's are taken as held, so that nothing else stops the attack first. */
  test(attack: { source?: Files; tests?: Files; base?: Files }): Promise<{ readonly facts: readonly Fact[]; readonly report: TestReport }>;
  /** Each hunk of a change taken out in turn: what nobody asked for. */
  hunks(source: Files, tests: Files): Promise<readonly Fact[]>;
  /** What is on the engine of this bench. */
  left(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const WHO = { stage: 'TEST', attempt: 1 } as const;
const CLEAN: readonly ToolReport[] = (['ruff', 'format', 'mypy'] as const).map((tool) => ({ tool, exitCode: 0, findings: [], output: '' }));

const CONTENT: Baseline = { passed: [], failed: [], flaky: [], coverage: null, findings: [], unformatted: [], ms: 0, kept: false };
const NOTHING_RAN: TestReport = { exitCode: 5, tests: [], collectionErrors: [], output: '', coverage: null };

export async function openBench(): Promise<Bench> {
  const { docker, endpoint } = await connect({ env: process.env });
  const engine = dockerEngine(docker, endpoint);
  const { policies, seccomp, protectedList } = loadPolicies(join(import.meta.dirname, '../../policies'));
  const run = `hostile-${randomBytes(4).toString('hex')}`;
  const entries = await Promise.all(CONTAINER_KINDS.map(async (kind) => [kind, { reference: await imageFor(kind), id: '' }] as const));
  const images = Object.fromEntries(entries) as Record<(typeof CONTAINER_KINDS)[number], { reference: string; id: string }>;
  const records = { folder: '', write() {}, writeJson() {}, append() {}, read: () => null };
  const trace = { write() {}, head: () => '' };
  const containers = openContainers({ engine, policies, seccomp, images, records, trace, run, signal: new AbortController().signal });
  const workspace = openWorkspace({ engine, holderImage: images.holder.reference, policies, seccomp, run, nextSeq: containers.nextSeq });
  const directory = smallTarget();
  const repository = gitRepository();
  const base: Base = await repository.pin({ directory, target: null, base: null });
  const naive = openNaive(images['test-running'].reference);
  const baselines = new Map<string, Promise<Baseline>>();

  const groundOf = (files: Files): Ground => ({
    base,
    tree: treeOf(files),
    layout: detectLayout(Object.keys(files)),
    protection: { list: protectedList, add: [], allow: [] },
  });
  const toolbox = (files: Files = BASE): Toolbox => {
    const ground = groundOf(files);
    return openToolbox({ containers, workspace, ground, config: gateConfig(ground.tree, ground.layout), plugins: pluginsOf(ground.tree) });
  };
  const baseline = (files: Files = BASE): Promise<Baseline> => {
    const key = JSON.stringify(files);
    const taken =
      baselines.get(key) ??
      takeBaseline(toolbox(files), groundOf(files), { get: () => null, put() {}, getBytes: () => null, putBytes() {} }, key);
    baselines.set(key, taken);
    return taken;
  };

  return {
    engine,
    workspace,
    naive,
    run,
    repository: { directory, fingerprint: () => fingerprint(directory) },
    toolbox,
    baseline,
    async source(changes, { base: files = BASE, installed = [], tools = false } = {}) {
      const real = toolbox(files);
      const gate = sourceGate(tools ? real : { ...real, validate: async () => [...CLEAN] });
      return gate.validate({ ground: groundOf(files), baseline: CONTENT, source: changes, card: { installed: [...installed] }, who: WHO });
    },
    async written(changes, files = BASE) {
      const silent: Toolbox = { ...toolbox(files), validate: async () => [...CLEAN], test: async () => NOTHING_RAN };
      const gate = testGate(silent, repository, Math.random);
      const compiled = { path: 'tests/test_spec.py', content: '', tests: [], prose: [] };
      const planned = { spec: spec([criterion('C1')]), compiled, amended: null };
      const { facts } = await gate.onBase({ ground: groundOf(files), baseline: CONTENT, planned, changes, superseded: [], who: WHO });
      return facts;
    },
    async test({ source = {}, tests = {}, base: files = BASE }) {
      const ground = groundOf(files);
      // The base's own configuration has no say, so one baseline fits all of them.
      const before = await baseline();
      const changes = changesOf(files, { ...files, ...tests });
      const citing = criteriaOfTests(Object.entries(tests).map(([path, content]) => ({ path, content })));
      const written: WrittenTests = {
        changes,
        onBase: new Map(),
        criteria: new Map(citing.tests.map(({ id, criteria }) => [id, criteria])),
        facts: [],
      };
      const gate = testGate({ ...toolbox(files), validate: async () => [...CLEAN] }, repository, () => randomInt(2 ** 32) / 2 ** 32);
      return gate.onHead({
        ground,
        baseline: before,
        head: treeOf(headOf(files, source, tests)),
        tests: written,
        superseded: [],
        interface: ['prices.sums:average'],
        who: WHO,
      });
    },
    async hunks(source, tests) {
      const citing = criteriaOfTests(Object.entries(tests).map(([path, content]) => ({ path, content })));
      const { facts } = await hunkGate(toolbox(), repository).takeOut({
        ground: groundOf(BASE),
        card: { files: [], fixtures: [], outline: [], routes: { unavailable: 'no app' }, readmeHead: '', dependencies: [] },
        request: 'Add a function average to prices.sums.',
        spec: spec([criterion('C1')], { interface: ['prices.sums:average'] }),
        source: changesOf(BASE, { ...BASE, ...source }),
        tests: {
          changes: changesOf(BASE, { ...BASE, ...tests }),
          onBase: new Map(citing.tests.map(({ id }) => [id, 'red'])),
          criteria: new Map(citing.tests.map(({ id, criteria }) => [id, criteria])),
          facts: [],
        },
        head: treeOf(headOf(source, tests)),
        who: WHO,
      });
      return facts;
    },
    left: () => engine.list({ 'factory.run': run }),
    async close() {
      rmSync(directory, { recursive: true, force: true });
      naive.close();
      await containers.close();
      await workspace.dispose();
      await engine.sweep({ 'factory.run': run });
    },
  };
}

/** The code of the first fact that does not hold; null when all do. */
export function codeOf(facts: readonly Fact[]): FailureCode | null {
  const broken = facts.find(({ holds }) => !holds);
  return broken === undefined ? null : ((broken.code ?? 'bug') as FailureCode);
}
