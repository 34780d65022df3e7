import type { TargetCard } from '../domain/card.ts';
import type { Baseline, TestReport } from '../domain/report.ts';
import { applyChanges, type Change, type FileTree } from '../domain/tree.ts';
import type { Fact } from '../domain/verdict.ts';
import { protectedPathFact } from '../gates/protected-paths.ts';
import { suppressionFact } from '../gates/suppressions.ts';
import { isCoveredByAny } from '../gates/test-ids.ts';
import { validateFacts } from '../gates/validate.ts';
import { broken, wordsOfFacts } from './facts-words.ts';
import type { Ground, Planned } from './products.ts';
import { testFilesOf } from './test-files.ts';
import { together } from './together.ts';
import { type OnBehalf, pythonFiles, type Toolbox } from './toolbox.ts';

export interface SourceInput {
  readonly ground: Ground;
  readonly baseline: Baseline;
  readonly source: readonly Change[];
  /** Of the card, the modules that the tool images hold. */
  readonly card: Pick<TargetCard, 'installed'>;
  readonly who: OnBehalf;
}

/** Judges a source patch with the real tools. */
export interface SourceGate {
  /** What VALIDATE decides: ruff, format, mypy, no suppression added, only allowed paths. */
  validate(input: SourceInput): Promise<Fact[]>;
  /** What BUILD may ask before it hands over: the same, and the base's tests with the Spec's compiled examples. null: nothing found. */
  check(input: SourceInput & { readonly planned: Planned; readonly superseded: readonly string[] }): Promise<string | null>;
}

export function sourceGate(toolbox: Toolbox): SourceGate {
  async function validate({ ground, baseline, source, card, who }: SourceInput): Promise<Fact[]> {
    const paths = protectedPathFact(source, {
      role: 'source',
      layout: ground.layout,
      protection: ground.protection,
      installed: card.installed ?? [],
    });
    if (!paths.holds) return [paths];
    const head = applyChanges(ground.tree, source);
    const files = pythonFiles(head);
    const reports = await toolbox.validate(head, { lint: files, types: files }, who);
    return [paths, ...validateFacts({ reports, baseline }), suppressionFact(source, ground.layout)];
  }

  return {
    validate,
    async check(input) {
      const { ground, baseline, source, planned, superseded, who } = input;
      const head = withCompiled(applyChanges(ground.tree, source), planned);
      const [facts, report] = await together([validate(input), toolbox.test(head, testFilesOf(head, ground.layout), who, 'unmeasured')]);
      const words = [wordsOfFacts(broken(facts)), failures(report, [...baseline.flaky, ...superseded])].filter((text) => text !== '');
      return words.length === 0 ? null : words.join('\n\n');
    },
  };
}

/** A tree with the Spec's compiled examples among its tests. */
export function withCompiled(tree: FileTree, { compiled }: Planned): FileTree {
  if (compiled.tests.length === 0) return tree;
  return new Map([...tree, [compiled.path, { mode: '100644', content: new TextEncoder().encode(compiled.content) }]]);
}

const MOST_SHOWN = 8;
const DETAIL_CHARS = 1_200;

function failures(report: TestReport, ignored: readonly string[]): string {
  if (report.tests === null) return `The tests ended with exit code ${report.exitCode} and no report:\n${report.output.slice(-2_000)}`;
  const failed = report.tests.filter(({ outcome, id }) => (outcome === 'failed' || outcome === 'error') && !isCoveredByAny(id, ignored));
  const collection = report.collectionErrors.map(({ file, message }) => `${file} does not collect: ${message}`);
  const shown = failed
    .slice(0, MOST_SHOWN)
    .map(({ id, message, detail }) => `${id}\n${detail === '' ? message : detail.slice(-DETAIL_CHARS)}`);
  if (failed.length > shown.length)
    shown.push(
      `… and ${failed.length - shown.length} more: ${failed
        .slice(MOST_SHOWN)
        .map(({ id }) => id)
        .join(', ')
        .slice(0, 600)}`,
    );
  const all = [...collection, ...shown];
  return all.length === 0 ? '' : `Tests that fail on your change:\n${all.join('\n\n')}`;
}
