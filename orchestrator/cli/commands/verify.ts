import { join } from 'node:path';
import type { Command } from 'commander';
import { terminalProgress } from '../../adapters/progress/terminal/index.ts';
import { CATALOGUE, Failure } from '../../domain/failure.ts';
import { jsonLine } from '../../domain/untrusted.ts';
import type { Console, Ending } from '../console.ts';
import { printFailure } from '../print.ts';
import { readSettings } from '../settings.ts';
import { factoryRoot } from '../setup/root.ts';
import { onSignals } from '../signals.ts';
import { openKeptRun } from '../verify/kept-run.ts';
import { reportText } from '../verify/report.ts';
import { verifyRun } from '../verify/verify.ts';

interface Options {
  readonly directory: string;
  readonly runs?: string;
  readonly quick?: boolean;
  readonly dockerHost?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** `factory verify RUN`: whether a run's folder says what the run did, found out again without a model. */
export function verifyCommand(program: Command, console: Console, ending: Ending): void {
  program
    .command('verify <run>')
    .description('compute every hash of a run again and run every gate over its patches, in fresh containers and without a model')
    .option('-C, --directory <folder>', 'the repository that holds the run’s base', process.cwd())
    .option('--runs <folder>', 'where the run is (or give its path)')
    .option('--quick', 'hashes only; no gate runs')
    .option('--docker-host <url>', 'the engine (default: DOCKER_HOST, the current context, the usual sockets)')
    .option('--config <file>', 'settings (default: factory.yaml here)')
    .option('--json', 'print what was found as one JSON object on stdout')
    .action(async (run: string, options: Options) => {
      ending.json = options.json === true;
      const kept = openKeptRun(run, options.runs ?? join(factoryRoot(), 'runs'));
      const settings = readSettings({ config: options.config }, console.env, process.cwd());
      const progress = terminalProgress({ ...console, write: console.err });
      const signals = onSignals(console.err);
      try {
        const { directory, dockerHost, quick = false } = options;
        const { signal } = signals;
        const report = await verifyRun(kept, { directory, settings, dockerHost, quick, env: console.env, progress, signal });
        const code = report.ok ? null : 'verify_mismatch';
        ending.code = code === null ? 0 : CATALOGUE[code].exit;
        if (ending.json) console.out(`${jsonLine({ ...report, code, exit_code: ending.code })}\n`);
        else console.out(reportText(report, console.columns));
        const wrong = report.checks.filter(({ ok }) => ok === false).map(({ what, says }) => `${what}: ${says}`);
        if (code !== null) printFailure(new Failure(code, wrong.join('\n')), console.err);
      } catch (error) {
        throw signals.signal.aborted ? signals.signal.reason : error;
      } finally {
        signals.end();
        progress.close();
      }
    });
}
