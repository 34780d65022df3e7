/** Git's own diff of two trees of files, made where only those files exist. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Change, diffTrees, type FileTree } from '../../../domain/tree.ts';
import type { Environment } from './command.ts';
import { type ObjectFormat, treeObjects } from './objects.ts';
import { packOf } from './pack.ts';
import { inScratch } from './scratch.ts';

/** Every option that configuration could set otherwise is said. */
const OPTIONS = [
  '-r',
  '-p',
  '--no-ext-diff',
  '--no-textconv',
  '--no-renames',
  '--no-color',
  '--full-index',
  '--diff-algorithm=myers',
  '--indent-heuristic',
  '--inter-hunk-context=0',
  '-U3',
];

export interface DiffOptions {
  readonly format: ObjectFormat;
  /** Put before every path, `''` or ending in a slash. */
  readonly prefix: string;
  /** Whether binary files are spelled out, so that the patch applies. */
  readonly binary: boolean;
}

/** Unified diff from `from` to `to`: no renames, sorted by path, the same on every machine; `''` when nothing differs. */
export async function diff(from: FileTree, to: FileTree, options: DiffOptions, ambient: Environment): Promise<string> {
  const changes = diffTrees(from, to);
  if (changes.length === 0) return '';
  const before = treeObjects(options.format, side(changes, 'before'));
  const after = treeObjects(options.format, side(changes, 'after'));
  const objects = new Map([...before.objects, ...after.objects]);
  const out = await inScratch(options.format, ambient, async (git, directory) => {
    declareBinary(directory, changes.filter(isNotText));
    await git.bytes(['index-pack', '--stdin'], { input: packOf(options.format, [...objects.values()]) });
    const prefixes = [`--src-prefix=a/${options.prefix}`, `--dst-prefix=b/${options.prefix}`];
    return git.bytes(['diff-tree', ...OPTIONS, ...(options.binary ? ['--binary'] : []), ...prefixes, before.id, after.id]);
  });
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(out);
}

function side(changes: readonly Change[], which: 'before' | 'after'): FileTree {
  return new Map(changes.flatMap((change) => (change[which] === null ? [] : [[change.path, change[which]]])));
}

/** A diff is text here, so a file in another encoding than UTF-8 is treated as binary: a string would change its bytes. */
function isNotText({ before, after }: Change): boolean {
  return [before, after].some((entry) => {
    try {
      if (entry !== null) new TextDecoder('utf-8', { fatal: true }).decode(entry.content);
      return false;
    } catch {
      return true;
    }
  });
}

function declareBinary(gitDirectory: string, changes: readonly Change[]): void {
  if (changes.length === 0) return;
  mkdirSync(join(gitDirectory, 'info'), { recursive: true });
  writeFileSync(join(gitDirectory, 'info', 'attributes'), changes.map(({ path }) => `${attributePattern(path)} -diff\n`).join(''));
}

/** A pattern that matches this path alone, quoted as git quotes names. */
function attributePattern(path: string): string {
  const literal = `/${path}`.replace(/[\\*?[]/g, '\\$&');
  const quoted = [...Buffer.from(literal)].map((byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c ? `\\${byte.toString(8).padStart(3, '0')}` : String.fromCharCode(byte),
  );
  return `"${quoted.join('')}"`;
}
