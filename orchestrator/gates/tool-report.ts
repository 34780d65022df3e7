import type { Finding, ToolReport } from '../domain/report.ts';
import { shortened } from './words.ts';

/** The code of the finding that stands for a report nobody could read: no baseline ever excuses it. */
export const UNREADABLE = 'report_unreadable';

const MAX_FINDINGS = 5000;
const MAX_OUTPUT = 8000;

/** A tool's report; `findings` null means that its output did not parse, which is itself a finding. */
export function toolReport(
  tool: ToolReport['tool'],
  exitCode: number,
  findings: readonly Finding[] | null,
  output: readonly string[],
): ToolReport {
  const said = shortened(
    output
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .join('\n'),
    MAX_OUTPUT,
  );
  const readable = findings !== null && findings.length <= MAX_FINDINGS;
  return { tool, exitCode, findings: readable ? findings : [unreadable(tool, findings?.length ?? null, exitCode)], output: said };
}

function unreadable(tool: ToolReport['tool'], count: number | null, exitCode: number): Finding {
  const what = count === null ? 'could not be read' : `has ${count} findings, more than ${MAX_FINDINGS}`;
  return { tool, path: '', line: 1, code: UNREADABLE, message: `the report of ${tool} ${what} (exit code ${exitCode})` };
}
