/** Least room that wrapped text is worth wrapping in. */
const LEAST_COLUMNS = 30;

/**
 * A text broken between words into lines of at most `columns`, each after the first indented by `indent`, which the first is taken to begin at.
 * At most `most` lines; what does not fit ends in `…`. Without room to speak of it stays one line.
 */
export function wrapped(text: string, { columns, indent, most }: { columns: number; indent: number; most: number }): string {
  const room = columns - indent;
  if (room < LEAST_COLUMNS) return text;
  const lines = [''];
  for (const word of text.split(' ').flatMap((long) => pieces(long, room))) {
    const last = lines[lines.length - 1] ?? '';
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  const shown = lines.slice(0, most);
  if (lines.length > most) shown[most - 1] = `${(shown[most - 1] ?? '').slice(0, room - 2)} …`;
  return shown.join(`\n${' '.repeat(indent)}`);
}

/**
 * A line whose groups stand three or more spaces apart, with every group that does not fit moved to a line of its own, six spaces in. A group is
 * never broken: it may be a command that somebody copies.
 */
export function packed(line: string, columns: number): string {
  if (line.length <= columns) return line;
  const [, margin = '', rest = ''] = /^( *)(.*)$/s.exec(line) ?? [];
  const lines: string[] = [];
  for (const group of rest.split(/ {3,}/)) {
    const last = lines[lines.length - 1];
    if (last !== undefined && last.length + 3 + group.length <= columns) lines[lines.length - 1] = `${last}   ${group}`;
    else lines.push(`${last === undefined ? margin : '      '}${group}`);
  }
  return lines.join('\n');
}

/** A word too long for a line, in pieces that are not. */
function pieces(word: string, room: number): string[] {
  const parts: string[] = [];
  for (let at = 0; at < word.length; at += room) parts.push(word.slice(at, at + room));
  return parts;
}
