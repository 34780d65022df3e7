/** Drawn two columns wide by a terminal, and drawn on top of what stands before. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const ON_TOP = /\p{M}/u;

const GAP = '  ';

/** One column of a table. A `flexible` one gives way where the line is too long, down to `least`. */
export interface Column {
  readonly name: string;
  readonly right?: true;
  readonly flexible?: { readonly least: number };
}

/**
 * A table with its heading, each line at most `width` columns; null where it does not fit even with every flexible column at its least. Cells are
 * on one line already.
 */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] | null {
  const all = [columns.map(({ name }) => name), ...rows];
  const widths = columns.map((_, i) => Math.max(...all.map((row) => widthOf(row[i] ?? ''))));
  let over = widths.reduce((sum, one) => sum + one, 0) + GAP.length * (columns.length - 1) - width;
  for (; over > 0; over -= 1) {
    const widest = widestFlexible(columns, widths);
    if (widest === null) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  if (over > 0) return null;
  return all.map((row) =>
    columns
      .map(({ right }, i) => padded(cut(row[i] ?? '', widths[i] ?? 0), widths[i] ?? 0, right === true))
      .join(GAP)
      .trimEnd(),
  );
}

/** Which column gives way next; null where none can any more. */
function widestFlexible(columns: readonly Column[], widths: readonly number[]): number | null {
  const can = [...columns.keys()].filter((i) => (widths[i] ?? 0) > (columns[i]?.flexible?.least ?? Number.POSITIVE_INFINITY));
  return can.sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0] ?? null;
}

/** At most so many columns of a text on one line, with `…` where something is missing. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let shown = '';
  let used = 0;
  for (const character of text) {
    const more = widthOf(character);
    if (used + more > width - 1) break;
    shown += character;
    used += more;
  }
  return `${shown}…`;
}

function padded(text: string, width: number, right: boolean): string {
  const room = ' '.repeat(Math.max(0, width - widthOf(text)));
  return right ? room + text : text + room;
}

function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += ON_TOP.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}
