/** The Spec as a document that people read, write and edit: the markdown form, and JSON. YAML is read by the command line. */
import { Failure } from '../failure.ts';
import { type Spec, specSchema } from '../spec.ts';
import { invalidIssues } from './document/invalid.ts';
import { readMarkdown } from './document/read.ts';
import { writeMarkdown } from './document/write.ts';

export interface SpecDocument {
  /** null where the document does not say it. */
  readonly request: string | null;
  readonly spec: Spec;
}

/** Characters of a document at most. */
export const MAX_DOCUMENT_CHARS = 100_000;

/** The markdown form. `parseSpecDocument` reads it back exactly, unless it is longer than a document may be. */
export function renderSpecDocument(request: string, spec: Spec): string {
  return writeMarkdown(request, spec);
}

/**
 * Reads the markdown form, as rendered or edited by hand, or JSON: an object of the Spec's keys and `request`. Throws `spec_invalid` with
 * the line (markdown) or the key, and what was expected there. The Spec is held to its schema, not to the linter.
 */
export function parseSpecDocument(text: string): SpecDocument {
  if (text.length > MAX_DOCUMENT_CHARS)
    throw new Failure('spec_invalid', `a Spec has at most ${MAX_DOCUMENT_CHARS} characters, this one ${text.length}`);
  const lines = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  return lines.trimStart().startsWith('{') ? specOfData(parseJson(lines)) : specOfMarkdown(lines);
}

/** The same for data that was already read, from JSON or YAML. */
export function specOfData(data: unknown): SpecDocument {
  if (data === null || typeof data !== 'object' || Array.isArray(data))
    throw new Failure('spec_invalid', 'document: expected an object with the Spec’s keys');
  const { request = null, ...rest } = data as Record<string, unknown>;
  if (request !== null && typeof request !== 'string') throw new Failure('spec_invalid', 'request: expected a text');
  return { request, spec: check(rest, () => null) };
}

function specOfMarkdown(text: string): SpecDocument {
  const { request, spec, lines } = readMarkdown(text);
  return { request, spec: check(spec, (path) => lineOf(path, lines)) };
}

function check(draft: unknown, line: (path: readonly PropertyKey[]) => number | null): Spec {
  const parsed = specSchema.safeParse(draft);
  if (!parsed.success) throw invalidIssues(parsed.error, line);
  return parsed.data;
}

/** The line of the smallest part that is known to hold the path. */
function lineOf(path: readonly PropertyKey[], lines: ReadonlyMap<string, number>): number | null {
  for (let length = path.length; length > 0; length -= 1) {
    const line = lines.get(path.slice(0, length).map(String).join('.'));
    if (line !== undefined) return line;
  }
  return null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failure('spec_invalid', `expected JSON: ${error instanceof Error ? error.message : String(error)}`.slice(0, 300));
  }
}
