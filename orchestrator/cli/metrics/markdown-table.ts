import { forMarkdown, inlineCode, oneLine } from '../../domain/untrusted.ts';

/** A Markdown table; cells are Markdown already. Columns whose name ends in `#` are numbers. */
export function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const names = columns.map((column) => column.replace(/ #$/, ''));
  return [line(names), `|${columns.map((column) => (column.endsWith(' #') ? '---:' : '---')).join('|')}|`, ...rows.map(line)].join('\n');
}

/** Text of others in a cell. */
export const cell = (text: string, max = 120) => forMarkdown(oneLine(text, max));

/** The same as code. */
export const code = (text: string, max = 120) => inlineCode(text, max).replaceAll('|', '\\|');
