/** The source patch taken apart into hunks that can each be taken out of the head: data and pure functions over lines. */
import { z } from 'zod';
import { Failure } from './failure.ts';
import type { TestReport } from './report.ts';
import { type Change, type FileEntry, readText, textFile } from './tree.ts';

/** Lines of one side of a file, from 1. Where there are none, `from` is the line that they would stand before. */
export interface LineRange {
  readonly from: number;
  readonly count: number;
}

/** One change of the source patch that can be taken out by itself. */
export interface SourceHunk {
  /** `app/x.py#2`: the file and the hunk's place in it, from 1. */
  readonly id: string;
  readonly path: string;
  readonly old: LineRange;
  readonly new: LineRange;
  /** Its lines on the base and on the head, with their line ends; both empty where the file is changed as a whole. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** A file of the source patch as its unchanged lines and its hunks, in order. */
export interface SplitFile {
  readonly path: string;
  readonly before: FileEntry | null;
  readonly after: FileEntry | null;
  readonly parts: readonly (SourceHunk | readonly string[])[];
}

/** A run of changed lines without an unchanged one in it, with the whole text of both sides (`''` where there is no file). */
export interface ChangedRun {
  readonly path: string;
  readonly beforeText: string;
  readonly afterText: string;
  readonly old: LineRange;
  readonly new: LineRange;
}

/** So many lines of a run's base side and of its head side, in order: the pieces of a run come to the whole of it. */
export interface Piece {
  readonly before: number;
  readonly after: number;
}

export interface TakeApartInput {
  readonly changes: readonly Change[];
  /** Line numbers of the head that the change adds, and of the base that it deletes, by path, as git's diff says. */
  readonly added: ReadonlyMap<string, ReadonlySet<number>>;
  readonly deleted: ReadonlyMap<string, ReadonlySet<number>>;
  /** How a run falls into smaller pieces; left out, it is one hunk. */
  readonly split?: (run: ChangedRun) => readonly Piece[];
}

/**
 * Each contiguous run of changed lines as one hunk or, by `split`, several. A deleted file, a link, a file that is no UTF-8 and one of which
 * only the mode differs are one hunk each, without lines.
 */
export function takeApart({ changes, added, deleted, split }: TakeApartInput): SplitFile[] {
  return changes.map((change) => {
    const sides = textsOf(change);
    if (sides === null) return wholeFile(change);
    const [beforeText, afterText] = sides;
    const none = new Set<number>();
    const runs = runsOf(change.path, beforeText, afterText, deleted.get(change.path) ?? none, added.get(change.path) ?? none);
    return runs.some((part) => !Array.isArray(part)) ? fileOf(change, runs as (ChangedRun | string[])[], split) : wholeFile(change);
  });
}

/** All hunks of these files, in order. */
export function hunksIn(files: readonly SplitFile[]): SourceHunk[] {
  return files.flatMap(({ parts }) => parts.filter(isHunk));
}

/**
 * What leads from the head to the head without these hunks. A file with none of its hunks left is again what it was on the base, absence
 * and mode included.
 */
export function withoutHunks(files: readonly SplitFile[], out: ReadonlySet<string>): Change[] {
  return files.flatMap(({ path, before, after, parts }) => {
    const hunks = parts.filter(isHunk);
    const taken = hunks.filter(({ id }) => out.has(id));
    if (taken.length === 0) return [];
    if (taken.length === hunks.length) return [{ path, before: after, after: before }];
    const text = parts.flatMap((part) => (isHunk(part) ? (out.has(part.id) ? part.before : part.after) : part)).join('');
    return [{ path, before: after, after: { mode: after?.mode ?? '100644', content: textFile(text).content } }];
  });
}

const rangeSchema = z.strictObject({ from: z.int(), count: z.int() }).readonly();

/** What became of one hunk when it was taken out. */
const hunkOutcomeSchema = z
  .strictObject({
    id: z.string(),
    path: z.string(),
    old: rangeSchema,
    new: rangeSchema,
    /** proven: a new test misses it. no_code: it changes no statement (comments, docstrings, layout, documents), so nothing is to be missed. */
    state: z.enum(['proven', 'unproven', 'no_code']),
    /** New tests, by id without parameters, that pass on the head and fail without it. */
    missedBy: z.array(z.string()).readonly(),
    /** Hunks that had to be taken out with it: without them the rest does not parse, or there were too many to take each out alone. */
    together: z.array(z.string()).readonly(),
    /** How it was missed where not by a failing test, or why it counts as unproven. */
    note: z.string().nullable(),
    /** Milliseconds that its run took; null where there was none. */
    ms: z.int().nullable(),
  })
  .readonly();
export type HunkOutcome = z.infer<typeof hunkOutcomeSchema>;

/** `evidence/hunks.json`. */
export const hunksFileSchema = z
  .strictObject({
    hunks: z.array(hunkOutcomeSchema).readonly(),
    /** Single statements that were taken out for criteria that only guards stand for. */
    steps: z.array(hunkOutcomeSchema).readonly(),
    /** Milliseconds of the container that took them out one after the other; null where none ran. */
    ms: z.int().nullable(),
  })
  .readonly();
export type HunksFile = z.infer<typeof hunksFileSchema>;

/** What the container that goes through the variants says of each, in order. Untrusted until this schema has passed. */
export const variantsToldSchema = z
  .array(
    z.strictObject({
      state: z.enum(['ended', 'timed_out', 'unparsable', 'not_run']),
      /** Which of the variant's alternatives was run, from 0. */
      alternative: z.int().nonnegative().nullable(),
      exit: z.int().nullable(),
      ms: z.int().nonnegative(),
    }),
  )
  .max(1000);

/** The new tests on one variant of the head. */
export interface VariantRun {
  readonly state: z.infer<typeof variantsToldSchema>[number]['state'];
  readonly alternative: number | null;
  /** null where the run did not end by itself. */
  readonly report: TestReport | null;
  readonly ms: number;
}

/** `11 of 12 hunks proven`; those without code are not counted. null where there is none to prove. */
export function provenHunks(outcomes: readonly HunkOutcome[]): string | null {
  const counted = outcomes.filter(({ state }) => state !== 'no_code');
  if (counted.length === 0) return null;
  return `${counted.filter(({ state }) => state === 'proven').length} of ${counted.length} hunk${counted.length === 1 ? '' : 's'} proven`;
}

/** `app/x.py:10-14`, by the head's lines; `app/x.py:10 (deleted)` by the base's where the head has none of it. */
export function placeOfHunk({ path, old, new: now }: Pick<HunkOutcome, 'path' | 'old' | 'new'>): string {
  if (now.count + old.count === 0) return path;
  const { from, count } = now.count > 0 ? now : old;
  return `${path}:${from}${count > 1 ? `-${from + count - 1}` : ''}${now.count > 0 ? '' : ' (deleted)'}`;
}

function isHunk(part: SourceHunk | readonly string[]): part is SourceHunk {
  return !Array.isArray(part);
}

/** The text of both sides, `''` for a side without a file; null where the change is not one of text. */
function textsOf({ path, before, after }: Change): [string, string] | null {
  if (after === null) return null;
  const sides = [before, after].map((entry) => (entry === null ? '' : readText(new Map([[path, entry]]), path)));
  const [beforeText, afterText] = sides;
  return typeof beforeText === 'string' && typeof afterText === 'string' ? [beforeText, afterText] : null;
}

function wholeFile({ path, before, after }: Change): SplitFile {
  const range = { from: 1, count: 0 };
  return { path, before, after, parts: [{ id: `${path}#1`, path, old: range, new: range, before: [], after: [] }] };
}

/** Unchanged lines and runs of changed ones, in order. */
function runsOf(
  path: string,
  beforeText: string,
  afterText: string,
  deleted: ReadonlySet<number>,
  added: ReadonlySet<number>,
): (ChangedRun | string[])[] {
  const before = linesOf(beforeText);
  const after = linesOf(afterText);
  const parts: (ChangedRun | string[])[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const [oldFrom, newFrom] = [i + 1, j + 1];
    while (deleted.has(i + 1) && i < before.length) i += 1;
    while (added.has(j + 1) && j < after.length) j += 1;
    if (i + 1 > oldFrom || j + 1 > newFrom) {
      const [old, now] = [
        { from: oldFrom, count: i + 1 - oldFrom },
        { from: newFrom, count: j + 1 - newFrom },
      ];
      parts.push({ path, beforeText, afterText, old, new: now });
      continue;
    }
    const same: string[] = [];
    while (i < before.length && j < after.length && !deleted.has(i + 1) && !added.has(j + 1)) {
      if (before[i] !== after[j]) throw notThePatch(path);
      same.push(after[j] as string);
      i += 1;
      j += 1;
    }
    if (same.length === 0) throw notThePatch(path);
    parts.push(same);
  }
  return parts;
}

function notThePatch(path: string): Failure {
  return new Failure('bug', `the diff of ${path} is not that of its two sides`);
}

function fileOf(change: Change, runs: readonly (ChangedRun | string[])[], split: TakeApartInput['split']): SplitFile {
  const parts: (SourceHunk | string[])[] = [];
  let number = 0;
  for (const run of runs) {
    if (Array.isArray(run)) {
      parts.push(run);
      continue;
    }
    const [before, after] = [
      linesOf(run.beforeText).slice(run.old.from - 1, run.old.from - 1 + run.old.count),
      linesOf(run.afterText).slice(run.new.from - 1, run.new.from - 1 + run.new.count),
    ];
    let [i, j] = [0, 0];
    for (const piece of split?.(run) ?? [{ before: before.length, after: after.length }]) {
      number += 1;
      parts.push({
        id: `${change.path}#${number}`,
        path: change.path,
        old: { from: run.old.from + i, count: piece.before },
        new: { from: run.new.from + j, count: piece.after },
        before: before.slice(i, i + piece.before),
        after: after.slice(j, j + piece.after),
      });
      i += piece.before;
      j += piece.after;
    }
    if (i !== before.length || j !== after.length)
      throw new Failure('bug', `the pieces of a run in ${change.path} do not come to the whole of it`);
  }
  return { path: change.path, before: change.before, after: change.after, parts };
}

/** Lines with their ends; git ends a line at a line feed alone. */
function linesOf(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}
