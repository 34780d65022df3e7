/** Where a quotation stands in a text, as offsets of that text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Every place where `quotation` stands in `text` word for word. White space, the form of quotation marks and dashes, the case of the
 * first letter and punctuation at the end are no difference; part of a word is no match.
 */
export function findQuotation(quotation: string, text: string): Span[] {
  const wanted = normalise(quotation)
    .text.trim()
    .replace(/[.,;:!?…\s]+$/u, '');
  if (wanted.length < 2) return [];
  const { text: folded, offsets } = normalise(text);
  const spans: Span[] = [];
  const rest = wanted.slice(1);
  const first = wanted.slice(0, 1).toLowerCase();
  for (let at = folded.indexOf(rest, 1); at !== -1; at = folded.indexOf(rest, at + 1)) {
    const start = at - 1;
    const end = at + rest.length;
    if (folded.slice(start, at).toLowerCase() !== first) continue;
    if (!wholeWords(folded, start, end)) continue;
    spans.push({ start: offsets[start] ?? 0, end: (offsets[end - 1] ?? 0) + 1 });
  }
  return spans;
}

/** A text with every difference taken out that a faithful quotation may have. */
export function foldText(text: string): string {
  return normalise(text).text.trim();
}

/** Words of a text: pieces between white space that hold a letter or digit. */
export function countWords(text: string): number {
  return text.split(/\s+/).filter((piece) => /[\p{L}\p{N}]/u.test(piece)).length;
}

const SAME: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ['‘’‚‛′', "'"],
    ['“”„‟″«»', '"'],
    ['‐‑‒–—−', '-'],
  ].flatMap(([from = '', to = '']) => [...from].map((char) => [char, to])),
);

/** The text with folded characters, and for each of its characters the offset it came from. */
function normalise(text: string): { readonly text: string; readonly offsets: readonly number[] } {
  const out: string[] = [];
  const offsets: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    const folded = /\s/.test(char) ? ' ' : (SAME[char] ?? char);
    if (folded === ' ' && out.at(-1) === ' ') continue;
    out.push(folded);
    offsets.push(at);
  }
  return { text: out.join(''), offsets };
}

function wholeWords(text: string, start: number, end: number): boolean {
  const letter = /[\p{L}\p{N}_]/u;
  const splitsFront = letter.test(text[start - 1] ?? '') && letter.test(text[start] ?? '');
  const splitsBack = letter.test(text[end - 1] ?? '') && letter.test(text[end] ?? '');
  return !splitsFront && !splitsBack;
}
