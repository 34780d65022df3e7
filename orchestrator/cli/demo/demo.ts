import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyPatch } from '../../adapters/workspace/git/apply.ts';
import { gitRepository } from '../../adapters/workspace/git/index.ts';
import type { RunResult } from '../../domain/run.ts';
import { diffTrees } from '../../domain/tree.ts';
import { together } from '../../pipeline/together.ts';
import { newRunId } from '../run-id.ts';
import type { ReadSettings } from '../settings.ts';
import { factoryRoot } from '../setup/root.ts';
import { openKeptRun } from '../verify/kept-run.ts';
import { verifyRun } from '../verify/verify.ts';
import { benchRunId, openWorkbench, SILENT, type Workbench } from '../verify/workbench.ts';
import { type DemoBuild, type DemoData, readDemo } from './data.ts';
import { type NaiveRun, naiveRuns } from './naive.ts';
import type { DemoRefusal, DemoRow } from './table.ts';

export interface DemoOptions {
  readonly settings: ReadSettings;
  readonly dockerHost?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
  /** Lines that are at work at the same time; the naive runner is beside them. */
  readonly atOnce: number;
}

export interface DemoEnd {
  readonly rows: readonly DemoRow[];
  readonly refusals: readonly DemoRefusal[];
  /** Where the honest run's folder and the repository with its branch are. */
  readonly folder: string;
  readonly run: string | null;
}

/**
 * One request and four BUILDs that are kept as data, each before a naive runner and down the line; then one byte of the honest run changed, and
 * verify asked. No model and no network; all of it happens in `.cache/demo`.
 */
export async function runDemo(options: DemoOptions): Promise<DemoEnd> {
  const root = factoryRoot();
  const data = readDemo(join(root, 'runs', 'demo'));
  const folder = join(root, '.cache', 'demo');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const clone = join(folder, 'repository');
  execFileSync('git', ['clone', '--quiet', '--no-checkout', root, clone], { stdio: 'pipe' });
  const base = await gitRepository({ environment: options.env }).pin({ directory: clone, target: data.target, base: data.base });
  const bench = await openWorkbench({ ...options, base });
  try {
    const lines = data.builds.map((build) => () => line(bench, data, build, folder, options));
    const [naives, ended] = await together([naive(bench, data, options), inPool(lines, options.atOnce)]);
    const rows = data.builds.map((build, i) => {
      const { result, held } = ended[i] as LineEnd;
      return { build, naive: naives[i] as NaiveRun, factory: whatBecameOf(result, held) };
    });
    const honest = ended.find(({ result }) => result.outcome === 'pr')?.result.run ?? null;
    const refusals = honest === null ? [] : await refusalsOf(join(folder, 'runs', honest), folder, clone, options);
    return { rows, refusals, folder, run: honest };
  } finally {
    bench.close();
  }
}

interface LineEnd {
  readonly result: RunResult;
  /** What TEST said of it, where it came so far. */
  readonly held: string | null;
}

async function treeOf(bench: Workbench, data: DemoData, build: DemoBuild, env: NodeJS.ProcessEnv) {
  const { base, tree } = bench.ground;
  const withSource = await applyPatch(base, tree, { name: `${build.name}/source.patch`, text: build.sourcePatch }, env);
  const withTests = await applyPatch(base, withSource, { name: 'tests.patch', text: data.testsPatch }, env);
  return { tree, withSource, withTests };
}

async function naive(bench: Workbench, data: DemoData, { env, note, signal }: DemoOptions): Promise<NaiveRun[]> {
  const trees = await Promise.all(data.builds.map(async (build) => (await treeOf(bench, data, build, env)).withTests));
  const ended = await naiveRuns(bench.docker, { image: bench.images.validate.reference, run: benchRunId('demo'), trees, signal });
  note(`naive runner: ${ended.map(({ green, exitCode }) => (green ? 'green' : `red, exit code ${exitCode}`)).join(', ')}`);
  return ended;
}

async function line(bench: Workbench, data: DemoData, build: DemoBuild, folder: string, { env, note }: DemoOptions): Promise<LineEnd> {
  const { tree, withSource, withTests } = await treeOf(bench, data, build, env);
  const run = newRunId(data.request, join(folder, 'runs'));
  let held: string | null = null;
  const result = await bench.run({
    run,
    folder: join(folder, 'runs', run),
    request: data.request,
    spec: data.spec,
    given: {
      brief: data.brief,
      source: diffTrees(tree, withSource),
      tests: diffTrees(withSource, withTests),
      review: data.review,
    },
    upTo: 'PR',
    branch: 'made',
    progress: {
      ...SILENT,
      end({ stage, ok, text }) {
        if (stage === 'TEST' && ok) held = text;
      },
    },
  });
  note(`factory: ${build.title}: ${result.code ?? result.branch}`);
  return { result, held };
}

function whatBecameOf({ outcome, branch, code, reason, jail }: RunResult, held: string | null): DemoRow['factory'] {
  if (outcome === 'pr') return { pr: branch, code: null, why: [held, jail].filter((said) => said !== null).join('; ') };
  return { pr: null, code, why: (reason ?? '').split('\n')[0] ?? '' };
}

/** Each in the order given, so many at a time. */
async function inPool<T>(works: readonly (() => Promise<T>)[], atOnce: number): Promise<T[]> {
  const waiting = [...works.entries()];
  const done: T[] = [];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) done[next[0]] = await next[1]();
  };
  await together(Array.from({ length: atOnce }, worker));
  return done;
}

/** One byte in the middle of a file, each in a copy of its own. */
async function refusalsOf(run: string, folder: string, clone: string, options: DemoOptions): Promise<DemoRefusal[]> {
  const refusals: DemoRefusal[] = [];
  const changed = [
    ['trace.jsonl', /[0-8]/],
    ['change.patch', /[a-y]/],
  ] as const;
  for (const [file, of] of changed) {
    const copy = join(folder, 'changed', file.replace('.', '-'));
    cpSync(run, copy, { recursive: true });
    changeOneByte(join(copy, file), of);
    const { env, settings, dockerHost, signal } = options;
    const report = await verifyRun(openKeptRun(copy, folder), {
      directory: clone,
      settings,
      dockerHost,
      env,
      signal,
      quick: false,
      progress: SILENT,
    });
    const wrong = report.checks.filter(({ ok }) => ok === false);
    refusals.push({
      changed: file,
      code: wrong.length === 0 ? null : 'verify_mismatch',
      says: wrong.map(({ what, says }) => `${what}: ${says}`).join('; ') || 'nothing was found',
    });
  }
  return refusals;
}

/** The first of these characters in the second half of a file becomes its neighbour: the file stays text, and as long as it was. */
function changeOneByte(path: string, of: RegExp): void {
  const bytes = readFileSync(path);
  let at = Math.floor(bytes.length / 2);
  while (!of.test(String.fromCharCode(bytes[at] ?? 0))) at += 1;
  bytes[at] = (bytes[at] ?? 0) + 1;
  writeFileSync(path, bytes);
}
