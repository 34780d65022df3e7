import type { Baseline, Finding, ToolReport } from '../domain/report.ts';
import type { Fact } from '../domain/verdict.ts';
import { broken, costing, held } from './fact.ts';
import { UNREADABLE } from './tool-report.ts';
import { counted, trimmedWords } from './words.ts';

type Tool = ToolReport['tool'];

const NAMES: Readonly<Record<Tool, string>> = { ruff: 'ruff_finds_nothing_new', format: 'format_is_kept', mypy: 'mypy_finds_nothing_new' };

export interface ValidateInput {
  readonly reports: readonly ToolReport[];
  readonly baseline: Baseline;
  /** The tools that must have reported; a report that is not there is no good news. */
  readonly expected?: readonly Tool[];
}

/**
 * One fact a tool: it ended cleanly, or with nothing but findings that the base has too. Findings are compared as a multiset of (file, code,
 * message), since lines move. An exit code that does not fit the findings is never believed.
 */
export function validateFacts({ reports, baseline, expected = ['ruff', 'format', 'mypy'] }: ValidateInput): Fact[] {
  return expected.flatMap((tool) => {
    const own = reports.filter((report) => report.tool === tool);
    return own.length === 0
      ? [broken(NAMES[tool], 'validate_failed', `${tool} gave no report`)]
      : own.flatMap((report) => costing([reportFact(report, baseline)], report.ms));
  });
}

function reportFact(report: ToolReport, baseline: Baseline): Fact {
  const { tool, exitCode, findings, output } = report;
  const name = NAMES[tool];
  const fresh = newFindings(findings, knownOf(tool, baseline));
  const fits = exitCode === dueExit(report);
  if (fits && fresh.length === 0) {
    const old = findings.length === 0 ? '' : `, ${findings.length} as on the base`;
    return held(name, `${tool} ended with ${exitCode}: no new finding${old}`);
  }
  const said = fits ? '' : `ended with ${exitCode}, which does not fit ${counted(findings.length, 'finding')}`;
  const found = fresh.length === 0 ? '' : `${counted(fresh.length, 'new finding')}, first ${sentence(fresh[0] as Finding)}`;
  return broken(name, 'validate_failed', `${tool}: ${[said, found].filter((part) => part !== '').join('; ')}`, {
    where: fresh.filter(({ path }) => path !== '').map(({ path, line }) => ({ path, line })),
    words: trimmedWords([...fresh.map(sentence), ...(fits || output === '' ? [] : [output])]),
  });
}

/**
 * The exit code that goes with these findings. The formatter ends with 2 where it could not read a file, and has looked at all the others; mypy
 * ends with 2 where a file does not parse and has then looked at nothing, so that is never due.
 */
function dueExit({ tool, findings }: ToolReport): number {
  if (findings.length === 0) return 0;
  return tool === 'format' && findings.some(({ code }) => code !== 'unformatted') ? 2 : 1;
}

function knownOf(tool: Tool, { findings, unformatted }: Baseline): Finding[] {
  const own = findings.filter((finding) => finding.tool === tool && finding.code !== UNREADABLE);
  if (tool !== 'format') return own;
  const listed = new Set(own.map(({ path }) => path));
  const others = unformatted.filter((path) => !listed.has(path));
  return [...own, ...others.map((path) => ({ tool, path, line: 1, code: 'unformatted', message: 'File would be reformatted' }))];
}

/** The findings beyond those known, one for one. */
function newFindings(findings: readonly Finding[], known: readonly Finding[]): Finding[] {
  const left = new Map<string, number>();
  for (const finding of known) left.set(keyOf(finding), (left.get(keyOf(finding)) ?? 0) + 1);
  return findings.filter((finding) => {
    const count = left.get(keyOf(finding)) ?? 0;
    left.set(keyOf(finding), count - 1);
    return count <= 0;
  });
}

/** Messages that name another line (`already defined on line 12`) move with the code around them. */
function keyOf({ path, code, message }: Finding): string {
  return JSON.stringify([path, code, message.replace(/\bline \d+/g, 'line N')]);
}

function sentence({ path, line, code, message }: Finding): string {
  return `${path === '' ? '' : `${path}:${line} `}${code} ${message}`;
}
