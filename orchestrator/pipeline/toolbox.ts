import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { CodeCard } from '../domain/card.ts';
import { codeCardSchema } from '../domain/card.ts';
import { Failure } from '../domain/failure.ts';
import { type VariantRun, variantsToldSchema } from '../domain/hunks.ts';
import type { TestReport, ToolReport } from '../domain/report.ts';
import type { Stage } from '../domain/stage.ts';
import type { Change, FileEntry, FileTree } from '../domain/tree.ts';
import { filterTree, readText, textFile } from '../domain/tree.ts';
import { formatCheckCommand, formatCommands, mypyCommand, pytestCommand, ruffCommand, TYPE_CACHE } from '../gates/commands.ts';
import { parseCoverage } from '../gates/parse-coverage.ts';
import { parseFormatCheck } from '../gates/parse-format.ts';
import { parseJunit } from '../gates/parse-junit.ts';
import { parseMypy } from '../gates/parse-mypy.ts';
import { parseRuff } from '../gates/parse-ruff.ts';
import type { Containers } from './containers.ts';
import type { Ground } from './products.ts';
import { together } from './together.ts';
import type { Volume, Workspace } from './workspace.ts';

/** For whom a tool container runs: where its log goes and how it is counted. */
export interface OnBehalf {
  readonly stage: Stage | 'baseline';
  readonly attempt: number;
}

/**
 * The real tools, each run in a container of its own that holds no agent, on a copy of the tree it is given. Configuration and the list
 * of files come from the host; the exit code is the engine's.
 */
export interface Toolbox {
  /** ruff and ruff format on `lint`, mypy on `types`: three containers side by side. */
  validate(
    tree: FileTree,
    files: { readonly lint: readonly string[]; readonly types: readonly string[] },
    who: OnBehalf,
  ): Promise<ToolReport[]>;
  /** mypy over the base, slowly and once: what it leaves makes every later run of mypy quick (`useTypes`). */
  types(
    tree: FileTree,
    files: readonly string[],
    who: OnBehalf,
  ): Promise<{ readonly report: ToolReport; readonly cache: Uint8Array | null }>;
  useTypes(cache: Uint8Array): void;
  /** The tree with `files` formatted and safely fixed by ruff. */
  format(tree: FileTree, files: readonly string[], who: OnBehalf): Promise<FileTree>;
  /** pytest over exactly `files`, in this order; measured where coverage is wanted, which takes about twice as long. */
  test(tree: FileTree, files: readonly string[], who: OnBehalf, coverage: 'measured' | 'unmeasured'): Promise<TestReport>;
  /**
   * The head and variants of it, one after the other in one container: `files` on each in a fresh copy and process. A variant is a list of alternatives,
   * each the changes that lead to it from the head; the first alternative that parses is run.
   */
  variants(
    head: FileTree,
    variants: readonly (readonly (readonly Change[])[])[],
    files: readonly string[],
    who: OnBehalf,
  ): Promise<VariantRun[]>;
  /** What the AST and the app itself say. */
  card(tree: FileTree, who: OnBehalf): Promise<CodeCard>;
}

export interface ToolboxOptions {
  readonly containers: Containers;
  readonly workspace: Workspace;
  readonly ground: Ground;
  /** Tool configuration made from the base commit, by file name. */
  readonly config: FileTree;
  readonly plugins: readonly string[];
}

