import type { Finding, ToolReport } from '../domain/report.ts';
import { parseJson, recordOf } from './parse-json.ts';
import { relativePath } from './places.ts';
import { toolReport } from './tool-report.ts';

/** What `mypyCommand` printed, as a report: errors are findings, notes are not. */
export function parseMypy(stdout: string, stderr: string, exitCode: number): ToolReport {
  const lines = stdout.split('\n').filter((line) => line.trim() !== '');
  const messages = lines.map(messageOf);
  const read = messages.every((message) => message !== null);
  if (!read) return toolReport('mypy', exitCode, null, [stdout, stderr]);
  const findings = messages.filter(({ severity }) => severity === 'error').map(({ finding }) => finding);
  return toolReport('mypy', exitCode, findings, [stderr]);
}

function messageOf(line: string): { severity: string; finding: Finding } | null {
  const { file, line: row, message, code, severity } = recordOf(parseJson(line)) ?? {};
  if (typeof file !== 'string' || typeof message !== 'string' || typeof severity !== 'string') return null;
  const at = typeof row === 'number' && Number.isInteger(row) && row > 0 ? row : 1;
  return {
    severity,
    finding: { tool: 'mypy', path: relativePath(file), line: at, code: typeof code === 'string' ? code : 'misc', message },
  };
}
