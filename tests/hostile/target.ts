import type { Change, FileTree } from '../../orchestrator/domain/tree.ts';
import { diffTrees, textFile } from '../../orchestrator/domain/tree.ts';

/** Files by path, as text. */
export type Files = Readonly<Record<string, string>>;

const SUMS = '"""Sums of prices."""\n\n\ndef total(prices: list[int]) -> int:\n    """The sum of all prices."""\n    return sum(prices)\n';

/** The target that every attack is made on: two functions, two tests. */
export const BASE: Files = {
  'pyproject.toml':
    '[project]\nname = "prices"\nversion = "0.1.0"\nrequires-python = ">=3.11"\ndependencies = []\n\n[tool.mypy]\nstrict = true\n\n[tool.ruff.lint]\nselect = ["E", "F", "I"]\n',
  'README.md': '# Prices\n\nArithmetic on lists of prices in cents.\n',
  'CHANGELOG.md': '# Changelog\n\n## [Unreleased]\n',
  'prices/__init__.py': '',
  'prices/sums.py': SUMS,
  'tests/test_sums.py':
    'from prices.sums import total\n\n\ndef test_total_adds_up() -> None:\n    assert total([1, 2, 3]) == 6\n\n\ndef test_total_of_nothing_is_zero() -> None:\n    assert total([]) == 0\n',
};

const average = (body: string) =>
  `${SUMS}\n\ndef average(prices: list[int]) -> int:\n    """The mean of the prices, rounded down."""\n    ${body}\n`;

/** The change that was asked for. */
export const RIGHT: Files = { 'prices/sums.py': average('return total(prices) // len(prices) if prices else 0') };
/** The same with a wrong value, and with `total` broken besides: tests of the base and new ones notice. */
export const WRONG: Files = { 'prices/sums.py': average('return 7').replace('return sum(prices)', 'return sum(prices) + 1') };

/** The honest test of the change, red on the base. */
export const TESTS: Files = {
  'tests/test_average.py':
    'def test_average_rounds_down() -> None:\n    """A mean between two cents is the lower one.\n\n    Criteria: C1\n    """\n    from prices.sums import average\n\n    assert average([1, 2]) == 1\n    assert average([]) == 0\n',
};

export function treeOf(files: Files): FileTree {
  return new Map(Object.entries(files).map(([path, text]) => [path, textFile(text)]));
}

/** The base with these files laid over it. */
export function headOf(...laid: readonly Files[]): Files {
  return Object.assign({}, BASE, ...laid) as Files;
}

export function changesOf(from: Files, to: Files): Change[] {
  return diffTrees(treeOf(from), treeOf(to));
}
