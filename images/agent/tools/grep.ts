import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { clip } from '../../../orchestrator/protocol/fit.ts';
import type { Tree } from '../tree.ts';
import { placeOf, printable, realPathOf } from './jail.ts';
import { linesOf, readTextFile } from './text-file.ts';
import { ToolError, wordsFor } from './tool-error.ts';
import { withinTime } from './within-time.ts';

/**
 * Lines that a JavaScript regular expression matches, as `path:line: text`, in the text files under a folder or in one file (`under`
 * null: everywhere), in path order. Bounded in hits, bytes, files and time; links are not followed.
 */
export function grep(tree: Tree, pattern: string, under: string | null, maxMs = 3000): string {
  const expression = compile(pattern);
  const starts = under === null ? wholeTree(tree) : [under];
  const found: Found = { hits: [], bytes: 0, files: 0, full: false };
  const finished = withinTime(maxMs, () => {
    for (const start of starts) searchUnder(tree, start, expression, found);
  });
  const notice = !finished
    ? `… broken off after ${maxMs / 1000} s: use a simpler pattern or a smaller folder`
    : found.full
      ? `… stopped after ${found.hits.length} hits: use a narrower pattern or folder`
      : null;
  if (found.hits.length === 0) return notice ?? `no match in ${found.files} files`;
  return [...found.hits, ...(notice === null ? [] : [notice])].join('\n');
}

const MAX_HITS = 100;
const MAX_FILES = 20_000;
/** Of a line, this much is searched, and this much shown. */
const MAX_SEARCHED = 2000;
const MAX_SHOWN = 240;
/** Made by tools, never what a question is about. */
const SKIPPED = new Set(['.git', '.venv', 'node_modules', '__pycache__', '.mypy_cache', '.ruff_cache', '.pytest_cache']);

/** Filled while searching, so that what was found before a break is not lost. */
interface Found {
  readonly hits: string[];
  bytes: number;
  files: number;
  full: boolean;
}

function compile(pattern: string): RegExp {
  const ignoreCase = pattern.startsWith('(?i)');
  try {
    return new RegExp(ignoreCase ? pattern.slice(4) : pattern, ignoreCase ? 'i' : '');
  } catch (error) {
    throw new ToolError(`${error instanceof Error ? error.message : 'invalid pattern'} (a JavaScript regular expression is expected)`);
  }
}

function wholeTree(tree: Tree): string[] {
  const names = Object.keys(tree.roots).sort();
  return names.length > 1 ? names : ['.'];
}

function searchUnder(tree: Tree, start: string, expression: RegExp, found: Found): void {
  const place = placeOf(tree, start);
  const real = realPathOf(place);
  if (!statSync(real).isDirectory()) searchFile(tree, real, place.shown, expression, found);
  else searchFolder(tree, real, place.shown === '.' ? '' : `${place.shown}/`, expression, found);
}

function searchFolder(tree: Tree, folder: string, prefix: string, expression: RegExp, found: Found): void {
  const entries = readdirSync(folder, { withFileTypes: true }).sort(byName);
  for (const entry of entries) {
    if (found.full) return;
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) searchFolder(tree, path, `${prefix}${entry.name}/`, expression, found);
    if (entry.isFile()) searchFile(tree, path, prefix + entry.name, expression, found);
  }
}

function searchFile(tree: Tree, real: string, shown: string, expression: RegExp, found: Found): void {
  const text = textOrNull(real, tree.maxFileBytes);
  if (text === null) return;
  found.files += 1;
  for (const [index, line] of linesOf(text).entries()) {
    if (!expression.test(line.slice(0, MAX_SEARCHED))) continue;
    const hit = `${printable(shown)}:${index + 1}: ${line.length > MAX_SHOWN ? `${clip(line, MAX_SHOWN)} …` : line}`;
    found.bytes += Buffer.byteLength(hit) + 1;
    if (found.hits.length >= MAX_HITS || found.bytes > tree.maxReadBytes) {
      found.full = true;
      return;
    }
    found.hits.push(hit);
  }
  if (found.files >= MAX_FILES) found.full = true;
}

/** What is not text, too large or unreadable is not searched. */
function textOrNull(real: string, maxBytes: number): string | null {
  try {
    return readTextFile(real, maxBytes);
  } catch (error) {
    if (error instanceof ToolError || wordsFor(error) !== null) return null;
    throw error;
  }
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
