import type { z } from 'zod';
import { Failure } from '../../failure.ts';
import { oneLine } from '../../untrusted.ts';

/** A document that is no Spec: where, and what was expected there. */
export function invalidAt(line: number, expected: string, found?: string): Failure {
  return new Failure('spec_invalid', `line ${line}: expected ${expected}${found === undefined ? '' : `, found ${excerpt(found)}`}`);
}

/** The same for what a schema found: at most eight issues, each with its key, or its line where that is known. */
export function invalidIssues(error: z.ZodError, lineOf: (path: readonly PropertyKey[]) => number | null): Failure {
  const issues = error.issues.flatMap((issue) => nearest(issue, []));
  const lines = issues.slice(0, MOST_ISSUES).map(({ path, message }) => {
    const line = lineOf(path);
    const key = oneLine(path.map(String).join('.'), 120) || 'document';
    return `${line === null ? '' : `line ${line}: `}${key}: ${oneLine(message, 300)}`;
  });
  const more = issues.length > MOST_ISSUES ? [`and ${issues.length - MOST_ISSUES} more`] : [];
  return new Failure('spec_invalid', [...lines, ...more].join('\n'));
}

const MOST_ISSUES = 8;

/** Of a union's branches the one that came nearest: "invalid input" helps nobody. */
function nearest(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): { path: readonly PropertyKey[]; message: string }[] {
  const path = [...above, ...issue.path];
  const branches = issue.code === 'invalid_union' ? issue.errors.filter((branch) => branch.length > 0) : [];
  const [best] = branches.toSorted((a, b) => a.length - b.length);
  return best === undefined ? [{ path, message: issue.message }] : best.flatMap((inner) => nearest(inner, path));
}

function excerpt(text: string): string {
  const shown = oneLine(text, 60);
  return shown === '' ? 'nothing' : `\`${shown}\``;
}
