import { beforeAll, describe, expect, test } from 'vitest';
import { AGENT_KINDS, type AgentKind, bundleAgents } from '../../../orchestrator/cli/setup/bundle.ts';
import { factoryRoot } from '../../../orchestrator/cli/setup/root.ts';

/** All of Node's file system module that cannot change anything. Opening can, by its flags: those are looked for apart. */
const READERS = [
  ...['closeSync', 'constants', 'existsSync', 'fstatSync', 'lstatSync', 'openSync', 'opendirSync'],
  ...['readFileSync', 'readSync', 'readdirSync', 'readlinkSync', 'realpathSync', 'statSync'],
];
const WRITING_FLAGS = /\bO_(WRONLY|RDWR|CREAT|TRUNC|APPEND)\b|openSync\([^)]*["'`](r\+|w|a)/;
/** Of Node, what cannot reach a file or a process; `vm` ends a search that takes too long. */
const HARMLESS_MODULES = ['fs', 'path', 'string_decoder', 'process', 'buffer', 'util', 'vm'];

let bundles: ReadonlyMap<AgentKind, string>;
beforeAll(async () => {
  const decoder = new TextDecoder();
  bundles = new Map([...(await bundleAgents(factoryRoot()))].map(([kind, bytes]) => [kind, decoder.decode(bytes)]));
});
const textOf = (kind: AgentKind): string => bundles.get(kind) ?? '';

/** What a bundle imports by module, as `name` or `* as name`. */
function importsOf(kind: AgentKind): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [, names = '', module = ''] of textOf(kind).matchAll(/^import ([^;]*?) from "(?:node:)?([^"]+)"/gm)) {
    const each = names
      .replace(/[{}]/g, '')
      .split(',')
      .map((name) => name.trim().replace(/ as \w+$/, ''));
    found.set(module, [...(found.get(module) ?? []), ...each.filter(Boolean)]);
  }
  return found;
}
const beyondReading = (kind: AgentKind): string[] => (importsOf(kind).get('fs') ?? []).filter((name) => !READERS.includes(name));

describe('the agents as they are put into their images', () => {
  test.each(['plan', 'scout', 'review'] as const)('%s holds no way to write a file or to start a program', (kind) => {
    expect(beyondReading(kind)).toEqual([]);
    expect(textOf(kind)).not.toMatch(WRITING_FLAGS);
    expect([...importsOf(kind).keys()].filter((module) => !HARMLESS_MODULES.includes(module))).toEqual([]);
    expect(textOf(kind)).not.toMatch(/child_process|worker_threads|process\.binding|dlopen|getBuiltinModule|createRequire/);
  });

  test.each(['build', 'test-writing'] as const)('%s does hold one: the search finds what it looks for', (kind) => {
    expect(beyondReading(kind)).not.toEqual([]);
  });

  test('plan holds no way to read a file either', () => {
    expect(importsOf('plan').has('fs')).toBe(false);
    expect(importsOf('scout').has('fs')).toBe(true);
  });

  test.each(AGENT_KINDS)('%s imports nothing but Node itself, so that it runs where nothing is installed', (kind) => {
    const imports = [...textOf(kind).matchAll(/^import .*? from "([^"]+)"|\brequire\("([^"]+)"\)|\bimport\("([^"]+)"\)/gm)];
    expect(imports.map((match) => match[1] ?? match[2] ?? match[3]).filter((name) => !name?.startsWith('node:'))).toEqual([]);
  });

  test('they name no path of the host', () => {
    for (const kind of AGENT_KINDS) expect(textOf(kind)).not.toContain(factoryRoot());
  });

  test('the same sources give the same bytes', async () => {
    const again = await bundleAgents(factoryRoot());
    for (const kind of AGENT_KINDS) expect(new TextDecoder().decode(again.get(kind))).toBe(textOf(kind));
  });
});
