import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from 'vitest';
import type { Tree } from '../../../images/agent/tree.ts';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder with these files, gone after the test. */
export function temporaryFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'agent-')));
  made.push(folder);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** A tree with one root that holds these files. */
export function treeOf(files: Readonly<Record<string, string | Uint8Array>>, limits: Partial<Tree> = {}): Tree & { readonly work: string } {
  const work = temporaryFolder(files);
  return { roots: { work }, work, maxReadBytes: 20_000, maxFileBytes: 100_000, writeUnder: null, ...limits };
}

export function contentOf(tree: { readonly work: string }, path: string): string {
  return readFileSync(join(tree.work, path), 'utf8');
}
