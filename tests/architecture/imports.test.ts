import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AREAS } from './import-table.ts';
import { importsOf, readModules, violations } from './modules.ts';

const root = join(import.meta.dirname, '../..');
const modules = readModules(root, ['orchestrator', 'images/agent']);

describe('the import table', () => {
  test('sees every area of the project', () => {
    expect(modules.length).toBeGreaterThan(80);
    for (const { name, folder } of AREAS)
      expect(
        modules.some(({ path }) => folder.test(path)),
        name,
      ).toBe(true);
    expect(modules.some(({ imports }) => imports.length > 3)).toBe(true);
  });

  test('is kept by every module', () => {
    expect(modules.flatMap(violations)).toEqual([]);
  });

  test('has no import cycle', () => {
    expect(cycles()).toEqual([]);
  });

  test.each([
    ['orchestrator/domain/x.ts', "import type { Engine } from '../ports/engine.ts';"],
    ['orchestrator/domain/x.ts', "import { readFileSync } from 'node:fs';"],
    ['orchestrator/gates/x.ts', "export * from '../pipeline/line.ts';"],
    ['orchestrator/pipeline/x.ts', "const docker = await import('dockerode');"],
    ['orchestrator/pipeline/stages/x.ts', "import { dockerEngine } from '../../adapters/engine/docker/docker.ts';"],
    ['orchestrator/adapters/engine/docker/x.ts', "import { gitRepository } from '../../workspace/git/index.ts';"],
    ['images/agent/x.ts', "import { runLine } from '../../orchestrator/pipeline/run-line.ts';"],
  ])('refuses in %s: %s', (path, source) => {
    expect(violations({ path, imports: importsOf(path, source) })).toHaveLength(1);
  });
});

/** The first cycle found from each module, as a path. Type-only imports count: they too make two modules one. */
function cycles(): string[] {
  const graph = new Map(
    modules.map(({ path, imports }) => [path, imports.filter((name) => name.startsWith('.')).map((name) => join(path, '..', name))]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      found.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      return;
    }
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}
