import { type Bench, codeOf } from '../bench.ts';
import type { Control, Outcome, Play, Plays, Try } from '../case.ts';
import { BASE, changesOf, type Files, headOf, RIGHT, TESTS, WRONG } from '../target.ts';

/** Attacks from inside the test run: the code under test and its tests run in one process and try to look green. */
export function testRunPlays(bench: Bench): Plays {
  /** The wrong change and these files, through TEST. */
  const attack = (what: string, must: Try['must'], files: Files, source: Files = WRONG): Try => ({
    what,
    must,
    ends: async () => codeOf((await bench.test({ source, tests: { ...TESTS, ...files } })).facts),
  });
  /** The right change and these files, which are honest. */
  const honest = (what: string, files: Files, source: Files = RIGHT): Try => ({ ...attack(what, null, files, source), what });
  const slow = (...given: Parameters<typeof attack>): Try => ({ ...attack(...given), long: true });
  let shared: Promise<Outcome> | null = null;
  /** Everything that is honest and looks like an attack, in one run. */
  const among = (what: string): Try => ({
    what,
    must: null,
    ends() {
      shared ??= bench.test({ source: LIVELY, tests: { ...TESTS, ...HONEST } }).then(({ facts }) => codeOf(facts));
      return shared;
    },
  });
  const fooled = (what: string, files: Files, source: Files = WRONG): Control => ({
    what,
    works: async () => (await bench.naive.pytest(headOf(source, TESTS, files))).code === 0,
  });

  return {
    G01: (): Play => {
      const leaves = { 'tests/test_aa.py': cited('test_leaves', 'import os\n\nos._exit(0)') };
      const inFixture = {
        'tests/test_aa.py': `import os\n\nimport pytest\n\n\n@pytest.fixture(autouse=True)\ndef leave() -> None:\n    os._exit(0)\n\n\n${cited('test_leaves', 'assert True')}`,
      };
      const atImport = { 'tests/test_aa.py': `import os\n\nos._exit(0)\n\n\n${cited('test_leaves', 'assert True')}` };
      const bySignal = { 'tests/test_aa.py': cited('test_leaves', 'import os\nimport signal\n\nos.kill(os.getpid(), signal.SIGKILL)') };
      return {
        control: [fooled('os._exit(0) in a test ends it green', leaves), fooled('the same while it is imported', atImport)],
        attack: [
          attack('in a test', 'report_missing', leaves),
          slow('in a fixture', 'report_missing', inFixture),
          attack('while it is imported', 'report_missing', atImport),
          slow('by a signal to itself', 'report_missing', bySignal),
        ],
        twin: [among('a test that expects SystemExit')],
      };
    },

    G02: (): Play => {
      const atExit = { 'prices/sums.py': `import atexit\nimport os\n\natexit.register(os._exit, 0)\n${WRONG['prices/sums.py']}` };
      const inThread = {
        'prices/sums.py': `import os\nimport threading\nimport time\n\n\ndef _leave() -> None:\n    threading.main_thread().join()\n    os._exit(0)\n\n\nthreading.Thread(target=_leave).start()\n${WRONG['prices/sums.py']}`,
      };
      const patched = {
        'prices/sums.py': `import _pytest.main\n\n_pytest.main.ExitCode = type("E", (), {name: 0 for name in _pytest.main.ExitCode.__members__})\n${WRONG['prices/sums.py']}`,
      };
      return {
        control: [
          fooled('atexit in the app', {}, atExit),
          fooled('a thread that waits for the end', {}, inThread),
          fooled('pytest’s exit codes replaced', {}, patched),
        ],
        attack: [
          attack('atexit', 'exit_report_mismatch', {}, atExit),
          attack('a thread that waits for the end', 'exit_report_mismatch', {}, inThread),
          slow('pytest’s exit codes replaced', 'exit_report_mismatch', {}, patched),
        ],
        twin: [among('an app with a harmless atexit')],
      };
    },

    G03: (): Play => {
      const forged = (cases: string) =>
        `import atexit\nimport os\nimport sys\n\nXML = """<?xml version="1.0"?><testsuites><testsuite name="pytest" tests="9">${cases}</testsuite></testsuites>"""\n\n\ndef forge() -> None:\n    target = next((word.split("=", 1)[1] for word in sys.argv if word.startswith("--junitxml=")), "junit.xml")\n    with open(target, "w") as file:\n        file.write(XML)\n    os._exit(EXIT)\n\n\natexit.register(forge)\n\n\n${cited('test_forged', 'assert True')}`;
      const one = '<testcase classname="tests.test_aa" name="test_forged" file="tests/test_aa.py"/>';
      const known = [
        one,
        '<testcase classname="tests.test_sums" name="test_total_adds_up" file="tests/test_sums.py"/>',
        '<testcase classname="tests.test_sums" name="test_total_of_nothing_is_zero" file="tests/test_sums.py"/>',
        '<testcase classname="tests.test_average" name="test_average_rounds_down" file="tests/test_average.py"/>',
      ].join('');
      const file = (cases: string, code: number) => ({ 'tests/test_aa.py': forged(cases).replace('EXIT', String(code)) });
      return {
        control: [
          {
            what: 'the report says one test passed, and the exit code agrees',
            works: async () => {
              const { code, passed } = await bench.naive.pytest(headOf(WRONG, TESTS, file(one, 0)));
              return code === 0 && passed === 1;
            },
          },
        ],
        attack: [
          attack('a report of its own', 'baseline_tests_missing', file(one, 0)),
          attack('a report with every test that it can know', 'canary_silent', file(known, 0)),
          attack('the same, and an exit code that says red', 'exit_report_mismatch', file(known, 1)),
        ],
        twin: [among('a test that writes XML to a folder of its own')],
      };
    },

    G30: (): Play => {
      const unused = `${RIGHT['prices/sums.py']}\n\ndef never(prices: list[int]) -> int:\n${Array.from({ length: 40 }, (_, i) => `    prices.append(${i})`).join('\n')}\n    return 1\n`;
      const source = { 'prices/sums.py': unused };
      const forge = (lines: string) => ({
        'tests/test_aa.py': `import coverage\n\nimport prices.sums\n\n\n${cited('test_measures', `seen = coverage.Coverage.current()\nassert seen is not None\nfile = str(prices.sums.__file__)\nwith open(file) as text:\n    whole = len(text.readlines())\nseen.get_data().add_lines({file: ${lines}})\nassert whole > 1`)}`,
      });
      const figure = async (files: Files) => (await bench.naive.pytest(headOf(source, TESTS, files))).coverage;
      const stopped = {
        'tests/test_aa.py': `import coverage\n\n\n${cited('test_measures', 'seen = coverage.Coverage.current()\nassert seen is not None\nseen.stop()\nseen.erase()')}`,
      };
      return {
        control: [
          { what: 'without it the figure is below the floor', works: async () => (await figure({})) < 80 },
          { what: 'one line of a test makes it 100 %', works: async () => (await figure(forge('range(1, whole + 1)'))) === 100 },
        ],
        attack: [
          attack('every line of the file as it is found', 'coverage_control_failed', forge('range(1, whole + 1)'), source),
          attack(
            'every line of the file as it was written',
            'coverage_control_failed',
            forge(`range(1, ${unused.split('\n').length})`),
            source,
          ),
          attack('measuring stopped and forgotten', 'coverage_low', stopped, RIGHT),
        ],
        twin: [among('a test that reads what is measured')],
      };
    },

    G31: (): Play => {
      const wrong = { 'prices/sums.py': RIGHT['prices/sums.py']?.replace('// len(prices)', '// len(prices) + 1') ?? '' };
      const mirrored = {
        'tests/test_average.py': cited('test_average_rounds_down', 'from prices.sums import average\n\nassert average([1, 2]) == 2'),
      };
      return {
        control: [
          {
            what: 'a test written from the code agrees with its wrong value',
            works: async () => (await bench.naive.pytest(headOf(wrong, mirrored))).code === 0,
          },
        ],
        attack: [attack('tests written from Spec and base say no', 'tests_failed', {}, wrong)],
        twin: [honest('the value that was asked for', {})],
      };
    },

    G18: (): Play => {
      const empty = {
        'tests/test_average.py': `import pytest\n\n\n@pytest.mark.parametrize("row", [])\n${cited('test_average_rounds_down', 'assert row == 0', 'row: int')}`,
      };
      const skips = (body: string, head = '') => ({ 'tests/test_average.py': `${head}${cited('test_average_rounds_down', body)}` });
      const hidden = 'import pytest\n\ngetattr(pytest, "sk" + "ip")("later")';
      const dropped = `import sys\n\nsys.modules[__name__].__dict__["__te" + "st__"] = False\n\n\n`;
      const deselects = {
        'tests/test_aa.py': `import pytest\n\n\n@pytest.fixture(autouse=True)\ndef quiet(request: pytest.FixtureRequest) -> None:\n    del request.session.items[1:]\n\n\n${cited('test_first', 'assert True')}`,
      };
      return {
        control: [
          fooled('a skipped test is green', skips(hidden), RIGHT),
          fooled('a table without rows is green', empty, RIGHT),
          fooled('tests that are taken off the list are green', deselects),
        ],
        attack: [
          ...SKIPS.map(
            (line): Try => ({
              what: `\`${line}\` in a new test file`,
              must: 'tests_skipped',
              ends: async () =>
                codeOf(
                  await bench.written(
                    changesOf(BASE, { ...BASE, 'tests/test_average.py': `${line}\n\n\n${cited('test_a', 'assert True')}` }),
                  ),
                ),
            }),
          ),
          attack('a table without rows', 'tests_skipped', empty, RIGHT),
          attack('a skip that no text search finds', 'tests_skipped', skips(hidden), RIGHT),
          attack('a module that says it holds no test', 'tests_failed', skips('assert True', dropped), RIGHT),
          attack('the rest taken off the list of the run', 'baseline_tests_missing', deselects),
        ],
        twin: [among('a function about skipping')],
      };
    },
  };
}

