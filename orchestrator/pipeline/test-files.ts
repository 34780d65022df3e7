import type { TargetLayout } from '../domain/target.ts';
import type { FileTree } from '../domain/tree.ts';

/** Whether pytest would collect this file by its default naming, inside the target's tests. */
export function isTestFile(path: string, layout: TargetLayout): boolean {
  const name = path.split('/').at(-1) ?? '';
  const inside = layout.tests === null || path.startsWith(`${layout.tests}/`);
  return inside && (/^test_.*\.py$/.test(name) || /_test\.py$/.test(name));
}

/** The host's list of test files of a tree, sorted. */
export function testFilesOf(tree: FileTree, layout: TargetLayout): string[] {
  return [...tree.keys()].filter((path) => isTestFile(path, layout)).sort();
}

/** Whether a path belongs to the tests and not to the source. */
export function belongsToTests(path: string, layout: TargetLayout): boolean {
  return layout.tests === null
    ? isTestFile(path, layout) || path.endsWith('conftest.py')
    : path === layout.tests || path.startsWith(`${layout.tests}/`);
}
