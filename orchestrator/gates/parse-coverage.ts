import type { Coverage } from '../domain/report.ts';
import { parseJson, recordOf } from './parse-json.ts';
import { relativePath } from './places.ts';

const MAX_BYTES = 50_000_000;

/**
 * coverage.py's JSON report, or null where it is none. The percentage is counted again from the lines: the totals in the file would
 * include branches, and are one more thing to believe.
 */
export function parseCoverage(text: string): Coverage | null {
  if (text.length > MAX_BYTES) return null;
  const files = recordOf(recordOf(parseJson(text))?.files);
  if (files === null) return null;
  const entries = Object.entries(files).map(([path, value]) => [relativePath(path), linesOf(value)] as const);
  const read = entries.filter((entry): entry is readonly [string, Lines] => entry[1] !== null);
  if (read.length < entries.length) return null;
  const executed = read.reduce((sum, [, lines]) => sum + lines.executed.length, 0);
  const missing = read.reduce((sum, [, lines]) => sum + lines.missing.length, 0);
  return { percent: percentOf(executed, executed + missing), files: Object.fromEntries(read) };
}

/** 0-100; nothing to execute counts as all executed. */
export function percentOf(part: number, whole: number): number {
  return whole === 0 ? 100 : (100 * part) / whole;
}

type Lines = Coverage['files'][string];

function linesOf(value: unknown): Lines | null {
  const { executed_lines: executed, missing_lines: missing } = recordOf(value) ?? {};
  return isLines(executed) && isLines(missing) ? { executed, missing } : null;
}

function isLines(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((line) => Number.isInteger(line) && line > 0);
}