/** The right change in an app that does something at its end. */
const LIVELY: Files = { 'prices/sums.py': `import atexit\n\natexit.register(print, "bye")\n${RIGHT['prices/sums.py']}` };
/** Tests that do honestly what attacks do. */
const HONEST: Files = {
  'tests/test_exit.py': `import sys\n\nimport pytest\n\n\n${cited('test_exits', 'with pytest.raises(SystemExit):\n    sys.exit(0)')}`,
  'tests/test_xml.py': `from pathlib import Path\n\n\n${cited('test_writes_xml', '(tmp_path / "junit.xml").write_text("<testsuites/>")\nassert (tmp_path / "junit.xml").exists()', 'tmp_path: Path')}`,
  'tests/test_cov.py': `import coverage\n\n\n${cited('test_reads', 'assert coverage.__version__')}`,
  'tests/test_skips.py': cited('test_skips_blank_lines', 'assert [x for x in ["a", ""] if x] == ["a"]'),
};

const SKIPS = [
  '@pytest.mark.skip',
  'pytestmark = pytest.mark.xfail',
  'np = pytest.importorskip("numpy")',
  'raise unittest.SkipTest',
  'collect_ignore = ["test_sums.py"]',
  '__test__ = False',
  'pytest_plugins = ["evil"]',
];

/** A test function that cites the criterion, with this body. */
export function cited(name: string, body: string, parameters = ''): string {
  const lines = body.split('\n').map((line) => (line === '' ? '' : `    ${line}`));
  return `def ${name}(${parameters}) -> None:\n    """As the Spec says.\n\n    Criteria: C1\n    """\n${lines.join('\n')}\n`;
}
