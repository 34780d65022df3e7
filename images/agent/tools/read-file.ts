import { clip } from '../../../orchestrator/protocol/fit.ts';
import type { Tree } from '../tree.ts';
import { placeOf, realPathOf } from './jail.ts';
import { lineEndsOf, linesOf, readTextFile } from './text-file.ts';
import { ToolError } from './tool-error.ts';

/**
 * The lines `from` to `to` (1-based, inclusive; `to` null: the end) of a file, each as `number| text`, under a headline that says how
 * many there are. Cut at the tree's read cap, saying so and where to go on.
 */
export function readFile(tree: Tree, path: string, from: number, to: number | null): string {
  const place = placeOf(tree, path);
  const text = readTextFile(realPathOf(place), tree.maxFileBytes);
  const lines = linesOf(text);
  if (lines.length === 0) return `${place.shown} is empty`;
  if (from > lines.length) throw new ToolError(`${place.shown} has only ${lines.length} lines`);
  if (to !== null && to < from) throw new ToolError('`to` is before `from`');
  const last = Math.min(to ?? lines.length, lines.length);
  const shown = within(tree.maxReadBytes, lines.slice(from - 1, last), from);
  const end = from + shown.length - 1;
  const crlf = lineEndsOf(text) === 'crlf' ? ', CRLF line ends' : '';
  const cut = end < last ? `\n… truncated, ${lines.length} lines in all: ask for a range, from ${end + 1}` : '';
  return `${place.shown}, lines ${from} to ${end} of ${lines.length}${crlf}\n${shown.join('\n')}${cut}`;
}

/** A longer line is shown cut. */
const MAX_LINE = 2000;

/** As many numbered lines as `maxBytes` hold; at least one. */
function within(maxBytes: number, lines: readonly string[], from: number): string[] {
  const shown: string[] = [];
  let bytes = 0;
  for (const [index, line] of lines.entries()) {
    const numbered = `${from + index}| ${line.length > MAX_LINE ? `${clip(line, MAX_LINE)} … (${line.length} characters, cut)` : line}`;
    bytes += Buffer.byteLength(numbered) + 1;
    if (bytes > maxBytes && shown.length > 0) break;
    shown.push(numbered);
  }
  return shown;
}
