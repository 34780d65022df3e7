import type { FileTree } from '../../domain/tree.ts';
import { type Ini, listOfIni } from './ini.ts';
import { firstOf, readIni, readToml, type Table, tableAt } from './sources.ts';

const CONCURRENCY = ['thread', 'greenlet', 'gevent', 'eventlet'];

/**
 * What counts as no line, in place of coverage.py's own list: a body of nothing but `...`. No comment and no condition takes a line out of the
 * count; what the base left out by configuration counts too, on both sides alike.
 */
const NO_BEHAVIOUR = [String.raw`^[ \t]*\.\.\.[ \t]*$`];

/** `coveragerc`: how to measure, and nothing about what to leave out. */
export function coverageConfig(base: FileTree): string {
  const run = settingsOf(base) ?? {};
  const concurrency = namesOf(run.concurrency).filter((name) => CONCURRENCY.includes(name));
  return [
    '[run]',
    `branch = ${run.branch === true || /^(true|yes|on|1)$/i.test(String(run.branch))}`,
    'relative_files = true',
    ...(concurrency.length === 0 ? [] : [`concurrency = ${concurrency.join(',')}`]),
    '[report]',
    'exclude_lines =',
    ...NO_BEHAVIOUR.map((pattern) => `    ${pattern}`),
    'partial_branches = (?!)',
    '',
  ].join('\n');
}

function settingsOf(base: FileTree): Table | null {
  return firstOf(
    () => fromIni(readIni(base, '.coveragerc'), 'run'),
    () => fromIni(readIni(base, 'setup.cfg'), 'coverage:run'),
    () => fromIni(readIni(base, 'tox.ini'), 'coverage:run'),
    () => tableAt(readToml(base, 'pyproject.toml'), 'tool', 'coverage', 'run'),
  );
}

function fromIni(ini: Ini | null, section: string): Table | null {
  const values = ini?.get(section);
  return values === undefined ? null : Object.fromEntries(values);
}

function namesOf(value: unknown): string[] {
  const list = typeof value === 'string' ? listOfIni(value) : value;
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
}
