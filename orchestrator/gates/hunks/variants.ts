import { hunksIn, type SourceHunk, type SplitFile, withoutHunks } from '../../domain/hunks.ts';
import type { Change } from '../../domain/tree.ts';
import { hasCode } from './has-code.ts';
import { publicDefinitions } from './names.ts';
import { registrationsIn } from './routes.ts';

/** How many variants are run at most. Beyond, hunks are taken out in groups. */
export const MAX_VARIANTS = 40;
/** Bytes of changed files that are handed to the container at most. */
const MAX_BYTES = 24_000_000;

/** What is taken out at once, and what with it where the rest would not parse: the first alternative that parses is run. */
export interface Variant {
  /** The hunks that it is about. */
  readonly hunks: readonly string[];
  /** Sets of hunks, the smallest first. */
  readonly alternatives: readonly (readonly string[])[];
}

export interface VariantPlan {
  readonly variants: readonly Variant[];
  /** The changes that lead from the head to each alternative of each variant. */
  readonly changes: readonly (readonly (readonly Change[])[])[];
  /** Hunks that change no statement: there is nothing to take out. */
  readonly noCode: readonly string[];
  /** Hunks of files too large to be handed over so many times. */
  readonly leftOut: readonly string[];
}

/** Which hunks are taken out in which run: each alone as far as `most` reaches, those that add a route or a public name before the others. */
export function planVariants(files: readonly SplitFile[], most = MAX_VARIANTS): VariantPlan {
  const fileOf = new Map(files.flatMap((file) => hunksIn([file]).map(({ id }) => [id, file] as const)));
  const coded = hunksIn(files).filter((hunk) => hasCode(fileOf.get(hunk.id) as SplitFile, hunk));
  const noCode = hunksIn(files)
    .map(({ id }) => id)
    .filter((id) => !coded.some((hunk) => hunk.id === id));
  const variants = grouped(coded, most).map((hunks) => ({ hunks, alternatives: alternativesOf(hunks, fileOf) }));
  return { ...planOf(files, variants), noCode };
}

/** Variants with what has to be changed for them, as many as can be handed over. */
export function planOf(files: readonly SplitFile[], all: readonly Variant[]): VariantPlan {
  const variants: Variant[] = [];
  const changes: (readonly Change[])[][] = [];
  const leftOut: string[] = [];
  let bytes = 0;
  for (const { hunks, alternatives } of all) {
    const sized = alternatives.map((out) => withoutHunks(files, new Set(out)));
    const fitting = sized.filter((list, i) => {
      const size = list.reduce((sum, { after }) => sum + (after?.content.length ?? 0), 0);
      const fits = bytes + size <= MAX_BYTES && (i === 0 || list.length > 0);
      if (fits) bytes += size;
      return fits;
    });
    if (fitting.length === 0 || fitting[0] !== sized[0]) {
      leftOut.push(...hunks);
      continue;
    }
    variants.push({ hunks, alternatives: alternatives.filter((_, i) => fitting.includes(sized[i] as Change[])) });
    changes.push(fitting);
  }
  return { variants, changes, noCode: [], leftOut };
}

/** Alone as many as can be; the rest in groups of neighbours. */
function grouped(hunks: readonly SourceHunk[], most: number): string[][] {
  if (hunks.length <= most) return hunks.map(({ id }) => [id]);
  const first = hunks.filter(addsName).slice(0, Math.floor(most / 2));
  const rest = hunks.filter((hunk) => !first.includes(hunk));
  const size = Math.ceil(rest.length / (most - first.length));
  const groups: string[][] = [];
  for (let at = 0; at < rest.length; at += size) groups.push(rest.slice(at, at + size).map(({ id }) => id));
  return [...first.map(({ id }) => [id]), ...groups];
}

function addsName({ path, after }: SourceHunk): boolean {
  if (!path.endsWith('.py')) return false;
  const text = after.join('');
  return publicDefinitions(text).length > 0 || registrationsIn(path, text).length > 0;
}

/** A hunk alone, with the one after it, with the one before it, with all of its file. */
function alternativesOf(hunks: readonly string[], fileOf: ReadonlyMap<string, SplitFile>): string[][] {
  const whole = [...new Set(hunks.flatMap((id) => hunksIn([fileOf.get(id) as SplitFile]).map((hunk) => hunk.id)))];
  if (hunks.length > 1) return distinct([[...hunks], whole]);
  const at = whole.indexOf(hunks[0] as string);
  return distinct([[...hunks], whole.slice(at, at + 2), whole.slice(Math.max(0, at - 1), at + 1), whole]);
}

function distinct(sets: readonly string[][]): string[][] {
  const seen = new Set<string>();
  return sets.filter((set) => {
    const key = JSON.stringify(set);
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}
