/** One line into a changelog in the format of Keep a Changelog, everything else left as it is. */

/** The sections of a release, in the order in which they stand. */
export const CHANGELOG_SECTIONS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'] as const;
export type ChangelogSection = (typeof CHANGELOG_SECTIONS)[number];

export interface ChangelogEntry {
  readonly section: ChangelogSection;
  readonly text: string;
}

const NEW_FILE = `# Changelog

What changed for the people who use this, release by release, in the format of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).
`;

/**
 * The changelog with the entry as last of its section under `## [Unreleased]`; heading and section are made where they are missing.
 * `text` is null where there is no changelog yet. Line endings, bullet and final newline stay as they are; an entry that stands there
 * already, or has no text, changes nothing.
 */
export function addChangelogLine(text: string | null, entry: ChangelogEntry): string {
  const item = entryText(entry.text);
  if (text === null || text.trim() === '') return item === '' ? (text ?? '') : inserted(NEW_FILE, { ...entry, text: item });
  return item === '' ? text : inserted(text, { ...entry, text: item });
}

/** On one line; without a bullet of its own; unable to open a comment that hides what follows. */
function entryText(text: string): string {
  return text
    .replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .replace(/^ ?(?:[-*+] +)?/, '')
    .trimEnd()
    .replaceAll('<!--', '&lt;!--');
}

function inserted(text: string, entry: ChangelogEntry): string {
  const lines = linesOf(text);
  const place = placeFor(lines, entry);
  return place === null ? text : spliced(text, lines, place);
}

interface Line {
  /** Without its line ending. */
  readonly text: string;
  /** 1 to 6 for a heading, 0 for anything else, code blocks and comments included. */
  readonly level: number;
  readonly blank: boolean;
  /** Offset of its first character, and of the first one after its ending. */
  readonly from: number;
  readonly to: number;
}

/** New lines, to stand before line `at` of the old ones. */
interface Place {
  readonly at: number;
  readonly lines: readonly string[];
}

function placeFor(lines: readonly Line[], entry: ChangelogEntry): Place | null {
  const section = [`### ${entry.section}`, ...(isTight(lines) ? [] : ['']), bulletOf(lines) + entry.text];
  const top = lines.findIndex(({ level, text }) => level === 2 && /^ {0,3}##\s+\[?unreleased\b/i.test(text));
  if (top < 0) {
    const release = lines.findIndex(({ level }) => level === 2);
    return block(lines, release < 0 ? endOf(lines, 0, lines.length) : release, ['## [Unreleased]', '', ...section]);
  }
  const end = endOf(lines, top, next(lines, top, 2));
  const own = lines.findIndex((line, i) => i > top && i < end && sectionOf(line) === entry.section);
  if (own < 0) return block(lines, placeOfSection(lines, top, end, entry.section), section);
  const items = lines.slice(own + 1, Math.min(end, next(lines, own, 3)));
  if (items.some(({ text }) => text.replace(BULLET, '').trimEnd() === entry.text && BULLET.test(text))) return null;
  return placeOfItem(lines, own, items, bulletOf([...items, ...lines]) + entry.text);
}

/** Before the first section that comes later in the canonical order, else at the end of the unreleased part. */
function placeOfSection(lines: readonly Line[], top: number, end: number, section: ChangelogSection): number {
  const order = (line: Line) => (CHANGELOG_SECTIONS as readonly (string | null)[]).indexOf(sectionOf(line));
  const later = lines.findIndex((line, i) => i > top && i < end && order(line) > CHANGELOG_SECTIONS.indexOf(section));
  return later < 0 ? end : later;
}

/** After the last line of the section that is not blank; in a section that is still empty, after the blank line below its heading. */
function placeOfItem(lines: readonly Line[], heading: number, items: readonly Line[], bullet: string): Place {
  const last = items.findLastIndex(({ blank }) => !blank);
  if (last < 0) {
    const at = heading + (items.length > 0 ? 2 : 1);
    return { at, lines: [...(items.length > 0 || isTight(lines) ? [] : ['']), bullet, ...(isFollowed(lines, at) ? [''] : [])] };
  }
  const bullets = items.flatMap(({ text }, i) => (BULLET.test(text) && !/^\s{2,}/.test(text) ? [i] : []));
  const isLoose = bullets.length > 1 && items[(bullets.at(-1) as number) - 1]?.blank === true;
  return { at: heading + 1 + last + 1, lines: [...(isLoose || bullets.length === 0 ? [''] : []), bullet] };
}

/** Lines set apart by one blank line on either side. */
function block(lines: readonly Line[], at: number, added: readonly string[]): Place {
  const isApart = at === 0 || lines[at - 1]?.blank === true;
  return { at, lines: [...(isApart ? [] : ['']), ...added, ...(isFollowed(lines, at) ? [''] : [])] };
}

function isFollowed(lines: readonly Line[], at: number): boolean {
  return lines[at]?.blank === false;
}

/** The first line after `from` whose heading is of this level or above. */
function next(lines: readonly Line[], from: number, level: number): number {
  const found = lines.findIndex((line, i) => i > from && line.level > 0 && line.level <= level);
  return found < 0 ? lines.length : found;
}

/** `end` moved up over blank lines and the link addresses that stand at the foot of a changelog. */
function endOf(lines: readonly Line[], from: number, end: number): number {
  let at = end;
  while (at - 1 > from && (lines[at - 1]?.blank || /^ {0,3}\[[^\]]+\]:\s/.test(lines[at - 1]?.text ?? ''))) at -= 1;
  return at;
}

