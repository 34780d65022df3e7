import type { TargetCard } from './card.ts';

type Outline = TargetCard['outline'];
type File = Outline[number];

/** From most to least detail; the first that fits is taken for every file alike. */
const DETAILS: readonly ((file: File, test: boolean) => string[])[] = [
  (file, test) => (test ? names(file) : signatures(file, 400)),
  (file, test) => (test ? names(file) : signatures(file, 120)),
  ...[120, 100, 80, 60, 45].map((longest) => (file: File, test: boolean) => (test ? counts(file) : signatures(file, longest))),
  (file, test) => (test ? counts(file) : names(file)),
  (file, test) => (test ? [] : topLevel(file)),
];

/** What stands in which file, in at most `room` characters: as detailed as fits, sources before tests, every file treated alike. */
export function outlineSection(outline: Outline, room: number): string {
  const files = outline.filter(({ symbols }) => symbols.length > 0).sort(byOrder);
  for (const detail of DETAILS) {
    const text = fitting(files, detail, Number.POSITIVE_INFINITY, room);
    if (text !== null) return text;
  }
  return cutAlike(files, room);
}

/** The same few symbols of every file, as many as fit; then as many files as fit. */
function cutAlike(files: readonly File[], room: number): string {
  const sources = files.filter(({ path }) => !isTest(path));
  for (let most = 24; most >= 1; most = Math.floor(most / 2)) {
    const text = fitting(sources, topLevel, most, room);
    if (text !== null) return text;
  }
  const kept: string[] = [];
  let used = 0;
  for (const { path, symbols } of sources) {
    const line = `${path}: ${symbols.length} symbols`;
    if (used + line.length + 1 > room - 24) break;
    kept.push(line);
    used += line.length + 1;
  }
  return room < 24 ? '' : [...kept, `… ${sources.length - kept.length} more files`].join('\n');
}

/** The outline in one detail, at most `most` lines a file; null as soon as it is longer than `room`, so that a large target costs no more. */
function fitting(files: readonly File[], detail: (file: File, test: boolean) => string[], most: number, room: number): string | null {
  const lines: string[] = [];
  let length = -1;
  for (const file of files) {
    const all = detail(file, isTest(file.path));
    if (all.length === 0) continue;
    const more = all.length > most ? [`  … ${all.length - most} more`] : [];
    for (const line of [file.path, ...all.slice(0, most), ...more]) {
      lines.push(line);
      length += line.length + 1;
    }
    if (length > room) return null;
  }
  return lines.join('\n');
}

function signatures({ symbols }: File, longest: number): string[] {
  return symbols.map((symbol) => {
    const { name, signature } = symbol;
    const text = signature.replace(/\s+/g, ' ').trim();
    // A method's signature does not say whose it is.
    const owner = name.includes('.') ? `${name.slice(0, name.lastIndexOf('.'))}: ` : '';
    const shown = owner + (text === '' ? name : text);
    return `  ${linesOf(symbol)} ${shown.length <= longest ? shown : `${shown.slice(0, longest - 1)}…`}`;
  });
}

function names({ symbols }: File): string[] {
  return [`  ${symbols.map((symbol) => `${symbol.name} ${linesOf(symbol)}`).join(', ')}`];
}

function topLevel({ symbols }: File): string[] {
  return symbols.filter(({ name }) => !name.includes('.')).map((symbol) => `  ${linesOf(symbol)} ${symbol.name}`);
}

function counts({ symbols }: File): string[] {
  const tests = symbols.filter(({ name }) => /(^|\.)test/.test(name)).length;
  return tests === 0 ? [] : [`  ${tests} tests`];
}

const linesOf = ({ from, to }: File['symbols'][number]): string => (from === to ? `${from}` : `${from}-${to}`);

function byOrder(a: File, b: File): number {
  return Number(isTest(a.path)) - Number(isTest(b.path)) || (a.path < b.path ? -1 : 1);
}

function isTest(path: string): boolean {
  return /(^|\/)(tests?\/|test_[^/]*\.py$|conftest\.py$|[^/]*_test\.py$)/.test(path);
}
