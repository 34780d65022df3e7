import type { TemplatePart } from '../template.ts';

/**
 * A Python string literal for `text`, in the quotes that `ruff format` would choose. Whatever the text holds, the literal evaluates to
 * exactly it and ends where it should: control, invisible and easily confused characters are escaped.
 */
export function stringLiteral(text: string): string {
  const quote = preferredQuote(text);
  return quote + escapeText(text, quote) + quote;
}

/** The same for a string with names in it: an f-string where there is a name, a plain literal where there is none. `nameOf` gives the Python name. */
export function templateLiteral(parts: readonly TemplatePart[], nameOf: (name: string) => string): string {
  if (parts.every((part) => typeof part === 'string')) return stringLiteral(parts.join(''));
  const quote = preferredQuote(parts.filter((part) => typeof part === 'string').join(''));
  const inner = parts.map((part) =>
    typeof part === 'string' ? escapeText(part, quote).replace(/[{}]/g, (brace) => brace + brace) : `{${nameOf(part.name)}}`,
  );
  return `f${quote}${inner.join('')}${quote}`;
}

/** A finite JSON number; whole numbers are written out as far as JavaScript does. */
export function numberLiteral(value: number): string {
  return String(value === 0 ? 0 : value).replace('e+', 'e');
}

/** Text for the inside of a docstring, on one line, plain enough for every linter. */
export function docstringText(text: string): string {
  return [...text.replace(/\s+/g, ' ').trim()]
    .map((char) => DOCSTRING[char] ?? (isPlain(char) ? char : '?'))
    .join('')
    .replaceAll('\\', '\\\\');
}

const DOCSTRING: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ['"“”„‟″«»', "'"],
    ['‘’‚‛′', "'"],
    ['‐‑‒–—−', '-'],
    ['…', '...'],
    ['×', 'x'],
    ['→', '->'],
    ['≤', '<='],
    ['≥', '>='],
  ].flatMap(([from = '', to = '']) => [...from].map((char) => [char, to])),
);

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

function preferredQuote(text: string): '"' | "'" {
  const doubles = text.split('"').length;
  const singles = text.split("'").length;
  return doubles > singles ? "'" : '"';
}

function escapeText(text: string, quote: '"' | "'"): string {
  return [...text].map((char) => (char === quote ? `\\${char}` : (SHORT[char] ?? (isPlain(char) ? char : escapeCode(char))))).join('');
}

function escapeCode(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

/** Characters that stand for themselves: visible, and taken for no other by a reader or by ruff's RUF001. */
function isPlain(char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  return PLAIN.some(([from, to]) => code >= from && code <= to) && !CONFUSED.has(code);
}

const PLAIN: readonly (readonly [number, number])[] = [
  [0x20, 0x7e],
  [0xa1, 0xac],
  [0xae, 0x17e],
  [0x20ac, 0x20ac],
  [0x3041, 0x3096],
  [0x30a1, 0x30fe],
  [0x4e00, 0x9fef],
  [0xac00, 0xd7a3],
  [0x1f300, 0x1f64f],
];

const CONFUSED: ReadonlySet<number> = new Set([0xb4, 0xb8, 0xd7, 0x131, 0x30ce, 0x4e36, 0x4e3f]);
