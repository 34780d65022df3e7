import { type ChangedRun, hunksIn, type LineRange, type Piece, placeOfHunk, type SplitFile } from '../../domain/hunks.ts';
import { hasCode } from './has-code.ts';
import { pythonPieces } from './pieces.ts';
import { type PythonText, pythonText, stepsIn } from './statements.ts';
import { planOf, type VariantPlan } from './variants.ts';

/** How many statements are taken out at most. */
const MAX_STATEMENTS = 24;

/** Begins with a definition, its decorators or the comments above them. */
const DEFINES = /^(?:\s*(?:#.*)?\n)*\s*(?:@|(?:async\s+)?def\b|class\b)/;

/**
 * Pieces as `pythonPieces` has them, but what is added falls further into the statements of its body. For guards: a new route's unknown id is a 404
 * with the route and without it, and no longer where the route's own check is taken out.
 */
export function finerPieces(run: ChangedRun): Piece[] {
  if (!run.path.endsWith('.py')) return pythonPieces(run);
  const text = pythonText(run.afterText);
  let from = run.new.from;
  return pythonPieces(run).flatMap((piece) => {
    const range = { from, count: piece.after };
    from += piece.after;
    return piece.before > 0 || piece.after === 0 ? [piece] : bodyOf(text, range);
  });
}

/** One run for each statement in a body that the change adds: those that `finerPieces` made beyond the first of a piece. */
export function planFiner(coarse: readonly SplitFile[], finer: readonly SplitFile[]): VariantPlan {
  const known = new Set(hunksIn(coarse).map(placeOfHunk));
  const heads = new Set(hunksIn(coarse).map(({ path, new: { from } }) => `${path}:${from}`));
  const fileOf = new Map(finer.map((file) => [file.path, file]));
  const own = hunksIn(finer).filter(
    (hunk) =>
      !known.has(placeOfHunk(hunk)) &&
      !(heads.has(`${hunk.path}:${hunk.new.from}`) && DEFINES.test(hunk.after.join(''))) &&
      hasCode(fileOf.get(hunk.path) as SplitFile, hunk),
  );
  return planOf(
    finer,
    own.slice(0, MAX_STATEMENTS).map(({ id }) => ({ hunks: [id], alternatives: [[id]] })),
  );
}

/** The head of a definition, then each statement of its body; or each statement of a run without a definition. */
function bodyOf(text: PythonText, range: LineRange): Piece[] {
  const starts = stepsIn(text, range);
  const ends = [...starts.slice(1), range.from + range.count];
  return starts.map((start, i) => ({ before: 0, after: (ends[i] as number) - start }));
}
