import type { FileTree } from '../../domain/tree.ts';
import { readText } from '../../domain/tree.ts';
import { pytestPlugins } from '../plugins.ts';
import { readToml, type Table, tableAt } from './sources.ts';

/** Extras that hold what a target's tests need, by their usual names: the ones that the image installs. */
const TEST_EXTRAS = ['dev', 'develop', 'test', 'tests', 'testing'];

/** What the target itself says it needs to run, as it wrote it (`fastapi>=0.165`); the lines of requirements.txt where it declares nothing. */
export function dependenciesOf(base: FileTree): string[] {
  const declared = strings(tableAt(readToml(base, 'pyproject.toml'), 'project')?.dependencies);
  return declared.length > 0 ? declared : requirementLines(base, 'requirements.txt');
}

/** The pytest plugins to load: those of the distributions that the image holds because the base's lock (or what stands in for it) names them. */
export function pluginsOf(base: FileTree): string[] {
  return pytestPlugins(installedOf(base));
}

/** The best list there is of what the image holds, in the order in which the image's own set-up looks. */
function installedOf(base: FileTree): string[] {
  if (base.has('requirements.lock')) return requirementLines(base, 'requirements.lock');
  const pyproject = readToml(base, 'pyproject.toml');
  const packages = pyproject === null ? undefined : readToml(base, 'uv.lock')?.package;
  if (Array.isArray(packages)) return packages.flatMap((item) => (typeof item?.name === 'string' ? [item.name] : []));
  const written = [...requirementLines(base, 'requirements-dev.txt'), ...requirementLines(base, 'requirements.txt')];
  return written.length > 0 ? written : declaredOf(pyproject);
}

function declaredOf(pyproject: Table | null): string[] {
  const project = tableAt(pyproject, 'project');
  const extras = tableAt(project, 'optional-dependencies') ?? {};
  const groups = tableAt(pyproject, 'dependency-groups') ?? {};
  return [
    ...strings(project?.dependencies),
    ...TEST_EXTRAS.flatMap((name) => (Object.hasOwn(extras, name) ? strings(extras[name]) : [])),
    ...Object.values(groups).flatMap(strings),
  ];
}

function requirementLines(base: FileTree, path: string): string[] {
  return (readText(base, path) ?? '')
    .split('\n')
    .filter((line) => /^[A-Za-z0-9]/.test(line))
    .map((line) => line.replace(/\s*(\\|#.*|;.*)?\s*$/, ''));
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
