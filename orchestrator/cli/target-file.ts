import { z } from 'zod';
import { Failure } from '../domain/failure.ts';
import type { ProtectedList, Protection } from '../domain/protection.ts';
import { forbiddenAllowances, TARGET_FILE, targetFileSchema } from '../domain/target-file.ts';
import { type FileTree, readText } from '../domain/tree.ts';
import { parseBoundedYaml } from './bounded-yaml.ts';

/** Characters of a target's file that are read at most. */
const MAX_CHARS = 20_000;

/**
 * The paths that are protected in this target: the list, widened by the target's own file on the base. Throws target_file_invalid, naming
 * the key, for anything in that file that is not understood or not the target's to decide.
 */
export function protectionOf(tree: FileTree, list: ProtectedList): Protection {
  if (!tree.has(TARGET_FILE)) return { list, add: [], allow: [] };
  const text = readText(tree, TARGET_FILE);
  if (text === null || text.length > MAX_CHARS) throw invalid(`it is no text file of at most ${MAX_CHARS} characters`);
  const parsed = targetFileSchema.safeParse(yamlOf(text) ?? {});
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
  const forbidden = forbiddenAllowances(parsed.data, list);
  if (forbidden.length > 0)
    throw invalid(`protected_paths.allow: ${forbidden.map(({ path, why }) => `${path} ${why}`).join(', ')}: no target can allow that`);
  return { list, ...parsed.data.protected_paths };
}

function yamlOf(text: string): unknown {
  try {
    return parseBoundedYaml(text, { aliases: 0 });
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error), error);
  }
}

function invalid(words: string, cause?: unknown): Failure {
  return new Failure('target_file_invalid', `${TARGET_FILE} on the base: ${words}`, { cause });
}
