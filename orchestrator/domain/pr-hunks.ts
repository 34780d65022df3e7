import { type HunkOutcome, placeOfHunk, provenHunks } from './hunks.ts';
import { cellCode, type Size, several, table, words } from './pr-text.ts';

export interface HunksSection {
  readonly hunks: readonly HunkOutcome[];
  /** Id of a new test, without parameters -> criteria it cites. */
  readonly criteria: ReadonlyMap<string, readonly string[]>;
  readonly folder: string;
}

/** Each hunk of the source and what misses it when it is taken out; null where there is none. */
export function hunksSection({ hunks, criteria, folder }: HunksSection, size: Size): string | null {
  if (hunks.length === 0) return null;
  const intro =
    'Each hunk of the source was taken out in turn, and the new tests run without it. What no test misses is for the reader to judge.';
  const places = new Map(hunks.map((hunk) => [hunk.id, placeOfHunk(hunk)]));
  const row = (hunk: HunkOutcome) => [MARKS[hunk.state], cellCode(placeOfHunk(hunk)), missedBy(hunk, { criteria, places }, size)];
  const rows = table(['', 'hunk', 'what misses it'], hunks, row, size, `${folder}/evidence/hunks.json`);
  return `## Hunks\n\n${provenHunks(hunks) ?? 'No hunk changes a statement'}. ${intro}\n\n${rows}`;
}

const MARKS: Readonly<Record<HunkOutcome['state'], string>> = { proven: '✅', unproven: '⚠️', no_code: '' };

function missedBy(
  hunk: HunkOutcome,
  { criteria, places }: { criteria: HunksSection['criteria']; places: ReadonlyMap<string, string> },
  size: Size,
): string {
  if (hunk.state === 'no_code') return 'no code';
  const test = (id: string) => {
    const cited = criteria.get(id) ?? [];
    return `${cellCode(id)}${cited.length === 0 ? '' : ` (${words(cited.join(', '), size)})`}`;
  };
  const parts = [
    ...(hunk.state === 'unproven' ? [`**unproven**: ${words(hunk.note ?? '', size)}`] : []),
    ...(hunk.state === 'proven' && hunk.note !== null ? [words(hunk.note, size)] : []),
    ...(hunk.missedBy.length === 0 || hunk.note !== null ? [] : [several(hunk.missedBy, test, { ...size, rows: Math.min(size.rows, 10) })]),
    ...(hunk.together.length === 0
      ? []
      : [`taken out together with ${several(hunk.together, (id) => cellCode(places.get(id) ?? id), size)}`]),
  ];
  return parts.join('<br>');
}
