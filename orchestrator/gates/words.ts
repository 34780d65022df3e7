/** How much of a tool's own words goes back to a model, in characters. */
const MAX_WORDS = 4000;

/** Entries joined by newlines, as many as fit whole; the rest is counted, never silently dropped. */
export function trimmedWords(entries: readonly string[], max = MAX_WORDS): string {
  const kept: string[] = [];
  let size = 0;
  for (const entry of entries) {
    const text = shortened(entry, max);
    if (kept.length > 0 && size + text.length > max) break;
    kept.push(text);
    size += text.length + 1;
  }
  const left = entries.length - kept.length;
  return left === 0 ? kept.join('\n') : [...kept, `… and ${left} more`].join('\n');
}

/** A text of at most `max` characters: its middle is left out, since tools say what matters first or last. */
export function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  const half = Math.floor((max - 3) / 2);
  return `${text.slice(0, half)}\n…\n${text.slice(text.length - half)}`;
}

/** The first few of a list, for a sentence: `a, b and 3 more`. */
export function named(items: readonly string[], max = 5): string {
  const shown = items.slice(0, max).join(', ');
  return items.length > max ? `${shown} and ${items.length - max} more` : shown;
}

/** `1 test`, `2 tests`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
