import type { Brief } from './brief.ts';
import type { FileTree } from './tree.ts';
import { readText } from './tree.ts';

/** Lines shown around a named range, so that a replacement finds its place. */
const MARGIN = 3;
/** A file this short is shown whole. */
const SHORT = 60;

interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * The brief as BUILD reads it, with the named lines of the base pasted in verbatim (without line numbers, so that they can be quoted in an
 * edit). Stops adding excerpts at `maxChars` and says which it left out.
 */
export function renderBrief(brief: Brief, base: FileTree, maxChars: number): string {
  const list = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`## ${title}`, ...lines.map((line) => `- ${line}`), ''];
  const notes = [
    ...list(
      'To edit',
      brief.edit.map(({ path, from, to, why }) => `${path}:${from}-${to} ${why}`),
    ),
    ...list(
      'To create',
      brief.create.map(({ path, why }) => `${path}: ${why}`),
    ),
    ...list(
      'To reuse',
      brief.reuse.map(({ name, path, from, to, how }) => `${name} (${path}:${from}-${to}): ${how}`),
    ),
    ...list('Conventions', brief.conventions),
    ...list(
      'Where code and Spec pull apart',
      brief.problems.map(({ about, path, line, what }) => `${about}, ${path}:${line}: ${what}`),
    ),
    ...list(
      'Base tests that this change supersedes',
      brief.superseded.map(({ test, by }) => `${test} (${by})`),
    ),
  ].join('\n');
  return `${notes}\n${renderExcerpts([...brief.edit, ...brief.reuse], base, maxChars)}`;
}

/** The named ranges of the base, merged by file, in path order. */
export function renderExcerpts(ranges: readonly { path: string; from: number; to: number }[], base: FileTree, maxChars: number): string {
  const paths = [...new Set(ranges.map(({ path }) => path))].sort();
  const shown: string[] = [];
  const left: string[] = [];
  let used = 0;
  for (const path of paths) {
    const text = readText(base, path);
    if (text === null) continue;
    const lines = text.replace(/\n$/, '').split('\n');
    const wanted =
      lines.length <= SHORT
        ? [{ from: 1, to: lines.length }]
        : merge(
            ranges.filter((range) => range.path === path),
            lines.length,
          );
    for (const { from, to } of wanted) {
      const excerpt = `## ${path} lines ${from}-${to} of ${lines.length}\n\`\`\`\n${lines.slice(from - 1, to).join('\n')}\n\`\`\`\n`;
      if (used + excerpt.length > maxChars) left.push(`${path}:${from}-${to}`);
      else {
        shown.push(excerpt);
        used += excerpt.length;
      }
    }
  }
  if (left.length > 0) shown.push(`(left out for length, read them if needed: ${left.join(', ')})\n`);
  return shown.join('\n');
}

function merge(ranges: readonly Range[], length: number): Range[] {
  const wide = ranges
    .map(({ from, to }) => ({ from: Math.max(1, from - MARGIN), to: Math.min(length, to + MARGIN) }))
    .sort((a, b) => a.from - b.from);
  const merged: Range[] = [];
  for (const range of wide) {
    const last = merged.at(-1);
    if (last !== undefined && range.from <= last.to + 1) merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    else merged.push(range);
  }
  return merged;
}
