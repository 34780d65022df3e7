import type { Look } from '../../../orchestrator/domain/turns.ts';
import type { Tree } from '../tree.ts';
import { grep } from './grep.ts';
import { listDir } from './list-dir.ts';
import { readFile } from './read-file.ts';
import { type Result, resultOf } from './result.ts';

/** The read-only tools, by the names that models use. */
export const LOOKS = ['read_file', 'grep', 'list_dir'] as const satisfies readonly Look['tool'][];

export function runLook(look: Look, tree: Tree): Result {
  switch (look.tool) {
    case 'read_file':
      return resultOf(`read_file ${look.path}`, () => readFile(tree, look.path, look.from ?? 1, look.to ?? null));
    case 'grep':
      return resultOf(`grep ${look.pattern}${look.under === undefined ? '' : ` under ${look.under}`}`, () =>
        grep(tree, look.pattern, look.under ?? null),
      );
    case 'list_dir':
      return resultOf(`list_dir ${look.path}`, () => listDir(tree, look.path));
  }
}
