/**
 * pytest plugins by distribution name, as the module that `-p` loads. Only what honest tests need to run; nothing that changes the order of
 * tests, repeats or spreads them (randomly, rerunfailures, xdist).
 */
const PLUGINS: Readonly<Record<string, string>> = {
  anyio: 'anyio.pytest_plugin',
  faker: 'faker.contrib.pytest.plugin',
  hypothesis: '_hypothesis_pytestplugin',
  'inline-snapshot': 'inline_snapshot.pytest_plugin',
  'pytest-aiohttp': 'pytest_aiohttp.plugin',
  'pytest-asyncio': 'pytest_asyncio.plugin',
  'pytest-benchmark': 'pytest_benchmark.plugin',
  'pytest-datadir': 'pytest_datadir.plugin',
  'pytest-django': 'pytest_django.plugin',
  'pytest-env': 'pytest_env.plugin',
  'pytest-factoryboy': 'pytest_factoryboy.plugin',
  'pytest-flask': 'pytest_flask.plugin',
  'pytest-freezer': 'pytest_freezer',
  'pytest-httpx': 'pytest_httpx',
  'pytest-lazy-fixtures': 'pytest_lazy_fixtures.plugin',
  'pytest-mock': 'pytest_mock',
  'pytest-recording': 'pytest_recording.plugin',
  'pytest-regressions': 'pytest_regressions.plugin',
  'pytest-socket': 'pytest_socket',
  'pytest-subtests': 'pytest_subtests.plugin',
  'pytest-timeout': 'pytest_timeout',
  'pytest-trio': 'pytest_trio.plugin',
  'requests-mock': 'requests_mock.contrib._pytest_plugin',
  respx: 'respx.plugin',
  syrupy: 'syrupy',
  'time-machine': 'time_machine',
};

/**
 * The plugins to load by name, since finding them by themselves is switched off. `dependencies` are requirement lines or names
 * (`pytest-asyncio>=1.0`); coverage is always measured.
 */
export function pytestPlugins(dependencies: readonly string[]): string[] {
  const names = dependencies.map(distributionName);
  const found = names.flatMap((name) => (Object.hasOwn(PLUGINS, name) ? [PLUGINS[name] as string] : []));
  return ['pytest_cov', ...new Set(found)].sort();
}

/** The normalised name at the start of a requirement line; '' where there is none. */
export function distributionName(requirement: string): string {
  const name = /^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)/.exec(requirement)?.[1] ?? '';
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}