function sectionOf({ level, text }: Line): string | null {
  const name = level === 3 ? /^ {0,3}###\s+([a-z]{1,20})\s*$/i.exec(text)?.[1] : undefined;
  return name === undefined ? null : `${name.charAt(0).toUpperCase()}${name.slice(1).toLowerCase()}`;
}

const BULLET = /^\s*[-*+]\s+/;

function bulletOf(lines: readonly Line[]): string {
  return lines.map(({ text }) => /^ ?[-*+] +(?=\S)/.exec(text)?.[0]).find((bullet) => bullet !== undefined) ?? '- ';
}

/** Whether items follow their section's heading without a blank line. */
function isTight(lines: readonly Line[]): boolean {
  return lines.some(({ level }, i) => level === 3 && BULLET.test(lines[i + 1]?.text ?? ''));
}

function spliced(text: string, lines: readonly Line[], { at, lines: added }: Place): string {
  const ending = lines[0] !== undefined && text.slice(0, lines[0].to).endsWith('\r\n') ? '\r\n' : '\n';
  const before = text.slice(0, lines[at]?.from ?? text.length);
  const after = text.slice(before.length);
  const isCut = before !== '' && !before.endsWith('\n');
  return isCut ? `${before}${ending}${added.join(ending)}` : `${before}${added.map((line) => line + ending).join('')}${after}`;
}

/** `plainFrom`: the line from which on nothing opens a code block or comment, because one that opened there never ends. */
function linesOf(text: string, plainFrom = Number.POSITIVE_INFINITY): Line[] {
  const lines: Line[] = [];
  let fence = '';
  let isComment = false;
  let opened = 0;
  let from = 0;
  for (const raw of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const line = raw.replace(/\r?\n$/, '');
    const isInside = fence !== '' || isComment;
    const mark = lines.length < plainFrom ? (/^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? '') : '';
    const isPlain = !isInside && mark === '';
    if (!isComment && mark !== '') fence = nextFence(fence, mark, line);
    if (fence === '' && lines.length < plainFrom) isComment = staysComment(line, isComment);
    if (!isInside) opened = lines.length;
    lines.push({ text: line, level: isPlain ? levelOf(line) : 0, blank: isPlain && line.trim() === '', from, to: from + raw.length });
    from += raw.length;
  }
  return fence !== '' || isComment ? linesOf(text, opened) : lines;
}

function nextFence(open: string, mark: string, line: string): string {
  if (open === '') return mark;
  const closes = mark.startsWith(open) && line.trim() === mark;
  return closes ? '' : open;
}

/** Whether the line after this one is inside a comment. */
function staysComment(line: string, isComment: boolean): boolean {
  return (isComment || /^ {0,3}<!--/.test(line)) && !line.includes('-->');
}

function levelOf(line: string): number {
  return /^ {0,3}(#{1,6})(?:\s|$)/.exec(line)?.[1]?.length ?? 0;
}
