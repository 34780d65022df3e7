import { parse } from 'smol-toml';
import { Failure } from '../../domain/failure.ts';
import type { FileTree } from '../../domain/tree.ts';
import { readText } from '../../domain/tree.ts';
import { recordOf } from '../parse-json.ts';
import { type Ini, parseIni } from './ini.ts';

export type Table = Readonly<Record<string, unknown>>;

/** The first of these TOML files that the base has, or null. A file that does not parse is `target_unsupported`. */
export function readToml(base: FileTree, path: string): Table | null {
  const text = readText(base, path);
  if (text === null) return null;
  try {
    return parse(text) as Table;
  } catch (cause) {
    throw new Failure('target_unsupported', `${path} on the base is not valid TOML`, { cause });
  }
}

export function readIni(base: FileTree, path: string): Ini | null {
  const text = readText(base, path);
  return text === null ? null : parseIni(text);
}

/** `tool.ruff` and the like inside a parsed TOML file; null where it is missing. */
export function tableAt(table: Table | null, ...path: readonly string[]): Table | null {
  return path.reduce<Table | null>((inner, key) => (inner !== null && Object.hasOwn(inner, key) ? recordOf(inner[key]) : null), table);
}

/** The entries whose key is allowed. */
export function picked(table: Table | null, allowed: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(table ?? {}).filter(([key]) => allowed.includes(key)));
}

/** The first non-null of lazily read sources: a tool reads one file and no other. */
export function firstOf<T>(...readers: readonly (() => T | null)[]): T | null {
  for (const read of readers) {
    const found = read();
    if (found !== null) return found;
  }
  return null;
}
