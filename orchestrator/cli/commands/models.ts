import { basename, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { MODEL_STAGES } from '../../domain/stage.ts';
import { jsonLine } from '../../domain/untrusted.ts';
import type { Console, Ending } from '../console.ts';
import { exportRecording } from '../export-recording.ts';
import { modelSettings } from '../model-settings.ts';
import { type ModelsReport, modelsReportSchema, renderModels, reportModels } from '../models-report.ts';
import { pricesOf, providersOf } from '../providers.ts';
import { pullFor } from '../pull/with-engine.ts';
import { hostRedactor } from '../redactor.ts';
import { type Flags, type ReadSettings, readSettings } from '../settings.ts';
import { factoryRoot } from '../setup/root.ts';
import { onSignals } from '../signals.ts';

interface ModelsFlags extends Flags {
  readonly json?: boolean | undefined;
  readonly runs?: string | undefined;
  readonly record?: string | undefined;
  readonly to?: string | undefined;
  readonly pull?: boolean | undefined;
  readonly dockerHost?: string | undefined;
}

/** `factory models`: whom each stage would ask, and whether it could; or a run's replies as a recording to pass on. */
export function modelsCommand(program: Command, console: Console, ending: Ending): void {
  const collect = (value: string, before: string[]) => [...before, value];
  program
    .command('models')
    .description('show which models each stage asks: reached or why not, price, context; spends no token')
    .option('--model <[STAGE=]name>', 'as for `run`', collect, [])
    .option('--allow-paid', 'look at models that cost money too; still spends nothing')
    .option('--ollama-host <url>', 'where Ollama answers')
    .option('--context-tokens <n>', 'as for `run`')
    .option('--output-tokens <n>', 'as for `run`')
    .option('--config <file>', 'settings (default: factory.yaml here)')
    .option('--pull', 'first pull those that Ollama lacks, as for `run`')
    .option('--docker-host <url>', 'with --pull: the engine')
    .option('--record <run>', 'instead: copy what a replay of this run needs, without secrets')
    .option('--to <folder>', 'with --record: where to (default: recording-<run> here)')
    .option('--runs <folder>', 'where the runs’ folders are')
    .option('--json', 'print one JSON object on stdout')
    .action(async (flags: ModelsFlags) => {
      ending.json = flags.json === true;
      if (flags.record !== undefined) return record(flags.record, flags, console, ending);
      const report = await look(flags, console);
      console.out(ending.json ? `${jsonLine(modelsReportSchema.parse(report))}\n` : renderModels(report));
      ending.code = report.exit_code;
    });
}

async function look(flags: ModelsFlags, console: Console): Promise<ModelsReport> {
  const { env } = console;
  const read = readSettings(flags, env, process.cwd());
  const settings = flags.pull ? { ...read, ollamaHost: await pulledTo(read, flags, console) } : read;
  const { source, date } = pricesOf(settings);
  return reportModels(modelSettings(providersOf(settings, env), settings), { allowPaid: settings.allow_paid, prices: { source, date } });
}

/** Where the models are asked that were pulled. */
async function pulledTo(settings: ReadSettings, { dockerHost }: ModelsFlags, console: Console): Promise<string> {
  const signals = onSignals(console.err);
  try {
    const { host, closing } = await pullFor(MODEL_STAGES, settings, { console, dockerHost, signal: signals.signal });
    for (const line of closing) console.err(`${line}\n`);
    return host;
  } finally {
    signals.end();
  }
}

function record(run: string, flags: ModelsFlags, console: Console, ending: Ending): void {
  const to = resolve(flags.to ?? `recording-${basename(run)}`);
  const files = exportRecording({ runsFolder: flags.runs ?? join(factoryRoot(), 'runs'), run }, to, hostRedactor(console.env, []));
  const path = relative(process.cwd(), to);
  const shown = path === '' || path.startsWith('..') ? to : `./${path}`;
  if (ending.json) console.out(`${jsonLine({ run, folder: shown, files })}\n`);
  else console.out(`${shown}: ${files.length} files\nreplay: factory run --replay ${shown}\n`);
}
