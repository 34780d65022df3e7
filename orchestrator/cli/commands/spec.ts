import type { Command } from 'commander';
import { CATALOGUE, Failure } from '../../domain/failure.ts';
import { compileExamples } from '../../domain/spec/compile.ts';
import { renderSpecDocument, type SpecDocument } from '../../domain/spec/document.ts';
import { lintSpec } from '../../domain/spec/lint.ts';
import { forTerminal, jsonLine } from '../../domain/untrusted.ts';
import type { Console, Ending } from '../console.ts';
import { readSettings } from '../settings.ts';
import { onSignals } from '../signals.ts';
import { readSpecFile } from '../spec-file.ts';
import { type CardFlags, type KnownTarget, knownTarget } from '../target-card.ts';
import { specMeasureCommand } from './spec-measure.ts';

/** `factory spec`: what can be done with a Spec in a file, without a run and without a model. */
export function specCommand(program: Command, console: Console, ending: Ending): void {
  const spec = program.command('spec').description('look at a Spec in a file: markdown, YAML or JSON');
  withCard(spec.command('lint <file>'))
    .description('print what keeps the Spec from going down the line; exit code 2 when there is something')
    .option('--json', 'print the findings as one JSON object on stdout')
    .action(async (file: string, flags: CardFlags & { json?: boolean }) => {
      ending.json = flags.json === true;
      ending.code = lint(needRequest(readSpecFile(file), file), await withSignals(flags, console), console, ending.json);
    });
  withCard(spec.command('compile <file>'))
    .description('print the pytest file that the examples become; what stays prose, and why, is told on stderr')
    .action(async (file: string, flags: CardFlags) => compile(readSpecFile(file), await withSignals(flags, console), console));
  withCard(specMeasureCommand(spec, console));
  spec
    .command('render <file>')
    .description('print the markdown form')
    .action((file: string) => {
      const { request, spec: read } = readSpecFile(file);
      console.out(renderSpecDocument(request ?? '', read));
    });
}

function withCard(command: Command): Command {
  return command
    .option('--card <file>', 'the target card of a run (evidence/card.json); without it the card is taken with the engine')
    .option('-C, --directory <folder>', 'work on the repository of this folder', process.cwd())
    .option('--target <folder>', 'the target inside the repository (default: target-app/ where there is one)')
    .option('--base <revision>', 'look at this commit or branch (default: HEAD)')
    .option('--docker-host <url>', 'the engine (default: DOCKER_HOST, the current context, the usual sockets)');
}

async function withSignals(flags: CardFlags, console: Console): Promise<KnownTarget> {
  const signals = onSignals(console.err);
  try {
    return await knownTarget(flags, console, signals.signal);
  } catch (error) {
    throw signals.signal.aborted ? signals.signal.reason : error;
  } finally {
    signals.end();
  }
}

/** Half of the linter holds the Spec against the words it came from. */
function needRequest({ request, spec }: SpecDocument, file: string): { request: string } & Pick<SpecDocument, 'spec'> {
  if (request !== null && request.trim() !== '') return { request: request.trim(), spec };
  throw new Failure(
    'spec_invalid',
    `${file} does not hold the request: add \`## Request\` with its lines behind \`>\`, or the key \`request\``,
  );
}

/** Prints the findings; the exit code. */
function lint({ request, spec }: ReturnType<typeof needRequest>, target: KnownTarget, console: Console, json: boolean): number {
  const findings = lintSpec(spec, {
    ...target,
    request,
    allowedDependencies: readSettings({}, console.env, process.cwd()).allowed_dependencies,
  });
  const code = findings.length === 0 ? 0 : CATALOGUE.spec_invalid.exit;
  if (json) console.out(`${jsonLine({ findings, exit_code: code })}\n`);
  else
    for (const { code: name, where, message, instead } of findings)
      console.out(`${forTerminal(`${where}: ${name}: ${message}`)}\n  instead: ${forTerminal(instead)}\n`);
  console.err(findings.length === 0 ? 'no finding\n' : `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}\n`);
  return code;
}

function compile({ spec }: SpecDocument, target: KnownTarget, console: Console): void {
  const { path, content, tests, prose } = compileExamples(spec, target);
  console.out(content);
  console.err(
    tests.length === 0 ? 'no example compiles\n' : `${path}: ${tests.length} of ${tests.length + prose.length} examples compiled\n`,
  );
  for (const { criterion, example, text } of prose) console.err(`prose ${criterion}.examples[${example}]: ${forTerminal(text)}\n`);
}
