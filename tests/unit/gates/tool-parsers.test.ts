import { describe, expect, it } from 'vitest';
import { parseCoverage } from '../../../orchestrator/gates/parse-coverage.ts';
import { parseFormatCheck } from '../../../orchestrator/gates/parse-format.ts';
import { parseMypy } from '../../../orchestrator/gates/parse-mypy.ts';
import { parseRuff } from '../../../orchestrator/gates/parse-ruff.ts';
import { fixture, toolOutput } from './support.ts';

const places = (findings: readonly { path: string; line: number; code: string }[]) =>
  findings.map(({ path, line, code }) => `${path}:${line} ${code}`);

describe('a report of ruff', () => {
  it('has every finding, also where a comment of any form silences it (G15)', () => {
    const report = parseRuff(...toolOutput('ruff-findings'));
    expect(report.exitCode).toBe(1);
    expect(places(report.findings)).toEqual([
      'app/a.py:1 I001',
      'app/a.py:1 F401',
      'app/a.py:2 F401',
      'app/a.py:11 F811',
      'app/a.py:14 F821',
      'app/b.py:2 F401',
    ]);
  });

  it('is empty for clean files', () => {
    expect(parseRuff(...toolOutput('ruff-clean'))).toEqual({ tool: 'ruff', exitCode: 0, findings: [], output: '' });
  });

  it('counts a file that ruff could not read as a finding, though ruff ends with 0', () => {
    const report = parseRuff(...toolOutput('ruff-missing-file'));
    expect(report.exitCode).toBe(0);
    expect(places(report.findings)).toEqual(['app/gone.py:1 unread']);
  });
});

describe('a report of the formatter', () => {
  it('has one finding for each file it would change', () => {
    expect(places(parseFormatCheck(...toolOutput('format-findings')).findings)).toEqual(['app/a.py:4 unformatted']);
    expect(parseFormatCheck(...toolOutput('format-clean')).findings).toEqual([]);
  });

  it('has the file that it could not read', () => {
    expect(places(parseFormatCheck(...toolOutput('format-syntax-error')).findings)).toContain('app/bad.py:1 invalid-syntax');
    expect(places(parseFormatCheck(...toolOutput('format-missing')).findings)).toEqual(['app/gone.py:1 io']);
  });
});

describe('a report of mypy', () => {
  it('has errors and leaves notes out', () => {
    expect(places(parseMypy(...toolOutput('mypy-findings')).findings)).toEqual(['app/a.py:5 return-value', 'app/a.py:11 no-redef']);
    expect(parseMypy(...toolOutput('mypy-clean'))).toEqual({ tool: 'mypy', exitCode: 0, findings: [], output: '' });
  });

  it('keeps the words of a tool that fell over', () => {
    expect(parseMypy(...toolOutput('mypy-missing-file'))).toMatchObject({
      exitCode: 2,
      findings: [],
      output: 'app/gone.py: error: Cannot read file: No such file or directory',
    });
    expect(places(parseMypy(...toolOutput('mypy-syntax-error')).findings)).toContain('app/bad.py:1 syntax');
  });
});

describe('a report that cannot be read', () => {
  const cut = toolOutput('ruff-findings')[0].slice(0, 400);
  it.each([
    ['a cut one of ruff', parseRuff(cut, '', 1)],
    ['an empty one of ruff', parseRuff('', '', 0)],
    ['an object instead of a list', parseRuff('{"findings": []}', '', 0)],
    ['a list of something else', parseFormatCheck('[1, {"filename": 3}]', '', 0)],
    ['a line of mypy that is no JSON', parseMypy('Success: no issues found\n', '', 0)],
    ['null from mypy', parseMypy('null\n', '', 0)],
  ])('is itself a finding: %s', (_, report) => {
    expect(report.findings.map(({ code }) => code)).toEqual(['report_unreadable']);
  });
});

describe('a report of coverage', () => {
  it('is counted again from the lines, with paths of the target', () => {
    const { percent, files } = parseCoverage(fixture('head.coverage.json')) ?? { percent: 0, files: {} };
    expect(percent).toBe(100);
    expect(files['app/pricing.py']).toEqual({ executed: [1, 2, 3, 4, 7, 8], missing: [] });
  });

  it('does not believe the totals', () => {
    const forged = JSON.parse(fixture('head.coverage.json'));
    forged.files['app/pricing.py'].missing_lines = [8];
    forged.files['app/pricing.py'].executed_lines = [1, 2, 3, 4, 7];
    forged.totals.percent_covered = 100;
    const all = Object.values(forged.files).flatMap((file) => (file as { executed_lines: number[] }).executed_lines).length;
    expect(parseCoverage(JSON.stringify(forged))?.percent).toBeCloseTo((100 * all) / (all + 1));
  });

  it.each([
    '',
    'null',
    '[]',
    '{"files": []}',
    '{"files": {"a.py": {}}}',
    '{"files": {"a.py": {"executed_lines": ["1"], "missing_lines": []}}}',
    '{"files": {',
  ])('is null when it is none: %s', (text) => {
    expect(parseCoverage(text)).toBeNull();
  });
});
