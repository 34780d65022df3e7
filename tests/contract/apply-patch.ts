import type { FilePatch } from '../../orchestrator/domain/patch.ts';
import { type FileTree, readText, textFile } from '../../orchestrator/domain/tree.ts';

/** Text files of `tree` with the patches laid over them; throws where a context or deleted line is not what the file has. */
export function applyPatch(tree: FileTree, patches: readonly FilePatch[]): FileTree {
  const result = new Map(tree);
  for (const patch of patches) {
    const old = patch.kind === 'added' ? '' : (readText(result, patch.oldPath) ?? '');
    if (patch.kind === 'deleted') result.delete(patch.path);
    else result.set(patch.path, textFile(applyHunks(old, patch)));
  }
  return result;
}

function applyHunks(old: string, { path, hunks }: FilePatch): string {
  const lines = old.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const written: string[] = [];
  let at = 0;
  for (const line of hunks.flatMap((hunk) => hunk.lines)) {
    const text = line.cut ? line.text : `${line.text}\n`;
    if (line.oldLine !== null) {
      while (at < line.oldLine - 1) written.push(lines[at++] as string);
      if (lines[at++] !== text) throw new Error(`${path}:${line.oldLine} is not ${JSON.stringify(text)}`);
    }
    if (line.newLine !== null) {
      written.push(text);
      if (written.length !== line.newLine) throw new Error(`${path}: line ${line.newLine} came out as ${written.length}`);
    }
  }
  return [...written, ...lines.slice(at)].join('');
}
