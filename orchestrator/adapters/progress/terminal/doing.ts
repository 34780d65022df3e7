import type { OpenQuestion } from '../../../ports/progress.ts';
import { roughly, thousands, wholeSeconds } from './figures.ts';

/** What a stage is at. */
export interface Doing {
  /** What was said when it began. */
  readonly what: string;
  /** The question asked last; null before the first. */
  readonly question: OpenQuestion | null;
  /** Whether it is answered. */
  readonly answered: boolean;
  /** Milliseconds since it was asked. */
  readonly askedFor: number;
}

/** What a stage is at, in one line: what the model is doing, then what the stage is about. */
export function doingText({ what, question, answered, askedFor }: Doing): string {
  if (question === null) return what;
  const { turn, promptTokens, outTokens } = question;
  return `${turn === 1 ? '' : `turn ${turn}: `}${modelText()}${what === '' ? '' : `; ${what}`}`;

  function modelText(): string {
    if (answered) return 'the reply is here, at work on it';
    if (outTokens > 0) return `${thousands(outTokens)} tokens out`;
    return `reading the prompt (about ${roughly(promptTokens)} tokens)… ${wholeSeconds(askedFor)}`;
  }
}
