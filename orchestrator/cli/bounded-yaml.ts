import { isScalar, parseDocument, visit } from 'yaml';

/** More than anything a person writes; far from where the parser takes minutes, or ends the whole process. */
const DEEPEST = 40;
const MOST_MARKS_A_LINE = 12;
/** They may be a text's, too. */
const MOST_DASHES_A_LINE = 80;
const WIDEST_INDENT = 256;
const LONGEST_LINE = 10_000;

/**
 * YAML that somebody else wrote, as plain data. Throws an `Error` that says what is wrong for whatever does not parse, for a key that stands
 * twice, for aliases that multiply, and, before the parser sees it, for nesting without end: the parser recurses, and a stack that ends
 * inside a regular expression ends the process.
 */
export function parseBoundedYaml(text: string, { aliases }: { readonly aliases: number }): unknown {
  const excess = excessOf(text);
  if (excess !== null) throw new Error(excess);
  // The parser's own look for keys that stand twice compares each with each.
  const document = parseDocument(text, { logLevel: 'silent', uniqueKeys: false });
  const [error] = document.errors;
  if (error !== undefined) throw error;
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        const name = isScalar(key) ? key.value : key;
        if (seen.has(name)) throw new Error(`the key ${JSON.stringify(name)} stands twice in one place`);
        seen.add(name);
      }
    },
  });
  return document.toJS({ maxAliasCount: aliases });
}

/** What no text of a person has, or null. Brackets are counted wherever they stand: a text may hold some that are never closed, but not that many. */
function excessOf(text: string): string | null {
  for (const line of text.split('\n')) {
    if (line.length > LONGEST_LINE) return `a line is longer than ${LONGEST_LINE} characters`;
    if (MARKS.test(line) || (line.match(/(?<!\S)[?-](?!\S)/g) ?? []).length > MOST_DASHES_A_LINE) return 'a line opens too many lists';
    if (line.search(/[^ \t]/) > WIDEST_INDENT) return `a line is indented by more than ${WIDEST_INDENT}`;
  }
  let depth = 0;
  for (const character of text) {
    if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
    if (depth > DEEPEST) return `brackets are nested deeper than ${DEEPEST}`;
  }
  return null;
}

/** Marks of lists and keys, anchors and tags, one after the other. */
const MARKS = new RegExp(`^(?:[ \\t]*(?:[-?:]|[&!][^\\s,[\\]{}]*)[ \\t]+){${MOST_MARKS_A_LINE}}`);
