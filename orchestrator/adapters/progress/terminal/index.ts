import { forTerminal, oneLine } from '../../../domain/untrusted.ts';
import type { Progress, StageLine } from '../../../ports/progress.ts';
import { dollars, seconds, thousands } from './figures.ts';

/** What a terminal offers; a pipe gets plain lines and nothing that moves. */
export interface Screen {
  write(text: string): void;
  readonly tty: boolean;
  readonly colour: boolean;
  readonly columns: number;
}

const TICK_MS = 1_000;

/** Progress for people, on stderr: a line a stage, and on a terminal a live line that shows the time while a stage works. */
export function terminalProgress(screen: Screen): Progress & { close(): void } {
  let live: NodeJS.Timeout | null = null;

  const paint = (code: number, text: string) => (screen.colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const clear = () => {
    if (live === null) return;
    clearInterval(live);
    live = null;
    screen.write('\r\u001b[2K');
  };
  const print = (line: string) => {
    clear();
    screen.write(`${line}\n`);
  };

  return {
    header(lines) {
      for (const line of lines) print(forTerminal(line));
    },
    begin(stage, what) {
      clear();
      if (!screen.tty) return;
      const began = Date.now();
      const draw = () => {
        const text = ` .. ${stage.padEnd(8)} ${seconds(Date.now() - began).padStart(6)}   ${oneLine(forTerminal(what), 200)}`;
        screen.write(`\r\u001b[2K${paint(2, text.slice(0, screen.columns - 1))}`);
      };
      draw();
      live = setInterval(draw, TICK_MS);
      live.unref();
    },
    end(line) {
      print(stageLine(line, paint));
    },
    note(text) {
      print(paint(2, `    ${oneLine(forTerminal(text), 400)}`));
    },
    close: clear,
  };
}

function stageLine(line: StageLine, paint: (code: number, text: string) => string): string {
  const mark = line.ok ? paint(32, 'ok') : paint(31, 'no');
  const asked = line.asked ? `${count(line.tokensIn, 'in')} ${count(line.tokensOut, 'out')}  ${dollars(line.costUsd)}   ` : '';
  return ` ${mark} ${line.stage.padEnd(8)} ${seconds(line.ms).padStart(6)}   ${asked}${oneLine(forTerminal(line.text), 300)}`;
}

function count(tokens: number | null, what: string): string {
  return `${(tokens === null ? '?' : thousands(tokens)).padStart(7)} ${what}`;
}
