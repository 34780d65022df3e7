import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { parseSync } from 'oxc-parser';
import { AREAS, type Area } from './import-table.ts';

export interface Module {
  readonly path: string;
  readonly imports: readonly string[];
}

/** Every TypeScript module below these folders with what it imports, types included. */
export function readModules(root: string, folders: readonly string[]): Module[] {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => posix.join(folder, name.replaceAll('\\', '/'))),
  );
  return files.sort().map((path) => ({ path, imports: importsOf(path, readFileSync(join(root, path), 'utf8')) }));
}

export function importsOf(path: string, source: string): string[] {
  const { module, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  const dynamic = module.dynamicImports.map(({ moduleRequest }) => source.slice(moduleRequest.start + 1, moduleRequest.end - 1));
  const from = module.staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []));
  return [...new Set([...module.staticImports.map(({ moduleRequest }) => moduleRequest.value), ...from, ...dynamic])];
}

/** The imports of a module that the table does not allow, each as a sentence. */
export function violations(module: Module): string[] {
  const own = areaOf(module.path);
  if (own === null) return [`${module.path} belongs to no area of the table`];
  return module.imports.flatMap((name) => {
    const fault = faultOf(module.path, own, name);
    return fault === null ? [] : [`${module.path} (${own.name}: ${own.because}) imports ${name}: ${fault}`];
  });
}

function faultOf(path: string, own: Area, name: string): string | null {
  if (name.startsWith('.')) {
    const target = posix.join(dirname(path), name);
    const area = areaOf(target);
    if (area === null) return 'it belongs to no area';
    if (area.name !== own.name) return own.areas.includes(area.name) ? null : `${own.name} may not import ${area.name}`;
    return own.name === 'adapter' && adapterOf(path) !== adapterOf(target) ? 'an adapter may not import a sibling' : null;
  }
  if (name.startsWith('node:') || builtinModules.includes(name)) return own.node ? null : 'no node module here';
  if (own.packages === 'any') return null;
  const bare = name.startsWith('@') ? name.split('/').slice(0, 2).join('/') : (name.split('/')[0] ?? name);
  return own.packages.includes(bare) ? null : 'the package is not in its row';
}

const areaOf = (path: string) => AREAS.find(({ folder }) => folder.test(path)) ?? null;
const adapterOf = (path: string) => path.split('/').slice(0, 4).join('/');
