import type { Finding, ToolReport } from '../domain/report.ts';
import { parseJson, recordOf } from './parse-json.ts';
import { relativePath } from './places.ts';
import { toolReport } from './tool-report.ts';

/** What `ruffCommand` printed, as a report. A file that ruff only warned it could not read is a finding: ruff itself ends with 0 there. */
export function parseRuff(stdout: string, stderr: string, exitCode: number): ToolReport {
  return parseRuffJson('ruff', stdout, stderr, exitCode);
}

/** Both of ruff's commands print the same JSON: a list of findings. */
export function parseRuffJson(tool: 'ruff' | 'format', stdout: string, stderr: string, exitCode: number): ToolReport {
  const list = parseJson(stdout);
  if (!Array.isArray(list)) return toolReport(tool, exitCode, null, [stdout, stderr]);
  const findings = list.map((item) => findingOf(tool, item));
  const read = findings.every((finding) => finding !== null);
  return toolReport(tool, exitCode, read ? [...findings, ...unreadFiles(tool, stderr)] : null, [read ? '' : stdout, stderr]);
}

function findingOf(tool: 'ruff' | 'format', item: unknown): Finding | null {
  const { filename, code, name, message, location } = recordOf(item) ?? {};
  const row = recordOf(location)?.row;
  if (typeof filename !== 'string' || typeof message !== 'string') return null;
  const line = typeof row === 'number' && Number.isInteger(row) && row > 0 ? row : 1;
  return { tool, path: relativePath(filename), line, code: textOf(code) ?? textOf(name) ?? 'unknown', message };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function unreadFiles(tool: 'ruff' | 'format', stderr: string): Finding[] {
  return [...stderr.matchAll(/Failed to (?:lint|format|read|parse) (.+?): (.+)/g)].map((match) => ({
    tool,
    path: relativePath(match[1] ?? ''),
    line: 1,
    code: 'unread',
    message: match[2] ?? '',
  }));
}
