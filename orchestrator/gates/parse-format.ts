import type { ToolReport } from '../domain/report.ts';
import { parseRuffJson } from './parse-ruff.ts';

/** What `formatCheckCommand` printed, as a report: one finding for every file that the formatter would change. */
export function parseFormatCheck(stdout: string, stderr: string, exitCode: number): ToolReport {
  return parseRuffJson('format', stdout, stderr, exitCode);
}
