import type { Edit } from '../../../orchestrator/domain/turns.ts';
import type { Tree } from '../tree.ts';
import { deleteFile } from './delete-file.ts';
import { replaceText } from './replace-text.ts';
import { type Result, resultOf } from './result.ts';
import { writeFile } from './write-file.ts';

/** The tools that change the tree, by the names that models use. */
export const EDITS = ['replace_text', 'write_file', 'delete_file'] as const satisfies readonly Edit['tool'][];

export function runEdit(edit: Edit, tree: Tree): Result {
  const asked = `${edit.tool} ${edit.path}`;
  switch (edit.tool) {
    case 'replace_text':
      return resultOf(asked, () => replaceText(tree, edit.path, edit.find, edit.replace));
    case 'write_file':
      return resultOf(asked, () => writeFile(tree, edit.path, edit.content));
    case 'delete_file':
      return resultOf(asked, () => deleteFile(tree, edit.path));
  }
}
