/** How a text of a Spec stands in the markdown form: as it is where that is safe and can be read back, else as a JSON string. */
import type { Json } from '../../json.ts';
import { forTerminal } from '../../untrusted.ts';

/** A text on one line, as running text. */
export function writeText(text: string): string {
  return isPlain(text) ? text : jsonString(text);
}

/** A text on a line of its own, where the first characters could mean something to Markdown. */
export function writeParagraph(text: string): string {
  return isPlain(text) && !/^[#>*+\-=|`~<\d]/.test(text) ? text : jsonString(text);
}

/** A path, a name, a node id: between backticks. */
export function writeCode(text: string): string {
  return isPlain(text) && !text.includes('`') ? `\`${text}\`` : jsonString(text);
}

/** The lines of a quotation, each behind `>`. A text that does not fit in is one line with a JSON string. */
export function writeQuote(text: string): string[] {
  const fits = forTerminal(text) === text && (text.includes('\n') || jsonStringOf(text) === null);
  return (fits ? text : jsonString(text)).split('\n').map((line) => (line === '' ? '>' : `> ${line}`));
}

/** Reads what `writeText` and `writeParagraph` write; what only begins like a JSON string is itself. */
export function readText(text: string): string {
  return jsonStringOf(text.trim()) ?? text.trim();
}

/** Reads what `writeCode` writes; the backticks may be left out. */
export function readCode(text: string): string {
  const inner = /^`([^`]+)`$/.exec(text.trim())?.[1];
  return inner ?? readText(text);
}

/** Reads the lines of a quotation, each with its `>`. */
export function readQuote(lines: readonly string[]): string {
  const text = lines.map((line) => line.replace(/^> ?/, '')).join('\n');
  return (lines.length === 1 ? jsonStringOf(text.trim()) : null) ?? text;
}

/** A JSON string in which every character that is drawn as nothing is written out. */
export function jsonString(text: string): string {
  const shown = JSON.stringify(text);
  if (forTerminal(shown) === shown) return shown;
  return [...shown].map((character) => (forTerminal(character) === character ? character : unicodeEscapes(character))).join('');
}

/** A JSON value as people write it, a long list or object over several lines, the last of which begins with `indent`. */
export function writeJson(value: Json, indent = '  '): string {
  const line = onOneLine(value);
  if (line.length <= LONGEST_LINE || value === null || typeof value !== 'object') return line;
  const isList = Array.isArray(value);
  const items = isList ? value.map(onOneLine) : entriesOf(value);
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  return `${open}\n${items.map((item) => `${indent}  ${item}`).join(',\n')}\n${indent}${close}`;
}

const LONGEST_LINE = 110;

function onOneLine(value: Json): string {
  if (typeof value === 'string') return jsonString(value);
  if (Object.is(value, -0)) return '-0';
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`;
  return `{${entriesOf(value).join(', ')}}`;
}

function entriesOf(value: { readonly [key: string]: Json }): string[] {
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => `${jsonString(key)}: ${onOneLine(item)}`);
}

/** Whether a text reads back as it stands: on one line, nothing around it, nothing unseen in it, and not taken for a JSON string or a colon before it. */
function isPlain(text: string): boolean {
  return text !== '' && text === text.trim() && !/^[":]/.test(text) && !text.includes('\n') && forTerminal(text) === text;
}

/** What a text is when the whole of it is one JSON string; else null. */
function jsonStringOf(text: string): string | null {
  if (!/^"(?:[^"\\\n]|\\.)*"$/.test(text)) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}

function unicodeEscapes(character: string): string {
  return [...Array(character.length).keys()].map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
}
