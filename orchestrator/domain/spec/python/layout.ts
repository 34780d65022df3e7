import type { TemplatePart } from '../template.ts';
import { templateLiteral } from './literal.ts';

/** A Python expression before it is known on how many lines it stands. */
export type Expression =
  /** Text that is never broken. */
  | string
  /** `open`, items separated by commas, `close`; one item a line where it does not fit. */
  | { readonly open: string; readonly items: readonly Expression[]; readonly close: string }
  /** `before` and then a value, e.g. a keyword argument, an entry of a dict, or an assignment. */
  | { readonly before: string; readonly value: Expression }
  /** A string, its names already Python names; over several literals where it does not fit. */
  | { readonly parts: readonly TemplatePart[] };

/** Widest line wanted; `ruff format`'s own default, so that a target with longer lines is served too. */
export const WIDTH = 88;
const STEP = 4;

/** The expression as source text that begins at column `indent` and is followed on its last line by `after` more characters. */
export function layOut(expression: Expression, indent: number, after = 0): string {
  return place(expression, indent, indent, after);
}

function place(expression: Expression, indent: number, column: number, after: number): string {
  const line = oneLine(expression);
  if (typeof expression === 'string' || column + line.length + after <= WIDTH) return line;
  if ('before' in expression) return expression.before + place(expression.value, indent, column + expression.before.length, after);
  const pad = ' '.repeat(indent + STEP);
  if ('parts' in expression) {
    const pieces = chunks(expression.parts, WIDTH - indent - STEP - 3);
    if (pieces.length === 1) return line;
    return `(\n${pieces.map((piece) => `${pad}${literal(piece)}\n`).join('')}${' '.repeat(indent)})`;
  }
  if (expression.items.length === 0) return line;
  const items = expression.items.map((item) => `${pad}${place(item, indent + STEP, indent + STEP, 1)},\n`).join('');
  return `${expression.open}\n${items}${' '.repeat(indent)}${expression.close}`;
}

/** The expression on one line, however long. */
export function oneLine(expression: Expression): string {
  if (typeof expression === 'string') return expression;
  if ('before' in expression) return expression.before + oneLine(expression.value);
  if ('parts' in expression) return literal(expression.parts);
  const comma = expression.open === '(' && expression.items.length === 1 ? ',' : '';
  return expression.open + expression.items.map(oneLine).join(', ') + comma + expression.close;
}

const literal = (parts: readonly TemplatePart[]): string => templateLiteral(parts, (name) => name);

/** The parts of one string as several strings whose literals keep to `width`; broken after a space where there is one. */
function chunks(parts: readonly TemplatePart[], width: number): TemplatePart[][] {
  const pieces: TemplatePart[][] = [[]];
  for (const atom of parts.flatMap((part): TemplatePart[] => (typeof part === 'string' ? words(part, width) : [part]))) {
    const current = pieces.at(-1) ?? [];
    if (current.length > 0 && literal([...current, atom]).length > width) pieces.push([atom]);
    else current.push(atom);
  }
  return pieces.map(joined);
}

/** Words with the white space after them; a word too long for a line in slices. No surrogate pair is parted. */
function words(text: string, width: number): string[] {
  const found = text.match(/\S+\s*|\s+/gu) ?? [];
  return found.flatMap((word) => (literal([word]).length <= width ? [word] : slices([...word], Math.max(8, Math.floor(width / 10)))));
}

function slices(chars: readonly string[], size: number): string[] {
  const out: string[] = [];
  for (let at = 0; at < chars.length; at += size) out.push(chars.slice(at, at + size).join(''));
  return out;
}

function joined(parts: readonly TemplatePart[]): TemplatePart[] {
  const out: TemplatePart[] = [];
  for (const part of parts) {
    const before = out.at(-1);
    if (typeof part === 'string' && typeof before === 'string') out[out.length - 1] = before + part;
    else out.push(part);
  }
  return out;
}
