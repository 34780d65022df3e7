import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/**
 * What a schema found wrong, for a model or a person: `path: message`, one a line, in the order found. Control characters are escaped
 * (keys come from outside) and the whole is at most `max` characters.
 */
export function describeIssues(error: z.ZodError, max: number): string {
  const lines = error.issues.flatMap((issue) => flatten(issue, [])).map(({ path, message }) => `${path || '(top)'}: ${message}`);
  const text = lines.slice(0, 20).map(escapeControls).join('\n');
  const more = lines.length > 20 ? `\n… and ${lines.length - 20} more` : '';
  return text.length + more.length <= max ? text + more : `${text.slice(0, max - 1)}…`;
}

/** A union says only "invalid input": what helps is the branch that came nearest. */
function flatten(issue: Issue, above: readonly PropertyKey[]): { path: string; message: string }[] {
  const path = [...above, ...issue.path];
  const branches = issue.code === 'invalid_union' ? issue.errors.filter((branch) => branch.length > 0) : [];
  const nearest = branches.reduce<Issue[] | null>((best, branch) => (best === null || branch.length < best.length ? branch : best), null);
  if (nearest !== null) return nearest.flatMap((inner) => flatten(inner, path));
  return [{ path: path.map(String).join('.'), message: issue.message }];
}

function escapeControls(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
