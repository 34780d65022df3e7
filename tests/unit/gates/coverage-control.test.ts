import { describe, expect, it } from 'vitest';
import { readText } from '../../../orchestrator/domain/tree.ts';
import { canaries } from '../../../orchestrator/gates/canaries.ts';
import { type CoverageControl, coverageControlFact, plantControls, withoutControls } from '../../../orchestrator/gates/coverage-control.ts';
import { LAYOUT, tree } from './support.ts';

const MODULE = '"""Prices."""\n\nimport os\n\n\ndef total() -> int:\n    return 1\n\n\n@cache\ndef mean() -> int:\n    return 2\n';
const FILES = tree({ 'app/prices.py': MODULE, 'app/__init__.py': '', 'tests/test_a.py': 'def test_a(): ...\n', 'setup.py': 'x = 1\n' });
const RAN = { percent: 100, files: { 'app/prices.py': { executed: [1, 3, 6, 7, 10, 11, 12], missing: [] } } };

/** A small generator with a seed, so that a failure can be seen again. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const planted = (text: string, seed = 1) => {
  const { tree: after, controls } = plantControls(tree({ 'app/a.py': text }), LAYOUT, seeded(seed));
  return { lines: (readText(after, 'app/a.py') ?? '').split('\n'), control: controls[0] as CoverageControl };
};
const [control] = plantControls(FILES, LAYOUT, seeded(3), RAN).controls as [CoverageControl];
const measured = (executed: readonly number[], missing: readonly number[]) => ({
  percent: 0,
  files: { 'app/prices.py': { executed: [...executed], missing: [...missing] } },
});

describe('planted functions', () => {
  it('stand in measured files that hold code, and in no other', () => {
    const { tree: after, controls } = plantControls(FILES, LAYOUT, seeded(1));
    expect(controls.map(({ path }) => path)).toEqual(['app/prices.py']);
    for (const path of ['app/__init__.py', 'tests/test_a.py', 'setup.py']) expect(after.get(path)).toEqual(FILES.get(path));
  });

  it('move no line that was there, and stand at the end and between definitions', () => {
    for (let seed = 1; seed < 60; seed += 1) {
      const { lines, control: one } = planted(MODULE, seed);
      const before = MODULE.split('\n');
      before.forEach((text, i) => {
        if (text !== '') expect(lines[i], `seed ${seed}`).toBe(text);
      });
      expect(one.never).toHaveLength(2);
      for (const line of one.never) expect(lines[line - 1]).toMatch(/^ {4}return \d+$/);
      expect(one.never[0]).toBeLessThan(before.length);
      // What a decorator decorates stays what it was.
      expect(lines[lines.indexOf('@cache') + 1]).toBe('def mean() -> int:');
      expect(lines.join('\n')).not.toMatch(/canar|factory|planted|control/i);
    }
  });

  it.each([
    ['no definition', 'x = 1\n'],
    ['one blank line', 'x = 1\n\ndef f():\n    pass\n'],
    ['blank lines inside a text', 'x = """\n\n\ndef f():\n"""\n'],
    ['blank lines under a decorator', '@x\n\n\ndef f():\n    pass\n'],
    ['line ends of old machines', 'x = 1\r\r\rdef f():\r    pass\r'],
  ])('stand only at the end where there is %s', (_, text) => {
    expect(planted(text).control.never).toHaveLength(1);
  });

  it('are separate from a last line without an end', () => {
    expect(planted('x = 1').lines.slice(0, 4)).toEqual(['x = 1', '', '', expect.stringMatching(/^def _\w+\(\) -> int:$/)]);
  });

  it('bear names that the file does not have', () => {
    const always = () => 0;
    const { tree: once } = plantControls(tree({ 'app/a.py': MODULE }), LAYOUT, always);
    const twice = plantControls(once, LAYOUT, always).tree;
    const names = (readText(twice, 'app/a.py') ?? '').match(/def _\w+/g) ?? [];
    expect(names.length).toBe(new Set(names).size);
  });
});

describe('what coverage says of planted functions', () => {
  const [first = 0, last = 0] = control.never;
  const called = control.called?.line ?? 0;

  it('is true where those that nothing calls are missed and the called one ran', () => {
    expect(coverageControlFact(measured([3, called], [first, last]), [control])).toMatchObject({ holds: true });
  });

  it.each([
    ['both ran', measured([3, called, first, last], [])],
    ['the one at the end ran', measured([3, called, last], [first])],
    ['the one in the middle ran', measured([3, called, first], [last])],
    ['one is left out of the count', measured([3, called], [first])],
  ])('is not true where %s', (_, coverage) => {
    expect(coverageControlFact(coverage, [control])).toMatchObject({
      holds: false,
      code: 'coverage_control_failed',
      where: [{ path: 'app/prices.py' }],
    });
  });

  it('is not true where the called one did not run', () => {
    expect(coverageControlFact(measured([3], [first, last, called]), [control])).toMatchObject({ code: 'coverage_control_failed' });
    expect(coverageControlFact({ percent: 0, files: {} }, [control])).toMatchObject({ code: 'coverage_control_failed' });
  });

  it('asks for no call where no file ran on the base', () => {
    const { controls } = plantControls(FILES, LAYOUT, seeded(1), null);
    expect(coverageControlFact(measured([3], controls[0]?.never ?? []), controls)).toMatchObject({ holds: true });
  });

  it('does not count', () => {
    const all = withoutControls(measured([1, 3, ...control.lines.filter((line) => line !== last)], [7, last]), [control]);
    expect(all.files['app/prices.py']).toEqual({ executed: [1, 3], missing: [7] });
    expect(Math.round(all.percent)).toBe(67);
  });
});

describe('a canary that calls', () => {
  it('still fails by one assertion, and asks only what is loaded', () => {
    const { last } = canaries(seeded(1), 'tests', new Set(), [{ file: '/copy/app/prices.py', name: '_basket_count_when_full' }]);
    const text = readText(new Map([[last.path, last.entry]]), last.path) ?? '';
    expect(text).toContain('"/copy/app/prices.py": "_basket_count_when_full"');
    expect(text).toMatch(/ {4}assert sum\(\w+\) == -\d+\n$/);
    expect(text).not.toMatch(/import (?!sys|ModuleType)/);
  });
});
