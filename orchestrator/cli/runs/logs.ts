import { join } from 'node:path';
import { seconds, thousands } from '../../adapters/progress/terminal/figures.ts';
import { wrapped } from '../../adapters/progress/terminal/wrap.ts';
import type { EndedContainer } from '../../domain/trace-summary.ts';
import { forTerminal, oneLine } from '../../domain/untrusted.ts';
import { counted } from '../../gates/words.ts';
import { shellWord } from '../look.ts';
import { type Column, cut, table } from './columns.ts';
import type { ShownContainer } from './containers.ts';
import type { RunRecord } from './read-run.ts';

/** Longest line of a container's that is shown, in characters. */
const LONGEST = 2_000;

const COLUMNS: readonly Column[] = [
  { name: 'stage' },
  { name: 'attempt', right: true },
  { name: 'kind' },
  { name: 'ended' },
  { name: 'time', right: true },
  { name: 'folder', flexible: { least: 20 } },
];

/** Every container of a run, a line each, in the order in which they ended. */
export function containersText({ run, trace: { containers } }: RunRecord, width: number): string[] {
  if (containers.length === 0) return ['the trace tells of no container'];
  const rows = containers.map((one) => [
    oneLine(one.stage, 30),
    String(one.attempt),
    oneLine(one.kind, 30),
    endOf(one),
    timeOf(one),
    oneLine(one.folder, 80),
  ]);
  const lines = table(COLUMNS, rows, width) ?? rows.map((cells) => cut(cells.join('  '), width));
  return [...lines, `what one was allowed and printed: factory runs logs ${shellWord(oneLine(run, 60))} --stage STAGE or --kind KIND`];
}

/** What a container was allowed, as its create request says, how it ended, and what it printed. */
export function containerText(container: ShownContainer, { folder }: RunRecord, width: number): string[] {
  const { stage, attempt, kind, allowed, printed, problem } = container;
  const subjects = Math.max(0, ...allowed.map(([subject]) => subject.length));
  const { head, tail, between } = printed;
  const left =
    between === 0
      ? []
      : [`… ${thousands(between)} bytes are left out here: ${oneLine(join(folder, container.folder, 'container.log'), 400)}`];
  const lines = [...linesOf(head), ...left, ...linesOf(tail)];
  return [
    `${oneLine(stage, 30)}, attempt ${attempt}: ${oneLine(kind, 30)}   ${oneLine(container.folder, 80)}`,
    ...(problem === null ? [] : [`  ${oneLine(problem, 400)}`]),
    ...(allowed.length === 0 ? [] : ['  allowed, by the create request that the engine was sent (create.json)']),
    ...allowed.flatMap(([subject, words]) =>
      `    ${subject.padEnd(subjects)}  ${wrapped(oneLine(words, 4_000), { columns: width, indent: subjects + 6, most: 40 })}`.split('\n'),
    ),
    `  ended  ${endOf(container)} after ${timeOf(container)}`,
    lines.length === 0 ? '  printed nothing' : '  printed',
    ...lines.map((line) => `  | ${line}`),
  ];
}

/** That there are more containers of the stage, and how to see them. */
export function othersText(others: readonly EndedContainer[], run: string): string[] {
  if (others.length === 0) return [];
  const kinds = [...new Set(others.map(({ kind }) => kind))];
  const [{ stage }] = others as [EndedContainer];
  return [
    `the stage also used ${kinds.map((kind) => counted(others.filter((one) => one.kind === kind).length, `${oneLine(kind, 30)} container`)).join(', ')}: factory runs logs ${shellWord(oneLine(run, 60))} --stage ${shellWord(oneLine(stage, 30))} --kind ${shellWord(oneLine(kinds[0] ?? '', 30))}`,
  ];
}

function linesOf(text: string): string[] {
  if (text === '') return [];
  return text
    .replace(/\r?\n$/, '')
    .split('\n')
    .map((line) => (line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}… (${thousands(line.length - LONGEST)} more characters)`))
    .map((line) => forTerminal(line.replace(/\r$/, '')));
}

function endOf({ exitCode, oomKilled, killedFor }: EndedContainer): string {
  const end = exitCode === null ? 'no exit code' : `exit ${exitCode}`;
  if (oomKilled) return `${end}, killed by the kernel at its memory limit`;
  // So ends an agent that has handed over, too: its last message is its end.
  if (killedFor === 'request') return `${end}, ended by the host`;
  return killedFor === null ? end : `${end}, killed for ${oneLine(killedFor, 40)}`;
}

function timeOf({ ms }: EndedContainer): string {
  return ms === null ? '?' : seconds(ms);
}
