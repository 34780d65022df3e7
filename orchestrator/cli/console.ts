import type { Redactor } from '../domain/redact.ts';
import { forTerminal } from '../domain/untrusted.ts';

/** What a command is run with: the outside of the process, so that a command can be tried without one. */
export interface Console {
  /** What a person reads while it works. */
  readonly err: (text: string) => void;
  /** The result, and nothing else. */
  readonly out: (text: string) => void;
  readonly env: NodeJS.ProcessEnv;
  readonly tty: boolean;
  readonly colour: boolean;
  readonly columns: number;
  /** The program's own file, for a command that starts it again. */
  readonly program: string;
}

/** How a command ended: 0, or an exit code of the failure catalogue. */
export interface Ending {
  code: number;
  /** Set by a command that was asked for `--json`: a failure is then printed as an object too. */
  json: boolean;
}

/** This process as a console. */
export function processConsole(): Console {
  // Who reads the result may have seen enough of it, as `head` and a pager have: that is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    err: (text) => void process.stderr.write(text),
    // A pipe gets what was said, byte by byte; nothing on a result's way to a terminal may act there.
    out: (text) => void process.stdout.write(process.stdout.isTTY ? forTerminal(text) : text),
    env: process.env,
    tty: process.stderr.isTTY === true,
    colour: process.stderr.isTTY === true && process.env.NO_COLOR === undefined,
    columns: process.stderr.columns ?? 120,
    program: process.argv[1] ?? '',
  };
}

/** The same console, which shows no secret. */
export function redacted(console: Console, { text }: Redactor): Console {
  return { ...console, err: (words) => console.err(text(words)), out: (words) => console.out(text(words)) };
}
