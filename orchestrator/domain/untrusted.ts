/** Text that somebody else wrote, made safe to show: on a terminal, in Markdown, on one line. */

/** Drawn as nothing, or moves what stands around it. Line breaks, tabs and the two emoji style marks are left alone. */
const UNSEEN = /(?!\n|\t|\ufe0e|\ufe0f)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Control characters, escape sequences, bidi marks and zero-width characters written out (`\x1b`, `\u202e`); line breaks and tabs stay. */
export function forTerminal(text: string): string {
  return text.replace(UNSEEN, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x100) return `\\x${hex(code, 2)}`;
    return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 5)}}`;
  });
}

/** As one line of JSON of the same value, in which everything that `forTerminal` writes out is an escape of JSON's own. */
export function jsonLine(value: unknown): string {
  const escaped = (unit: string) => `\\u${hex(unit.charCodeAt(0), 4)}`;
  // Unit by unit: JSON names what lies beyond four digits by its two halves.
  return JSON.stringify(value).replace(UNSEEN, (character) => character.split('').map(escaped).join(''));
}

/** On one line, at most `max` characters, unseen ones written out. */
export function oneLine(text: string, max: number): string {
  // What lies far behind the cut is not even looked at, however long the text.
  const near = text.slice(0, 8 * max + 200);
  const shown = [...forTerminal(near.replace(/\s+/g, ' ').trim())];
  if (shown.length <= max && near.length === text.length) return shown.join('');
  return `${shown.slice(0, Math.max(0, max - 1)).join('')}…`;
}

/**
 * Mentions, references to issues and addresses made inert by a zero-width space, so that no forge notifies, closes or links anything.
 * An escape in Markdown would not do: forges look for these in what was rendered, and in commit messages too.
 */
export function defused(text: string): string {
  return text
    .replace(/@(?=[\p{L}\p{N}_-])/gu, `@${GAP}`)
    .replace(/(gh-|#|!)(?=[0-9])/gi, `$1${GAP}`)
    .replace(/:(?=\/\/)/g, `:${GAP}`)
    .replace(/\bwww(?=\.)/gi, `$&${GAP}`);
}

/** As running text of a Markdown document: it shows as it was written and does nothing. Line breaks stay. */
export function forMarkdown(text: string): string {
  return defused(forTerminal(text))
    .replace(/[\\`*[\]|~$]/g, '\\$&')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/^([ \t]*)([#>+=/-]|[0-9]+(?=[.)]))/gm, (_, space: string, mark: string) =>
      /[0-9]/.test(mark) ? `${space}${mark}\\` : `${space}\\${mark}`,
    );
}

/** As a code span, on one line, at most `max` characters. */
export function inlineCode(text: string, max: number): string {
  const shown = defused(oneLine(text, max));
  const ticks = '`'.repeat(longestRun(shown) + 1);
  const space = /^`|`$/.test(shown) ? ' ' : '';
  return `${ticks}${space}${shown || ' '}${space}${ticks}`;
}

/** As a fenced block whose fence is longer than any inside. */
export function fenced(text: string, language = 'text'): string {
  const shown = defused(forTerminal(text));
  const fence = '`'.repeat(Math.max(3, longestRun(shown) + 1));
  return `${fence}${language}\n${shown.replace(/\n$/, '')}\n${fence}`;
}

const GAP = '\u200b';

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
