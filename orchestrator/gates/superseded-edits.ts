import type { FileEntry } from '../domain/tree.ts';
import { testFunctions } from './test-functions.ts';

/**
 * Whether a test file differs in nothing but the functions of superseded tests (rewritten or taken out) and imports that nobody needs any
 * more. `superseded` are names inside the file: `test_y`, `TestA::test_y`.
 */
export function keepsOtherTests(before: FileEntry, after: FileEntry, superseded: readonly string[]): boolean {
  const old = remainder(before, superseded);
  const now = remainder(after, superseded);
  const stillImported = new Set(now.filter(isImport));
  const oldWithoutDropped = old.filter((line) => !isImport(line) || stillImported.has(line));
  return oldWithoutDropped.length === now.length && oldWithoutDropped.every((line, i) => line === now[i]);
}

/** The lines outside of the superseded tests, blank ones left out. */
function remainder({ content }: FileEntry, superseded: readonly string[]): string[] {
  const text = new TextDecoder().decode(content);
  const ranges = testFunctions(text).filter(({ name }) => superseded.includes(name));
  return text
    .split('\n')
    .filter((_, i) => !ranges.some(({ from, to }) => from <= i + 1 && i + 1 <= to))
    .filter((line) => line.trim() !== '');
}

function isImport(line: string): boolean {
  return /^(?:import|from)\s/.test(line);
}
