import { ToolError, wordsFor } from './tool-error.ts';

/** What one use of a tool came to, in words for the model. */
export interface Result {
  /** What was asked: `read_file app/main.py`. */
  readonly asked: string;
  readonly refused: boolean;
  readonly text: string;
}

/** Runs a tool; whatever it refuses becomes words. A fault of the program itself still throws. */
export function resultOf(asked: string, tool: () => string): Result {
  try {
    return { asked, refused: false, text: tool() };
  } catch (error) {
    const words = error instanceof ToolError ? error.message : wordsFor(error);
    if (words === null) throw error;
    return { asked, refused: true, text: `error: ${words}` };
  }
}

/** The user message that tells a model what its tools answered. */
export function resultsText(results: readonly Result[]): string {
  return results.map(({ asked, text }, index) => `[${index + 1}] ${asked}\n${text}`).join('\n\n');
}

/** What to do after refused edits; empty when none was. */
export function refusedWords(results: readonly Result[]): string {
  const refused = results.filter((result) => result.refused).length;
  if (refused === 0) return '';
  const rest = refused < results.length ? ' The others are in the tree: do not send them again.' : '';
  return `\n\n${refused} of ${results.length} changes refused.${rest} Correct what was refused.`;
}

/** For the log: `3 done, 1 refused`. */
export function countResults(results: readonly Result[]): string {
  const refused = results.filter((result) => result.refused).length;
  return `${results.length - refused} done, ${refused} refused`;
}
