/** A sentence of the request and where it stands in it: `request.slice(start, end) === text`. */
export interface Sentence {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The sentences of a request, in order. A sentence ends at `.`, `!`, `?` or `…` before white space, at a blank line and before a list
 * item; never inside backticks, after an abbreviation, inside a number, a file name or a query string, and never at a semicolon.
 * A line that only introduces a list (`… :`) belongs to the list's first item. Pieces without a letter or digit and mere courtesies are left out.
 */
export function splitSentences(request: string): Sentence[] {
  const code = codeSpans(request);
  const sentences: Sentence[] = [];
  let start = 0;
  for (let at = 0; at < request.length; at++) {
    if (code.some(([from, to]) => at > from && at < to)) continue;
    const end = endOfSentence(request, start, at);
    if (end === null) continue;
    sentences.push(trimmed(request, start, end));
    start = end;
    at = end - 1;
  }
  sentences.push(trimmed(request, start, request.length));
  return sentences.filter(({ text }) => /[\p{L}\p{N}]/u.test(text) && !COURTESY.test(text));
}

const COURTESY = /^(hi|hello|hey|thanks|thank you|thx|cheers|please)( (all|team|there|everyone|you|a lot|in advance))?[\s.!,]*$/i;
const LIST_ITEM = /^[ \t]*([-*•]|\d{1,2}[.)])[ \t]+/;
const LONE_MARKER = /^\s*(\d{1,2}|[a-zA-Z])$/;
const ABBREVIATION =
  /(^|[\s("'`])(e\.g|i\.e|eg|ie|cf|vs|etc|approx|ca|incl|excl|resp|max|min|no|nr|fig|sec|ver|dr|mr|mrs|ms|st|req|param|params|repo|config|p|pp|viz|al)$/i;
const INITIAL = /(^|[\s("'`])[A-Z]$/;
/** Abbreviations that also end sentences: they do when a capital follows. */
const MAY_END = /(^|[\s("'`])(etc|max|min|no|sec|req|param|params|repo|config|al)$/i;

/** The index after the sentence when one ends at `at`, else null. */
function endOfSentence(text: string, start: number, at: number): number | null {
  const char = text[at] ?? '';
  if (char === '\n') return endsAtLine(text, start, at) ? at + 1 : null;
  if (!'.!?…'.includes(char)) return null;
  const closing = /^[.!?…]*["'”’)\]*_]*/.exec(text.slice(at + 1))?.[0] ?? '';
  const end = at + 1 + closing.length;
  if (end < text.length && !/\s/.test(text[end] ?? '')) return null;
  const after = text.slice(end).trimStart();
  const ellipsis = char === '…' || closing.startsWith('.') || text[at - 1] === '.';
  if (ellipsis && /^\p{Ll}/u.test(after)) return null;
  if (char === '.' && !fullStop(text.slice(start, at), after)) return null;
  return end;
}

/** Whether a full stop after `before` ends a sentence, seeing what comes after it. */
function fullStop(before: string, after: string): boolean {
  if (LONE_MARKER.test(before)) return false;
  const capital = /^["'“‘(`[]*\p{Lu}/u.test(after);
  if (ABBREVIATION.test(before)) return capital && MAY_END.test(before);
  return !INITIAL.test(before);
}

/** A line break ends a sentence before a blank line or a list item, unless what stands before it introduces the list. */
function endsAtLine(text: string, start: number, at: number): boolean {
  const next = text.slice(at + 1);
  if (text.slice(start, at).trim() === '' || /:\s*$/.test(text.slice(start, at))) return false;
  return /^[ \t]*\r?\n/.test(next) || LIST_ITEM.test(next);
}

function codeSpans(text: string): (readonly [number, number])[] {
  return [...text.matchAll(/`[^`\n]+`/g)].map((match) => [match.index, match.index + match[0].length - 1] as const);
}

function trimmed(text: string, start: number, end: number): Sentence {
  const raw = text.slice(start, end);
  const lead = /^\s*/.exec(raw)?.[0].length ?? 0;
  const marker = LIST_ITEM.exec(raw.slice(lead))?.[0].length ?? 0;
  const from = start + lead + marker;
  const piece = text.slice(from, end).trimEnd();
  return { text: piece, start: from, end: from + piece.length };
}
