import type { FileTree } from '../../domain/tree.ts';
import { PLACES } from '../places.ts';
import type { Ini } from './ini.ts';
import { firstOf, readIni, readToml, type Table, tableAt } from './sources.ts';

/** What honest tests need to run as they do at home; nothing that chooses tests, adds options or moves the import path. */
const ALLOWED = [
  'aiohttp_mode',
  'anyio_mode',
  'asyncio_default_fixture_loop_scope',
  'asyncio_default_test_loop_scope',
  'asyncio_mode',
  'consider_namespace_packages',
  'DJANGO_SETTINGS_MODULE',
  'env',
  'filterwarnings',
  'markers',
  'mock_use_standalone_module',
  'timeout',
  'trio_mode',
  'usefixtures',
];

/**
 * `pytest.ini`. A test that was marked as failing and passes is a failure, whatever the base says. The copy itself is importable in any case;
 * other roots (`src`) are named here.
 */
export function pytestConfig(base: FileTree, roots: readonly string[]): string {
  const settings = settingsOf(base) ?? {};
  const lines = ALLOWED.filter((key) => Object.hasOwn(settings, key)).flatMap((key) => iniLines(key, settings[key]));
  const others = roots.filter((root) => root !== '').map((root) => `${PLACES.copy}/${root}`);
  const path = others.length === 0 ? [] : iniLines('pythonpath', others);
  return ['[pytest]', 'xfail_strict = true', 'junit_family = xunit1', ...path, ...lines, ''].join('\n');
}

function settingsOf(base: FileTree): Table | null {
  const pyproject = readToml(base, 'pyproject.toml');
  return firstOf(
    () => tableAt(readToml(base, 'pytest.toml'), 'pytest'),
    () => tableAt(readToml(base, '.pytest.toml'), 'pytest'),
    () => fromIni(readIni(base, 'pytest.ini'), 'pytest'),
    () => fromIni(readIni(base, '.pytest.ini'), 'pytest'),
    () => tableAt(pyproject, 'tool', 'pytest', 'ini_options'),
    () => tableAt(pyproject, 'tool', 'pytest'),
    () => fromIni(readIni(base, 'tox.ini'), 'pytest'),
    () => fromIni(readIni(base, 'setup.cfg'), 'tool:pytest'),
  );
}

function fromIni(ini: Ini | null, section: string): Table | null {
  const values = ini?.get(section);
  return values === undefined ? null : Object.fromEntries(values);
}

function iniLines(key: string, value: unknown): string[] {
  const items = (Array.isArray(value) ? value : String(value).split('\n'))
    .map(String)
    .map((item) => item.trim())
    .filter((item) => item !== '' && !/[\r\n]/.test(item));
  const [first] = items;
  if (first === undefined) return [];
  return items.length === 1 ? [`${key} = ${first}`] : [`${key} =`, ...items.map((item) => `    ${item}`)];
}
