import { Command } from 'commander';
import { runsCommand } from '../../../orchestrator/cli/commands/runs.ts';
import type { Console } from '../../../orchestrator/cli/console.ts';
import { Failure } from '../../../orchestrator/domain/failure.ts';

/** `factory runs …` on an outside of its own: what came out, what was told, how it ended. */
export async function factoryRuns(argv: readonly string[], columns = 120) {
  const said = { out: '', err: '' };
  const ending = { code: 0, json: false };
  const console: Console = {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    env: {},
    tty: false,
    colour: false,
    columns,
    program: '',
  };
  const program = new Command('factory').exitOverride().configureOutput({ writeErr: console.err, writeOut: console.out });
  runsCommand(program, console, ending);
  const failure = await program.parseAsync(['runs', ...argv], { from: 'user' }).then(
    () => null,
    (error: unknown) => {
      if (error instanceof Failure) return error;
      throw error;
    },
  );
  return { ...said, ...ending, failed: failure?.code ?? null, detail: failure?.detail ?? null, exit: failure?.entry.exit ?? ending.code };
}
