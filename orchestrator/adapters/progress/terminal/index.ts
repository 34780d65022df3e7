import { forTerminal, oneLine } from '../../../domain/untrusted.ts';
import type { OpenQuestion, Progress, StageLine } from '../../../ports/progress.ts';
import { doingText } from './doing.ts';
import { dollars, roughly, seconds, thousands, wholeSeconds } from './figures.ts';
import { packed, wrapped } from './wrap.ts';

/** What a terminal offers; a pipe gets plain lines and nothing that moves. */
export interface Screen {
  write(text: string): void;
  readonly tty: boolean;
  readonly colour: boolean;
  readonly columns: number;
}

const TICK_MS = 1_000;
/** Longest silence of a pipe while a stage works: a log that stands still reads as a hang. */
const SILENCE_MS = 30_000;
/** Where a stage's text begins. */
const TEXT_COLUMN = 22;
const MAX_LINES = 4;

/** A stage at work. */
interface Working {
  readonly stage: string;
  readonly what: string;
  readonly began: number;
  question: OpenQuestion | null;
  answered: boolean;
  asked: number;
}

/**
 * Progress for people, on stderr: a line a stage, and while a stage works the time and how far its model has come: on a terminal in a line that
 * moves, elsewhere in a line after every half minute of silence.
 */
export function terminalProgress(screen: Screen): Progress & { close(): void } {
  let working: Working | null = null;
  let timer: NodeJS.Timeout | null = null;
  let drawn = false;

  const paint = (code: number, text: string) => (screen.colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const erase = () => {
    if (drawn) screen.write('\r\u001b[2K');
    drawn = false;
  };
  const print = (line: string) => {
    erase();
    screen.write(`${line}\n`);
    tick();
  };
  const doing = ({ stage, began, what, question, answered, asked }: Working) => {
    const text = doingText({ what, question, answered, askedFor: Date.now() - asked });
    return ` .. ${stage.padEnd(8)} ${wholeSeconds(Date.now() - began).padStart(6)}   ${oneLine(forTerminal(text), 300)}`.trimEnd();
  };
  const draw = () => {
    if (working === null) return;
    erase();
    screen.write(paint(2, [...doing(working)].slice(0, screen.columns - 1).join('')));
    drawn = true;
  };
  /** From now on until the next word: what shows that the stage is alive. */
  const tick = () => {
    if (timer !== null) clearInterval(timer);
    timer = null;
    if (working === null) return;
    if (screen.tty) draw();
    timer = screen.tty ? setInterval(draw, TICK_MS) : setInterval(() => working && screen.write(`${doing(working)}\n`), SILENCE_MS);
    timer.unref();
  };
  const stop = () => {
    working = null;
    erase();
    tick();
  };
  const fitted = (text: string, indent: number) =>
    screen.tty ? wrapped(text, { columns: screen.columns - 1, indent, most: MAX_LINES }) : text;

  return {
    header(lines) {
      stop();
      for (const line of lines) print(screen.tty ? packed(forTerminal(line), screen.columns - 1) : forTerminal(line));
    },
    expect({ tokens, earlierRuns, mostUsd }) {
      const from = earlierRuns === 0 ? 'computed from sizes' : `median of ${earlierRuns} earlier ${earlierRuns === 1 ? 'run' : 'runs'}`;
      print(`    about ${roughly(tokens)} tokens (${from}), at most ${dollars(mostUsd)}`);
    },
    begin(stage, what) {
      stop();
      working = { stage, what, began: Date.now(), question: null, answered: false, asked: 0 };
      tick();
    },
    asking(question) {
      if (working === null) return;
      working.answered = question === null;
      if (question === null) return;
      if (question.outTokens === 0) working.asked = Date.now();
      working.question = question;
    },
    end(line) {
      stop();
      const { head, text, column } = stageLine(line, paint);
      const indent = screen.columns - column < screen.columns / 3 ? TEXT_COLUMN : column;
      print(`${head}${fitted(text, indent)}`);
    },
    rework(to, used, budget) {
      print(paint(33, `${' '.repeat(TEXT_COLUMN)}-> ${to} (rework ${used} of ${budget})`));
    },
    note(text) {
      print(paint(2, `    ${fitted(oneLine(forTerminal(text), 400), 4)}`));
    },
    close: stop,
  };
}

/** A stage's line up to its text, its text, and the column where that begins. */
function stageLine(line: StageLine, paint: (code: number, text: string) => string): { head: string; text: string; column: number } {
  const mark = line.ok ? paint(32, 'ok') : paint(31, 'no');
  const asked = line.asked ? `${count(line.tokensIn, 7)} in ${count(line.tokensOut, 6)} out  ${dollars(line.costUsd)}  ` : '';
  const after = ` ${line.stage.padEnd(8)} ${seconds(line.ms).padStart(6)}   ${asked}`;
  return { head: ` ${mark}${after}`, text: oneLine(forTerminal(line.text), 400), column: 3 + after.length };
}

function count(tokens: number | null, width: number): string {
  return (tokens === null ? '?' : thousands(tokens)).padStart(width);
}
