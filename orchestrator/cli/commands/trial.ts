import { isAbsolute, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { ollamaProvider } from '../../adapters/provider/ollama/index.ts';
import { gitRepository } from '../../adapters/workspace/git/index.ts';
import { Failure } from '../../domain/failure.ts';
import { forTerminal, jsonLine, oneLine } from '../../domain/untrusted.ts';
import { together } from '../../pipeline/together.ts';
import type { Console, Ending } from '../console.ts';
import { readSettings } from '../settings.ts';
import { factoryRoot } from '../setup/root.ts';
import { onSignals } from '../signals.ts';
import { askReview, promptHash } from '../trial/ask.ts';
import { caseFileSchema, parsed, readCases, type TrialCase } from '../trial/case.ts';
import { caseFromRun } from '../trial/from-run.ts';
import { type GatesFile, gatesOf, workOf } from '../trial/gates.ts';
import { addResult, readResults, type TrialResult } from '../trial/result.ts';
import { summaryOf, summaryText } from '../trial/summary.ts';
import { openWorkbench, SILENT } from '../verify/workbench.ts';

interface Options {
  readonly cases: string;
  readonly case: string[];
  readonly reviewModel?: string;
  readonly gates: string;
  readonly again?: boolean;
  readonly atOnce: string;
  readonly out?: string;
  readonly from?: string;
  readonly label: string;
  readonly how?: string;
  readonly criterion?: string;
  readonly directory: string;
  readonly target?: string;
  readonly base?: string;
  readonly runs?: string;
  readonly ollamaHost?: string;
  readonly config?: string;
  readonly modelTimeout?: string;
  readonly contextTokens?: string;
  readonly outputTokens?: string;
  readonly turns?: string;
  readonly dockerHost?: string;
  readonly json?: boolean;
}

/** `factory trial`: the reviewer on trial, over changes of which it is known whether they keep their Spec. Not shown in the help. */
export function trialCommand(program: Command, console: Console, ending: Ending): void {
  const collect = (value: string, before: string[]) => [...before, value];
  program
    .command('trial', { hidden: true })
    .description('ask REVIEW about changes of which it is known whether they keep their Spec')
    .requiredOption(
      '--cases <folder>',
      'a folder a case: case.json, spec.json or spec.md, request.txt, source.patch, tests.patch, brief.json',
    )
    .option('--case <name>', 'only this case; may be given again', collect, [])
    .option('--review-model <name>', 'who is asked')
    .option('--gates <on|off|only>', 'on: run where the result is not kept; off: never; only: and ask nobody', 'on')
    .option('--again', 'ask also about cases that this model has judged with this prompt')
    .option('--at-once <n>', 'questions that are open at the same time', '1')
    .option('--out <file>', 'where results go, a line each (default: results.jsonl among the cases)')
    .option('--from <run>', 'make the case --case NAME of a run that ended in a PR, and stop')
    .option('--label <honest|breaks>', 'with --from', 'honest')
    .option('--how <words>', 'with --from: how the change was made')
    .option('--criterion <id>', 'with --from: the criterion that it breaks')
    .option('-C, --directory <folder>', 'the repository', process.cwd())
    .option('--target <folder>', 'the target inside the repository')
    .option('--base <revision>', 'the base of all cases (default: HEAD)')
    .option('--runs <folder>', 'where runs are')
    .option('--ollama-host <url>', 'where Ollama answers')
    .option('--turns <n>', 'completions REVIEW may take')
    .option('--context-tokens <n>', 'context to ask the model for')
    .option('--output-tokens <n>', 'longest reply')
    .option('--model-timeout <seconds>', 'for one completion')
    .option('--docker-host <url>', 'the engine')
    .option('--config <file>', 'settings')
    .option('--json', 'print the summary as one JSON object')
    .action(async (options: Options) => {
      ending.json = options.json === true;
      if (options.from !== undefined) return console.out(`${makeCase(options, options.from)}\n`);
      const signals = onSignals(console.err);
      try {
        await trial(options, console, signals.signal);
      } catch (error) {
        throw signals.signal.aborted ? signals.signal.reason : error;
      } finally {
        signals.end();
      }
    });
}

function makeCase(options: Options, run: string): string {
  const [name] = options.case;
  if (name === undefined || options.case.length > 1)
    throw new Failure('usage', '--from needs one --case NAME: what the case is to be called');
  const folder = isAbsolute(run) || run.includes('/') ? resolve(run) : join(options.runs ?? join(factoryRoot(), 'runs'), run);
  const known = { label: options.label, how: options.how ?? `what run ${run} built`, which_criterion: options.criterion ?? null };
  return caseFromRun(folder, options.cases, name, parsed(caseFileSchema, JSON.stringify(known), 'the case'));
}

async function trial(options: Options, console: Console, signal: AbortSignal): Promise<void> {
  const { env } = console;
  const model = options.reviewModel ?? null;
  if (!['on', 'off', 'only'].includes(options.gates)) throw new Failure('usage', `--gates ${options.gates}: on, off or only`);
  const asks = options.gates !== 'only';
  if (asks && model === null) throw new Failure('usage', '--review-model NAME says who is asked');
  const cases = readCases(options.cases, options.case);
  const settings = readSettings({ ...options, model: model === null ? [] : [`REVIEW=${model}`] }, env, process.cwd());
  const provider = ollamaProvider({ host: settings.ollamaHost });
  if (asks) await provider.ready([settings.modelOf.REVIEW]);
  const repository = gitRepository({ environment: env });
  const base = await repository.pin({ directory: options.directory, target: options.target ?? null, base: options.base ?? null });
  const note = (line: string) => console.err(`${forTerminal(line)}\n`);
  const bench = await openWorkbench({ base, settings, dockerHost: options.dockerHost, env, note, signal, provider });
  const file = options.out ?? join(options.cases, 'results.jsonl');
  try {
    const ready: Ready[] = [];
    for (const one of cases) {
      const gates = await gatesOf(bench, one, { env, progress: SILENT, mayRun: options.gates !== 'off' });
      if (gates === null) throw new Failure('usage', `${one.folder}/gates.json is not there, or of another case: leave out --gates off`);
      note(`${one.name.padEnd(28)} gates: ${gates.code === null ? 'all hold' : `${gates.code}: ${oneLine(gates.reason ?? '', 200)}`}`);
      ready.push({ one, gates });
    }
    if (!asks || model === null) return;
    const asked = { model, prompt: promptHash(bench), tree: base.tree };
    const before = readResults(file).filter((result) => isOf(result, asked));
    const open = ready.filter(({ one }) => options.again === true || !before.some((result) => result.case === one.name));
    if (open.length < ready.length) note(`${ready.length - open.length} cases are judged already (--again asks once more)`);
    await askAll(open, Number(options.atOnce), async ({ one, gates }) => {
      const { passed } = gates;
      const result =
        passed === null
          ? stoppedBefore(one, gates, asked)
          : await askReview(bench, one, await workOf(bench, one, passed, env), { model, progress: SILENT });
      addResult(file, result);
      note(`${one.name.padEnd(28)} ${one.label.padEnd(6)} -> ${result.verdict ?? 'no verdict'}: ${oneLine(result.reason ?? '', 200)}`);
    });
    const summary = summaryOf(
      model,
      readResults(file).filter((result) => isOf(result, asked) && cases.some(({ name }) => name === result.case)),
    );
    console.out(options.json === true ? `${jsonLine(summary)}\n` : summaryText(summary));
  } finally {
    bench.close();
  }
}

interface Ready {
  readonly one: TrialCase;
  readonly gates: GatesFile;
}

interface AskedOf {
  readonly model: string;
  readonly prompt: string;
  readonly tree: string;
}

function isOf(result: TrialResult, { model, prompt, tree }: AskedOf): boolean {
  return result.model === model && result.prompt_sha256 === prompt && result.base_tree === tree;
}

/** So many at a time; the first error ends it when the others have ended. */
async function askAll(list: readonly Ready[], atOnce: number, ask: (one: Ready) => Promise<void>): Promise<void> {
  if (!Number.isInteger(atOnce) || atOnce < 1 || atOnce > 64) throw new Failure('usage', '--at-once takes a number from 1 to 64');
  const waiting = [...list];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await ask(next);
  };
  await together(Array.from({ length: atOnce }, worker));
}

function stoppedBefore(one: TrialCase, gates: GatesFile, { model, prompt, tree }: AskedOf): TrialResult {
  return {
    case: one.name,
    label: one.label,
    how: one.how,
    which_criterion: one.which_criterion,
    base_tree: tree,
    gates: { code: gates.code ?? 'bug', reason: gates.reason ?? '' },
    model,
    prompt_sha256: prompt,
    verdict: null,
    code: gates.code,
    reason: gates.reason,
    objects_to: [],
    reply: null,
    served_by: null,
    tokens_in: null,
    tokens_out: null,
    estimated: false,
    turns: 0,
    ms: 0,
    at: new Date().toISOString(),
  };
}
