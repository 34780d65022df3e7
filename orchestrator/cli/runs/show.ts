import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dollars, seconds, thousands } from '../../adapters/progress/terminal/figures.ts';
import { wrapped } from '../../adapters/progress/terminal/wrap.ts';
import { parsePatch, patchStat } from '../../domain/patch.ts';
import type { StageAttempt } from '../../domain/trace-summary.ts';
import { forTerminal, oneLine } from '../../domain/untrusted.ts';
import { counted } from '../../gates/words.ts';
import { shellWord } from '../look.ts';
import { readBounded } from './bounded-file.ts';
import { type Column, table } from './columns.ts';
import type { RunRecord } from './read-run.ts';
import { outcomeOf, type RunRow } from './row.ts';

const MAX_PATCH = 4 * 1024 * 1024;
const MOST_REQUEST_LINES = 40;
const MOST_FILES = 40;

/** Files and folders of a run, with what they hold, in the order of the line. */
const PLACES: readonly (readonly [file: string, holds: string])[] = [
  ['pr.md', 'the PR’s text'],
  ['change.patch', 'the change'],
  ['spec.md', 'the Spec'],
  ['proof.json', 'each criterion, its tests, its citations'],
  ['receipt.json', 'trees and hashes'],
  ['result.json', 'how it ended'],
  ['trace.jsonl', 'all that happened'],
  ['evidence/recording', 'every completion'],
  ['evidence/bug.txt', 'where the program broke'],
];

/** What the change of a run is, file by file; null where there is none that can be read. */
export interface Change {
  readonly files: readonly { readonly path: string; readonly added: number; readonly deleted: number }[];
  readonly added: number;
  readonly deleted: number;
}

export function changeOf({ folder }: RunRecord): Change | null {
  try {
    const text = readBounded(join(folder, 'change.patch'), MAX_PATCH);
    if (text === null) return null;
    const patches = parsePatch(text);
    const files = patches.map((patch) => ({ path: patch.path, added: patchStat([patch]).added, deleted: patchStat([patch]).deleted }));
    return { files, added: patchStat(patches).added, deleted: patchStat(patches).deleted };
  } catch {
    // Whatever is wrong with it is `factory verify`'s to say; here it is only not shown.
    return null;
  }
}

/** A page about one run: lines of at most `width` columns, names of files apart. */
export function showText(record: RunRecord, row: RunRow, change: Change | null, width: number): string[] {
  const text = (words: string, indent: number, most = 8) => wrapped(oneLine(words, 4_000), { columns: width, indent, most });
  const section = (name: string, lines: readonly string[]) => (lines.length === 0 ? [] : ['', name, ...lines.map((line) => `  ${line}`)]);
  const { spec, result, trace } = record;
  return [
    `run ${oneLine(record.run, 60)}   ${oneLine(outcomeOf(row), 80)}${row.reworks === 0 ? '' : `   ${counted(row.reworks, 'rework')}`}`,
    ...figureLines(row).map((line) => text(line, 2)),
    ...record.problems.map((problem) => `! ${text(problem, 2)}`),
    ...(result?.reason == null
      ? []
      : result.reason
          .split('\n')
          .slice(0, 20)
          .map((line) => `  ${text(line, 2)}`)),
    ...section('request', requestLines(record.request, width)),
    ...section(`Spec${spec === null ? ': none' : `: ${text(spec.title, 8)}`}`, [
      ...(spec?.acceptance_criteria ?? []).map(({ id, kind, rule }) => `${id.padEnd(3)} ${kind.padEnd(9)} ${text(rule, 16)}`),
      ...(spec?.assumptions ?? []).map((one) => `${one.id.padEnd(3)} assumed   ${text(one.text, 16)}`),
    ]),
    ...section('stages', stageLines(trace.attempts, width)),
    ...section(
      'reworks',
      trace.reworks.map(({ used, from, to, code, reason }) => text(`${used}. ${from} -> ${to}, ${code ?? '?'}: ${reason}`, 5)),
    ),
    ...section('facts', factLines(record)),
    ...section('review', reviewLines(record, text)),
    ...section(
      change === null ? 'change: none' : `change: ${counted(change.files.length, 'file')} +${change.added} -${change.deleted}`,
      fileLines(change),
    ),
    ...section('jail', [result?.jail === null || result === null ? 'not all of it was seen before the run ended' : text(result.jail, 2)]),
    ...section('where', placeLines(record, result?.branch ?? null, result?.commit ?? null)),
  ].flatMap((line) => line.split('\n'));
}

