import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Refusal, refusalSchema } from '../domain/refusal.ts';
import type { RunResult } from '../domain/run.ts';
import { wayOn } from '../domain/ways-on.ts';
import { shellWord } from './look.ts';

/** Where the run was, and what it was called with: a command that goes on has to say the same again. */
export interface Called {
  readonly folder: string;
  /** The folder as a person is told of it. */
  readonly shownAs: string;
  readonly given: {
    readonly directory: string;
    readonly runs?: string | undefined;
    readonly target?: string | undefined;
    readonly base?: string | undefined;
    readonly pull?: boolean | undefined;
  };
  /** File of the Spec that a person gave; null where PLAN made it. */
  readonly spec: string | null;
}

/** How to go on after a run, as commands that can be copied; nothing after a PR. */
export function waysOn(result: RunResult, called: Called): string[] {
  if (result.outcome === 'pr') return [];
  if (result.outcome === 'planned')
    return commands([[runSpec(join(called.shownAs, 'spec.md'), called), 'edit it first where it is wrong']]);
  const refusal = result.outcome === 'refused' ? readRefusal(called.folder) : null;
  if (refusal !== null) return [...shown(refusal), ...commands(answering(result.run, refusal, called))];
  if (called.spec !== null && wayOn(result.code).words === 'PLAN')
    return commands([[runSpec(called.spec, called), 'when the file says what to do about it']]);
  return commands(resuming(result, called));
}

/** A command, and what it does. */
type Way = readonly [command: string, why: string];

function resuming(result: RunResult, called: Called): Way[] {
  const { resumable, again, words } = wayOn(result.code);
  if (!resumable)
    return [[`factory run ${elsewhere(called)}-- "$(cat ${shellWord(join(called.shownAs, 'request.txt'))})"`, 'when that is mended']];
  const resume = `factory run ${inRuns(called)}--resume ${result.run}`;
  const what =
    again === null
      ? 'nothing that is recorded is asked again'
      : `asks ${again.of === 'itself' ? result.stage : again.of} again, from the recording up to there`;
  const plain: Way = [resume, result.code === 'budget_reworks' ? 'the same with the reworks granted once more' : what];
  if (words === null) return [plain];
  return [[`${resume} --rework "what to do differently"`, 'your words go back to the stage whose work it is'], plain];
}

function answering(run: string, { questions }: Refusal, called: Called): Way[] {
  const answers = questions.map((_, i) => `--answer Q${i + 1}="…"`).join(' ');
  const flags = `${inRuns(called)}--resume ${run} ${answers}`;
  return [
    [`factory run ${flags}`, 'with your answers'],
    [`make factory FLAGS=${shellWord(flags)}`, 'the same'],
  ];
}

function shown({ example }: Refusal): string[] {
  return ['what compiles looks like this:', ...example.map((line) => `  ${line}`)];
}

function runSpec(file: string, called: Called): string {
  return `factory run ${elsewhere(called)}--spec ${shellWord(file)}`;
}

/** The flags that say where the repository is and where runs are kept, where they were given. */
function inRuns({ given }: Called): string {
  const directory = resolve(given.directory) === process.cwd() ? [] : ['-C', given.directory];
  const runs = given.runs === undefined ? [] : ['--runs', given.runs];
  return flagsText([...directory, ...runs, ...(given.pull ? ['--pull'] : [])]);
}

/** The same with target and base, which a recorded run knows and a new one does not. */
function elsewhere(called: Called): string {
  const { target, base } = called.given;
  return (
    inRuns(called) + flagsText([...(target === undefined ? [] : ['--target', target]), ...(base === undefined ? [] : ['--base', base])])
  );
}

const flagsText = (words: readonly string[]) => words.map((word) => `${shellWord(word)} `).join('');

function commands(ways: readonly Way[]): string[] {
  const width = Math.max(...ways.map(([command]) => command.length));
  return ways.map(([command, why], i) => `${i === 0 ? 'go on:' : '   or:'} ${command.padEnd(width)}   ${why}`);
}

function readRefusal(folder: string): Refusal | null {
  const path = join(folder, 'evidence/refusal.json');
  if (!existsSync(path)) return null;
  const parsed = refusalSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  return parsed.success ? parsed.data : null;
}
