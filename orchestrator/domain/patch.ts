/** Unified diffs as git writes them, read into data. */

export interface PatchLine {
  readonly side: 'added' | 'deleted' | 'context';
  /** Line number in the old file, from 1; null on an added line. */
  readonly oldLine: number | null;
  /** Line number in the new file, from 1; null on a deleted line. */
  readonly newLine: number | null;
  /** Without its newline. */
  readonly text: string;
  /** True on a file's last line where the file does not end in a newline. */
  readonly cut: boolean;
}

export interface Hunk {
  /** First line, from 1; 0 where that side is empty. */
  readonly oldStart: number;
  readonly newStart: number;
  readonly lines: readonly PatchLine[];
}

export interface FilePatch {
  /** The new path, or the old one of a deleted file. */
  readonly path: string;
  readonly oldPath: string;
  /** `binary` has no hunks, whether it was added, deleted or modified. */
  readonly kind: 'added' | 'deleted' | 'modified' | 'binary';
  readonly hunks: readonly Hunk[];
}

/** A file changed from a file into a symlink (or back) gives two patches of one path, one deleted and one added, as in git's text. */
export function parsePatch(text: string): FilePatch[] {
  const lines = text.split('\n');
  const starts = fileStarts(lines);
  return starts.map((start, i) => parseFile(lines.slice(start, starts[i + 1] ?? lines.length)));
}

/** New line numbers that the patches add, by path. */
export function addedLines(patches: readonly FilePatch[]): Map<string, Set<number>> {
  return numbered(
    patches,
    (patch) => patch.path,
    (line) => (line.side === 'added' ? line.newLine : null),
  );
}

/** Old line numbers that the patches delete, by old path. */
export function deletedLines(patches: readonly FilePatch[]): Map<string, Set<number>> {
  return numbered(
    patches,
    (patch) => patch.oldPath,
    (line) => (line.side === 'deleted' ? line.oldLine : null),
  );
}

export interface PatchStat {
  readonly files: number;
  readonly added: number;
  readonly deleted: number;
}

/** How much changed: files, and lines as git counts them. */
export function patchStat(patches: readonly FilePatch[]): PatchStat {
  const lines = patches.flatMap(({ hunks }) => hunks.flatMap((hunk) => hunk.lines));
  return {
    files: new Set(patches.map(({ path }) => path)).size,
    added: lines.filter(({ side }) => side === 'added').length,
    deleted: lines.filter(({ side }) => side === 'deleted').length,
  };
}

const HUNK = /^@@ -([0-9]+)(?:,([0-9]+))? \+([0-9]+)(?:,([0-9]+))? @@/;

/** Where each file's part begins. Content can look like a header, so hunks are stepped over by their own counts. */
function fileStarts(lines: readonly string[]): number[] {
  const starts: number[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] as string;
    if (line.startsWith('diff --git ')) starts.push(at);
    else if (starts.length > 0 && HUNK.test(line)) at = readHunk(lines, at).end - 1;
  }
  return starts;
}

function parseFile(lines: readonly string[]): FilePatch {
  const hunks: Hunk[] = [];
  let at = 1;
  const header: string[] = [];
  while (at < lines.length) {
    const line = lines[at] as string;
    if (HUNK.test(line)) {
      const { hunk, end } = readHunk(lines, at);
      hunks.push(hunk);
      at = end;
    } else {
      if (hunks.length === 0) header.push(line);
      at += 1;
    }
  }
  const { oldPath, newPath } = pathsOf(lines[0] as string, header);
  const isAdded = header.some((line) => line.startsWith('new file mode '));
  const isDeleted = header.some((line) => line.startsWith('deleted file mode '));
  const isBinary = header.some((line) => line === 'GIT binary patch' || /^Binary files .* differ$/.test(line));
  return {
    path: isDeleted ? oldPath : newPath,
    oldPath,
    kind: isBinary ? 'binary' : isAdded ? 'added' : isDeleted ? 'deleted' : 'modified',
    hunks,
  };
}

/** One hunk and the index of the line after it. Throws a RangeError where the text ends before its counts are met. */
function readHunk(lines: readonly string[], start: number): { hunk: Hunk; end: number } {
  const [, oldStart, oldCount = '1', newStart, newCount = '1'] = HUNK.exec(lines[start] as string) as unknown as string[];
  let oldLine = Number(oldStart);
  let newLine = Number(newStart);
  const oldEnd = oldLine + Number(oldCount);
  const newEnd = newLine + Number(newCount);
  const read: PatchLine[] = [];
  let at = start + 1;
  while (oldLine < oldEnd || newLine < newEnd) {
    const line = lines[at];
    const text = line?.slice(1) ?? '';
    const cut = lines[at + 1]?.startsWith('\\') ?? false;
    if (line?.startsWith('+')) read.push({ side: 'added', oldLine: null, newLine: newLine++, text, cut });
    else if (line?.startsWith('-')) read.push({ side: 'deleted', oldLine: oldLine++, newLine: null, text, cut });
    else if (line?.startsWith(' ')) read.push({ side: 'context', oldLine: oldLine++, newLine: newLine++, text, cut });
    else throw new RangeError(`line ${at + 1} of the patch is not part of the hunk that begins at line ${start + 1}`);
    at += cut ? 2 : 1;
  }
  return { hunk: { oldStart: Number(oldStart), newStart: Number(newStart), lines: read }, end: at };
}

function pathsOf(first: string, header: readonly string[]): { oldPath: string; newPath: string } {
  const named = (mark: string) => {
    const line = header.find((candidate) => candidate.startsWith(mark));
    const name = line === undefined ? null : unquote(line.slice(mark.length).replace(/\t$/, ''));
    return name === null || name === '/dev/null' ? null : name.slice(2);
  };
  const both = fromFirstLine(first.slice('diff --git '.length));
  const oldPath = named('--- ') ?? named('+++ ') ?? both;
  return { oldPath, newPath: named('+++ ') ?? oldPath };
}

/** Without `---` and `+++` (binary, empty, mode only) both names stand in the first line, equal but for `a/` and `b/`. */
function fromFirstLine(names: string): string {
  const second = names.startsWith('"') ? names.indexOf(' "b/') + 1 : (names.length + 1) / 2;
  return unquote(names.slice(second)).slice(2);
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 };

/** A name as git quotes it where it holds anything unusual: in double quotes, bytes as three octal digits. */
function unquote(name: string): string {
  if (!name.startsWith('"')) return name;
  const parts = name.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|([^\\]+)/gsu);
  const bytes = [...parts].flatMap(([, octal, escaped, plain]) => {
    if (octal !== undefined) return [Number.parseInt(octal, 8)];
    if (escaped !== undefined) return [ESCAPES[escaped] ?? escaped.charCodeAt(0)];
    return [...new TextEncoder().encode(plain)];
  });
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

function numbered(
  patches: readonly FilePatch[],
  pathOf: (patch: FilePatch) => string,
  numberOf: (line: PatchLine) => number | null,
): Map<string, Set<number>> {
  const byPath = new Map<string, Set<number>>();
  for (const patch of patches) {
    const numbers = patch.hunks.flatMap((hunk) => hunk.lines.map(numberOf)).filter((number) => number !== null);
    if (numbers.length === 0) continue;
    byPath.set(pathOf(patch), new Set([...(byPath.get(pathOf(patch)) ?? []), ...numbers]));
  }
  return byPath;
}