function figureLines({
  started_at: began,
  tokens_in: tokensIn,
  tokens_out: tokensOut,
  cost_usd: usd,
  ms,
  served,
  served_by: servedBy,
}: RunRow): string[] {
  const tokens =
    tokensIn === null || tokensOut === null ? 'tokens not known' : `${thousands(tokensIn)} tokens in, ${thousands(tokensOut)} out`;
  const estimated = served === 'relay' ? ' (estimates)' : '';
  const time = ms === null ? '' : `, ${seconds(ms)}${served === 'relay' || served === 'replay' ? ' (not the time of a model)' : ''}`;
  return [
    `began ${began ?? '?'}, ${tokens}${estimated}, ${dollars(usd)}${time}`,
    `served by ${servedBy.length === 0 ? 'no model' : servedBy.join(', ')}`,
  ];
}

function requestLines(request: string | null, width: number): string[] {
  if (request === null) return ['(no request.txt)'];
  const lines = forTerminal(request.slice(0, 20_000))
    .trim()
    .split('\n')
    .flatMap((line) => wrapped(line.replaceAll('\t', ' '), { columns: width - 2, indent: 0, most: MOST_REQUEST_LINES }).split('\n'));
  return lines.length <= MOST_REQUEST_LINES ? lines : [...lines.slice(0, MOST_REQUEST_LINES), '…'];
}

const COLUMNS: readonly Column[] = [
  { name: '' },
  { name: 'stage' },
  { name: 'attempt', right: true },
  { name: 'time', right: true },
  { name: 'tokens in', right: true },
  { name: 'out', right: true },
  { name: '$', right: true },
  { name: 'served by', flexible: { least: 8 } },
  { name: 'what came of it', flexible: { least: 20 } },
];

function stageLines(attempts: readonly StageAttempt[], width: number): string[] {
  if (attempts.length === 0) return ['none ended'];
  const rows = attempts.map((one) => [
    one.ok ? 'ok' : 'no',
    oneLine(one.stage, 30),
    String(one.attempt),
    seconds(one.ms),
    one.tokensIn === null ? '' : thousands(one.tokensIn),
    one.tokensOut === null ? '' : thousands(one.tokensOut),
    one.model === null ? '' : dollars(one.costUsd),
    oneLine(one.servedBy ?? '', 80),
    oneLine(`${one.code === null ? '' : `${one.code}: `}${one.detail}`, 300),
  ]);
  return (
    table(COLUMNS, rows, width - 2) ??
    rows.map(
      ([mark = '', stage = '', , time = '', , , , , what = '']) => `${mark} ${stage} ${time}  ${what.slice(0, Math.max(20, width - 24))}`,
    )
  );
}

function factLines({ trace: { facts, checks } }: RunRecord): string[] {
  const failed = facts.filter(({ holds }) => !holds);
  const checked =
    checks.passed + checks.failed === 0
      ? []
      : [`BUILD checked its work ${counted(checks.passed + checks.failed, 'time')}, ${checks.failed} of them in vain`];
  if (facts.length === 0) return checked;
  return [
    `${facts.length - failed.length} of ${facts.length} hold: ${failed.length === 0 ? 'green' : 'not green'} (evidence/verdict.json where the run came to one)`,
    ...failed.map(({ stage, name, code }) => `no ${oneLine(stage, 30)} ${oneLine(name, 80)} ${oneLine(code ?? '', 60)}`),
    ...checked,
  ];
}

function reviewLines({ review, spec }: RunRecord, text: (words: string, indent: number) => string): string[] {
  if (review === null) return [];
  const holds = review.criteria.filter((one) => one.holds).length;
  return [
    `${review.verdict}: ${holds} of ${spec?.acceptance_criteria.length ?? review.criteria.length} criteria hold`,
    ...review.criteria.filter((one) => !one.holds).map(({ id, why }) => `${id} does not hold: ${text(why, 4)}`),
    ...review.findings.map(
      ({ about, path, line, what }) =>
        `${about ?? 'note'}: ${text(`${path === null ? '' : `${path}${line === null ? '' : `:${line}`}: `}${what}`, 4)}`,
    ),
  ];
}

function fileLines(change: Change | null): string[] {
  const files = change?.files ?? [];
  const more = files.length > MOST_FILES ? [`… and ${files.length - MOST_FILES} more`] : [];
  return [...files.slice(0, MOST_FILES).map(({ path, added, deleted }) => `+${added} -${deleted}  ${oneLine(path, 200)}`), ...more];
}

function placeLines({ run, folder, trace }: RunRecord, branch: string | null, commit: string | null): string[] {
  const there = PLACES.filter(([file]) => existsSync(join(folder, file)));
  const width = Math.max(0, ...there.map(([file]) => shellWord(join(folder, file)).length));
  return [
    ...(branch === null ? [] : [`branch ${oneLine(branch, 120)}, commit ${oneLine(commit ?? '?', 64)}`]),
    ...there.map(([file, holds]) => `${oneLine(shellWord(join(folder, file)), 400).padEnd(width)}   ${holds}`),
    ...(trace.containers.length === 0
      ? []
      : [`${counted(trace.containers.length, 'container')}: factory runs logs ${shellWord(oneLine(run, 60))}`]),
  ];
}