export function openToolbox({ containers, workspace, ground, config, plugins }: ToolboxOptions): Toolbox {
  const { layout } = ground;
  let typeCache: Uint8Array | null = null;

  /** The tree and the host's files beside each other, as tool containers find them: `/w/tree` and `/w/gate`. */
  const beside = (tree: FileTree, more: FileTree = new Map()): FileTree =>
    new Map([...under('tree', tree), ...under('gate', new Map([...config, ...more]))]);

  /** One volume with these files, for as long as it is used. */
  async function withFiles<T>(tree: FileTree, purpose: string, use: (volume: Volume) => Promise<T>): Promise<T> {
    const volume = await workspace.volume({ purpose, tree, folders: ['tree', 'gate'], sizeFrom: 'validate' });
    try {
      const result = await use(volume);
      // A volume whose holder died is an empty folder to whoever mounts it: what was said of it is worth nothing.
      volume.assertHeld();
      return result;
    } finally {
      await volume.dispose();
    }
  }

  async function validate(
    tree: FileTree,
    files: { lint: readonly string[]; types: readonly string[] },
    who: OnBehalf,
  ): Promise<ToolReport[]> {
    const cache: [string, FileEntry][] = typeCache === null ? [] : [[TYPE_CACHE, { mode: '100644', content: typeCache }]];
    return withFiles(beside(tree, new Map(cache)), 'tree', (volume) => {
      const tool = async (command: readonly string[], parse: (stdout: string, stderr: string, exitCode: number) => ToolReport) => {
        const began = Date.now();
        const { exit, stdout, stderr } = await containers.run({
          ...who,
          kind: 'validate',
          command,
          volumes: { tree: volume.name },
          testsFolder: null,
          workdir: '/w/tree',
          stdin: false,
        });
        return { ...parse(stdout, stderr, exit.code), ms: Date.now() - began };
      };
      return together([
        ...(files.lint.length === 0
          ? []
          : [tool(ruffCommand(files.lint), parseRuff), tool(formatCheckCommand(files.lint), parseFormatCheck)]),
        ...(files.types.length === 0 ? [] : [tool(mypyCommand(files.types, typeCache === null ? 'none' : 'read'), parseMypy)]),
      ]);
    });
  }

  async function types(tree: FileTree, files: readonly string[], who: OnBehalf): Promise<{ report: ToolReport; cache: Uint8Array | null }> {
    return withFiles(beside(tree), 'types', async (volume) => {
      const { exit, stdout, stderr } = await containers.run({
        ...who,
        kind: 'format',
        command: mypyCommand(files, 'make'),
        volumes: { tree: volume.name },
        testsFolder: null,
        workdir: '/w/tree',
        stdin: false,
      });
      const report = parseMypy(stdout, stderr, exit.code);
      const left = await volume.export({ base: new Map(), folder: 'gate' });
      return { report, cache: left.get(TYPE_CACHE)?.content ?? null };
    });
  }

  async function format(tree: FileTree, files: readonly string[], who: OnBehalf): Promise<FileTree> {
    if (files.length === 0) return tree;
    return withFiles(beside(tree), 'format', async (volume) => {
      for (const command of formatCommands(files)) {
        const { exit, stderr } = await containers.run({
          ...who,
          kind: 'format',
          command,
          volumes: { tree: volume.name },
          testsFolder: null,
          workdir: '/w/tree',
          stdin: false,
        });
        // 1: findings are left that no safe fix mends; they are VALIDATE's to report. 2: it could not read a file, likewise.
        if (exit.code > 2) throw new Failure('engine_failed', `ruff ended with ${exit.code} while formatting: ${stderr.slice(0, 300)}`);
      }
      const exported = await volume.export({ base: beside(tree) });
      // Only the files that were to be formatted are taken back.
      const formatted = new Map(tree);
      for (const path of files) {
        const entry = exported.get(`tree/${path}`);
        if (entry !== undefined && tree.has(path)) formatted.set(path, entry);
      }
      return formatted;
    });
  }

  async function test(tree: FileTree, files: readonly string[], who: OnBehalf, coverage: 'measured' | 'unmeasured'): Promise<TestReport> {
    return withFiles(beside(tree), 'tree', (treeVolume) =>
      withOut(async (out) => {
        const began = Date.now();
        const { exit, stdout, stderr } = await containers.run({
          ...who,
          kind: 'test-running',
          command: [
            '/opt/venv/bin/python',
            '/opt/gate/run_pytest.py',
            ...pytestCommand({ files, plugins, coverageSources: coverage === 'measured' ? layout.sources : [] }),
          ],
          volumes: { tree: treeVolume.name, out: out.name },
          testsFolder: null,
          stdin: false,
        });
        const ms = Date.now() - began;
        const reports = await out.export({ base: new Map() });
        const junit = parseJunit(readText(reports, 'junit.xml') ?? '', files);
        return {
          exitCode: exit.code,
          tests: junit?.tests ?? null,
          collectionErrors: junit?.collectionErrors ?? [],
          output: tail(`${stdout}\n${stderr}`, 6_000),
          coverage: parseCoverage(readText(reports, 'coverage.json') ?? ''),
          ms,
        };
      }),
    );
  }

  async function variants(
    head: FileTree,
    list: readonly (readonly (readonly Change[])[])[],
    files: readonly string[],
    who: OnBehalf,
  ): Promise<VariantRun[]> {
    return withFiles(beside(head, planned(list)), 'tree', (treeVolume) =>
      withOut(async (out) => {
        await containers.run({
          ...who,
          kind: 'test-running',
          command: [
            '/opt/venv/bin/python',
            '/opt/gate/run_variants.py',
            String(VARIANTS_S),
            ...pytestCommand({ files, plugins, coverageSources: [], traceback: false }),
          ],
          volumes: { tree: treeVolume.name, out: out.name },
          testsFolder: null,
          stdin: false,
        });
        const reports = await out.export({ base: new Map() });
        const told = variantsToldSchema.safeParse(parseJson(readText(reports, 'variants.json') ?? ''));
        return (told.success ? told.data : []).map(({ state, alternative, exit, ms }, i): VariantRun => {
          const junit = parseJunit(readText(reports, `${i}.xml`) ?? '', files);
          const report = { exitCode: exit ?? -1, tests: junit?.tests ?? null, collectionErrors: junit?.collectionErrors ?? [] };
          return { state, alternative, ms, report: exit === null ? null : { ...report, output: '', coverage: null } };
        });
      }),
    );
  }

  async function card(tree: FileTree, who: OnBehalf): Promise<CodeCard> {
    return withFiles(beside(tree), 'tree', (treeVolume) =>
      withOut(async (out) => {
        const { exit, stderr } = await containers.run({
          ...who,
          kind: 'card',
          command: ['/opt/venv/bin/python', '/opt/gate/card.py'],
          volumes: { tree: treeVolume.name, out: out.name },
          testsFolder: null,
          stdin: false,
        });
        const printed = readText(await out.export({ base: new Map() }), 'card.json');
        if (exit.code !== 0 || printed === null)
          throw new Failure('target_unsupported', `the target could not be read: ${stderr.slice(-500)}`);
        const parsed = codeCardSchema.safeParse(parseJson(printed));
        if (!parsed.success)
          throw new Failure('target_unsupported', `the target's card is not as expected: ${z.prettifyError(parsed.error).slice(0, 500)}`);
        return parsed.data;
      }),
    );
  }

  async function withOut<T>(use: (out: Volume) => Promise<T>): Promise<T> {
    const out = await workspace.volume({ purpose: 'out', sizeFrom: 'test-running' });
    try {
      return await use(out);
    } finally {
      await out.dispose();
    }
  }

  const useTypes = (cache: Uint8Array) => {
    typeCache = cache;
  };

  return { validate, types, useTypes, format, test, variants, card };
}

