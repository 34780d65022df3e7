import { stringify } from 'smol-toml';
import type { FileTree } from '../../domain/tree.ts';
import { recordOf } from '../parse-json.ts';
import { PLACES } from '../places.ts';
import { type Ini, listOfIni } from './ini.ts';
import { firstOf, picked, readIni, readToml, type Table, tableAt } from './sources.ts';

const LISTS = [
  'disable_error_code',
  'enable_error_code',
  'untyped_calls_exclude',
  'deprecated_calls_exclude',
  'always_true',
  'always_false',
];

const PER_MODULE = [
  'allow_redefinition',
  'allow_redefinition_new',
  'allow_untyped_globals',
  'check_untyped_defs',
  'disallow_any_decorated',
  'disallow_any_explicit',
  'disallow_any_expr',
  'disallow_any_generics',
  'disallow_any_unimported',
  'disallow_incomplete_defs',
  'disallow_subclassing_any',
  'disallow_untyped_calls',
  'disallow_untyped_decorators',
  'disallow_untyped_defs',
  'extra_checks',
  'follow_imports',
  'follow_imports_for_stubs',
  'follow_untyped_imports',
  'ignore_missing_imports',
  'implicit_optional',
  'implicit_reexport',
  'local_partial_types',
  'no_implicit_optional',
  'no_implicit_reexport',
  'strict_bytes',
  'strict_equality',
  'strict_equality_for_none',
  'strict_optional',
  'warn_no_return',
  'warn_return_any',
  'warn_unreachable',
  'warn_unused_ignores',
  ...LISTS,
];

const GLOBAL = [...PER_MODULE, 'strict', 'python_version', 'platform', 'warn_redundant_casts', 'warn_incomplete_stub'];

/** Plugins that come with a package of the image, and the configuration table that each may bring. */
const PLUGINS: Readonly<Record<string, string | null>> = {
  'pydantic.mypy': 'pydantic-mypy',
  'pydantic.v1.mypy': 'pydantic-mypy',
  'sqlalchemy.ext.mypy.plugin': null,
  'numpy.typing.mypy_plugin': null,
  'mypy_django_plugin.main': 'django-stubs',
  'mypy_drf_plugin.main': 'django-stubs',
  'strawberry.ext.mypy_plugin': null,
  'returns.contrib.mypy.returns_plugin': null,
};

interface MypySettings {
  readonly general: Table;
  readonly overrides: readonly { readonly module: readonly string[]; readonly settings: Table }[];
  /** Tables of plugins by name. */
  readonly tables: Table;
}

/** `mypy.toml`: how strict the base is, module by module; nothing that leaves files out, reads another file or runs code of the tree. */
export function mypyConfig(base: FileTree, roots: readonly string[]): string {
  const { general, overrides, tables } = settingsOf(base);
  const plugins = namesOf(general.plugins).filter((name) => Object.hasOwn(PLUGINS, name));
  const kept = overrides.map(({ module, settings }) => ({ module, ...picked(settings, [...PER_MODULE, 'ignore_errors']) }));
  return `${stringify({
    tool: {
      mypy: {
        ...picked(general, GLOBAL),
        ...(plugins.length === 0 ? {} : { plugins }),
        mypy_path: roots.map((root) => (root === '' ? PLACES.tree : `${PLACES.tree}/${root}`)),
        explicit_package_bases: true,
        namespace_packages: true,
        warn_unused_configs: false,
        ...(kept.length === 0 ? {} : { overrides: kept }),
      },
      ...picked(
        tables,
        plugins.map((name) => PLUGINS[name] ?? ''),
      ),
    },
  })}\n`;
}

function settingsOf(base: FileTree): MypySettings {
  const found = firstOf(
    () => fromIni(readIni(base, 'mypy.ini')),
    () => fromIni(readIni(base, '.mypy.ini')),
    () => fromToml(readToml(base, 'pyproject.toml')),
    () => fromIni(readIni(base, 'setup.cfg')),
  );
  return found ?? { general: {}, overrides: [], tables: {} };
}

function fromToml(pyproject: Table | null): MypySettings | null {
  const general = tableAt(pyproject, 'tool', 'mypy');
  if (general === null) return null;
  const overrides = Array.isArray(general.overrides) ? general.overrides.map(recordOf).filter((table) => table !== null) : [];
  return {
    general,
    overrides: overrides.map((settings) => ({ module: namesOf(settings.module), settings })).filter(({ module }) => module.length > 0),
    tables: tableAt(pyproject, 'tool') ?? {},
  };
}

function fromIni(ini: Ini | null): MypySettings | null {
  const general = ini?.get('mypy');
  if (ini === null || general === undefined) return null;
  const sections = [...ini].map(([name, section]) => [name, valuesOf(section)] as const);
  return {
    general: valuesOf(general),
    overrides: sections
      .filter(([name]) => name.startsWith('mypy-'))
      .map(([name, settings]) => ({ module: listOfIni(name.slice('mypy-'.length)), settings })),
    tables: Object.fromEntries(sections.filter(([name]) => name.endsWith('-mypy'))),
  };
}

function valuesOf(section: ReadonlyMap<string, string>): Table {
  return Object.fromEntries([...section].map(([key, value]) => [key, settingOf(key, value)]));
}

function settingOf(key: string, value: string): unknown {
  if ([...LISTS, 'plugins'].includes(key)) return listOfIni(value);
  if (/^(true|yes|on|1)$/i.test(value)) return true;
  if (/^(false|no|off|0)$/i.test(value)) return false;
  return value;
}

function namesOf(value: unknown): string[] {
  const list = typeof value === 'string' ? listOfIni(value) : value;
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
}
