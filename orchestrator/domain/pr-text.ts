/** The pieces of Markdown that a PR's text is made of: how much is shown, lists, tables, figures. */
import { forMarkdown, inlineCode, oneLine } from './untrusted.ts';

/** How much is shown at most: rows of a list, characters of a text, characters of the request. */
export interface Size {
  readonly rows: number;
  readonly words: number;
  readonly request: number;
}

export const SIZES: readonly Size[] = [
  { rows: 100, words: 500, request: 8_000 },
  { rows: 40, words: 240, request: 4_000 },
  { rows: 12, words: 120, request: 2_000 },
  { rows: 5, words: 60, request: 600 },
];

export function words(text: string, { words: max }: Size): string {
  return forMarkdown(oneLine(text, max));
}

/** A code span in a table, where a bar needs an escape even in code. */
export function cellCode(text: string): string {
  return inlineCode(text, 200).replaceAll('|', '\\|');
}

export function several<T>(items: readonly T[], textOf: (item: T) => string, { rows }: Size): string {
  const shown = items.slice(0, Math.max(2, Math.floor(rows / 5))).map(textOf);
  return [...shown, ...(shown.length < items.length ? [`… ${items.length - shown.length} more`] : [])].join('<br>');
}

export function table<T>(titles: readonly string[], items: readonly T[], rowOf: (item: T) => string[], size: Size, whole: string): string {
  if (items.length === 0) return 'None.';
  return plainTable(titles, items.slice(0, size.rows).map(rowOf)) + more(items.length, size, whole);
}

export function plainTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

export function list<T>(items: readonly T[], textOf: (item: T) => string, size: Size, whole: string): string {
  const shown = items.slice(0, size.rows).map((item) => `- ${textOf(item)}`);
  return shown.join('\n') + more(items.length, size, whole);
}

export function more(count: number, { rows }: Size, whole: string): string {
  return count <= rows ? '' : `\n\n_… ${count - rows} more in ${inlineCode(whole, 160)}_`;
}

export function tokens(count: number | null, isEstimated: boolean): string {
  return count === null ? 'unknown' : `${isEstimated ? '~' : ''}${count.toLocaleString('en-US')}`;
}

export function dollars(cost: number | null): string {
  if (cost === null) return 'cost unknown';
  return `$${cost > 0 && cost < 0.01 ? cost.toFixed(4) : cost.toFixed(2)}`;
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

export function duration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A name that a shell takes as it is, or `''`: a branch may be called almost anything. */
export function forShell(name: string): string {
  return /^[\w./-]{1,200}$/.test(name) && !name.startsWith('-') ? name : '';
}

export function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
