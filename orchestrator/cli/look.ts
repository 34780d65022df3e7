import { existsSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import type { RunResult } from '../domain/run.ts';
import type { Base } from '../domain/target.ts';
import { traceEvents } from './trace-events.ts';

/** Something worth looking at when a run has ended: the command, and what it shows. */
export interface Look {
  readonly command: string;
  readonly shows: string;
}

/**
 * What to look at, the most telling first. A PR: the difference and its text. A plan: the Spec. Else what there is of: the change so far, the
 * container that the failing stage ended in, the model's last reply in that stage, the trace.
 */
export function whatToLookAt(run: {
  readonly result: RunResult;
  /** The run's folder, and how a person is told of it. */
  readonly folder: string;
  readonly shownAs: string;
  readonly base: Base;
  readonly workingFolder: string;
}): Look[] {
  const { result, folder, shownAs, base, workingFolder } = run;
  const less = (file: string, shows: string): Look => ({ command: `less ${shellWord(join(shownAs, file))}`, shows });
  if (result.branch !== null) {
    const from = relative(base.root, workingFolder);
    const where = from.startsWith('..') || isAbsolute(from) ? `-C ${shellWord(base.root)} ` : '';
    const diff = `git ${where}diff ${shellWord(`${base.branch ?? base.commit.slice(0, 12)}...${result.branch}`)}`;
    return [{ command: diff, shows: 'the change' }, less('pr.md', 'what is proven of it, and what is not')];
  }
  if (result.outcome === 'planned') return [less('spec.md', 'the Spec')];
  const patch = existsSync(join(folder, 'change.patch')) ? [{ command: statOf(run), shows: 'the change so far, UNPROVEN' }] : [];
  const bug = existsSync(join(folder, 'evidence/bug.txt')) ? [less('evidence/bug.txt', 'where the program broke')] : [];
  return [...patch, ...bug, ...lastOf(run).map(([file, shows]) => less(file, shows)), less('trace.jsonl', 'all that happened')];
}

/** From a folder below the top level git would leave out what lies beside it, and say nothing. */
function statOf({ folder, shownAs, base, workingFolder }: Parameters<typeof whatToLookAt>[0]): string {
  const above = relative(workingFolder, base.root) === '';
  const where = above ? '' : `-C ${shellWord(base.root)} `;
  return `git ${where}apply --stat ${shellWord(join(above ? shownAs : folder, 'change.patch'))}`;
}

/** The files, in the run's folder, of the last container of the failing stage and of the last reply in it. */
function lastOf({ result, folder }: Parameters<typeof whatToLookAt>[0]): [file: string, shows: string][] {
  if (result.outcome !== 'failed' || result.stage === null) return [];
  const events = (traceEvents(join(folder, 'trace.jsonl')) ?? []).filter(({ stage }) => stage === result.stage).reverse();
  const logs = events.flatMap((event) => {
    if (event.type !== 'container' || typeof event.data.folder !== 'string') return [];
    const log = `${event.data.folder}/container.log`;
    return existsSync(join(folder, log)) ? [{ log, failed: event.data.exit_code !== 0, attempt: event.attempt }] : [];
  });
  const ended = logs.find(({ failed, attempt }) => failed && attempt === logs[0]?.attempt) ?? logs[0];
  const turn = events.find((event) => event.type === 'turn');
  const reply = turn?.type === 'turn' ? `evidence/recording/${turn.stage}-${turn.attempt}-${String(turn.data.turn)}.json` : null;
  return [
    ...(ended === undefined ? [] : ([[ended.log, `${result.stage}’s log`]] as [string, string][])),
    ...(reply === null || !existsSync(join(folder, reply)) ? [] : ([[reply, `${result.stage}’s last reply`]] as [string, string][])),
  ];
}

/** A word of a command line, quoted where a shell would read something into it. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;
}