/** Seconds for all variants together: well below what the policy gives the container, so that it tells what it has. */
const VARIANTS_S = 420;

/** The head itself and the variants, as the container reads them. */
function planned(list: readonly (readonly (readonly Change[])[])[]): FileTree {
  const files = new Map<string, FileEntry>();
  const plan = [[[]], ...list].map((alternatives) =>
    alternatives.map((changes: readonly Change[]) =>
      changes.map(({ path, after }) => {
        if (after === null) return { path, file: null };
        const file = createHash('sha256').update(after.content).digest('hex').slice(0, 24);
        files.set(`variants/${file}`, { mode: '100644', content: after.content });
        return { path, file };
      }),
    ),
  );
  return new Map([...files, ['variants.json', textFile(JSON.stringify(plan))]]);
}

/** Python files of a tree, as the list the tools get. */
export function pythonFiles(tree: FileTree): string[] {
  return [...filterTree(tree, (path) => path.endsWith('.py')).entries()]
    .filter(([, entry]) => entry.mode !== '120000')
    .map(([path]) => path)
    .sort();
}

function under(folder: string, tree: FileTree): FileTree {
  return new Map([...tree].map(([path, entry]) => [`${folder}/${path}`, entry]));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function tail(text: string, max: number): string {
  return text.length <= max ? text : `…${text.slice(-max)}`;
}
