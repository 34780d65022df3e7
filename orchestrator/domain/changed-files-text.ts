import type { FileTree } from './tree.ts';
import { readText } from './tree.ts';

/** A file up to this many lines is shown; a longer one is named. */
const SHORT = 250;

/** These files of a tree with line numbers, as REVIEW cites them; long ones are named, and so are those that would pass `maxChars`. */
export function renderChangedFiles(paths: readonly string[], tree: FileTree, maxChars: number): string {
  const shown: string[] = [];
  const left: string[] = [];
  let used = 0;
  for (const path of paths) {
    const text = readText(tree, path);
    if (text === null) continue;
    const lines = text.replace(/\n$/, '').split('\n');
    const block = `## head/${path}\n${lines.map((line, i) => `${i + 1} ${line}`).join('\n')}\n`;
    if (lines.length > SHORT || used + block.length > maxChars) left.push(`head/${path} (${lines.length} lines)`);
    else {
      shown.push(block);
      used += block.length;
    }
  }
  if (left.length > 0) shown.push(`(not shown for length: ${left.join(', ')})\n`);
  return shown.join('\n') || '(none)';
}
