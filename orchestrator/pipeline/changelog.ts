import { addChangelogLine } from '../domain/changelog.ts';
import type { Spec } from '../domain/spec.ts';
import type { TargetLayout } from '../domain/target.ts';
import { type FileTree, readText, textFile } from '../domain/tree.ts';

/** The tree with the Spec's changelog line added; made by the host alone, before REVIEW sees the diff. */
export function withChangelog(tree: FileTree, spec: Spec, layout: TargetLayout): FileTree {
  const path = layout.changelog ?? 'CHANGELOG.md';
  return new Map([...tree, [path, textFile(addChangelogLine(readText(tree, path), spec.changelog))]]);
}
