/** A tool said no; the message is for the model. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}

/** What the kernel's refusal means, in words for the model; null for what is no refusal of the kernel's but a fault of the program. */
export function wordsFor(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return null;
  return WORDS[String(error.code)] ?? `the system refused it (${String(error.code)})`;
}

const READ_ONLY = 'read-only here: source and tests belong to different stages, and this file is not yours to change';
const FULL = 'no room left in this tree: write less';
const WORDS: Readonly<Record<string, string>> = {
  EROFS: READ_ONLY,
  EACCES: READ_ONLY,
  EPERM: READ_ONLY,
  ENOSPC: FULL,
  EDQUOT: FULL,
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'that is a folder',
  ELOOP: 'symbolic links are not followed there',
  ENAMETOOLONG: 'the name is too long',
  EBUSY: 'that is where another volume is mounted: it cannot be replaced',
  EXDEV: 'that is where another volume is mounted: it cannot be replaced',
};
