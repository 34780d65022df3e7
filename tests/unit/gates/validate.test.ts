import { describe, expect, it } from 'vitest';
import type { Finding, ToolReport } from '../../../orchestrator/domain/report.ts';
import { verdictOf } from '../../../orchestrator/domain/verdict.ts';
import { parseFormatCheck } from '../../../orchestrator/gates/parse-format.ts';
import { parseMypy } from '../../../orchestrator/gates/parse-mypy.ts';
import { parseRuff } from '../../../orchestrator/gates/parse-ruff.ts';
import { validateFacts } from '../../../orchestrator/gates/validate.ts';
import { baseline, toolOutput } from './support.ts';

const CLEAN = [
  parseRuff(...toolOutput('ruff-clean')),
  parseFormatCheck(...toolOutput('format-clean')),
  parseMypy(...toolOutput('mypy-clean')),
];

function withReport(report: ToolReport): ToolReport[] {
  return CLEAN.map((clean) => (clean.tool === report.tool ? report : clean));
}

function factOf(report: ToolReport, base = baseline()) {
  return validateFacts({ reports: withReport(report), baseline: base }).filter(({ holds }) => !holds);
}

const finding = (message: string, line: number, tool: Finding['tool'] = 'mypy'): Finding => ({
  tool,
  path: 'app/a.py',
  line,
  code: 'x',
  message,
});
const mypy = (findings: readonly Finding[], exitCode = 1): ToolReport => ({ tool: 'mypy', exitCode, findings, output: '' });

describe('VALIDATE', () => {
  it('is green with three clean reports', () => {
    const facts = validateFacts({ reports: CLEAN, baseline: baseline() });
    expect(verdictOf(facts).green).toBe(true);
    expect(facts.map(({ name }) => name)).toEqual(['ruff_finds_nothing_new', 'format_is_kept', 'mypy_finds_nothing_new']);
  });

  it.each([
    ['ruff_finds_nothing_new', parseRuff(...toolOutput('ruff-findings')), 'app/a.py', 'F401 `sys` imported but unused'],
    ['format_is_kept', parseFormatCheck(...toolOutput('format-findings')), 'app/a.py', 'unformatted'],
    ['mypy_finds_nothing_new', parseMypy(...toolOutput('mypy-findings')), 'app/a.py', 'got "int", expected "str"'],
  ])('is red with the words and places of a new finding: %s', (name, report, path, words) => {
    const [fact, ...others] = factOf(report);
    expect(others).toEqual([]);
    expect(fact).toMatchObject({ name, code: 'validate_failed', words: expect.stringContaining(words) });
    expect(fact?.where).toContainEqual({ path, line: expect.any(Number) });
  });

  it.each(CLEAN.map(({ tool }) => tool))('is red when %s gave no report', (tool) => {
    const facts = validateFacts({ reports: CLEAN.filter((report) => report.tool !== tool), baseline: baseline() });
    expect(facts.filter(({ holds }) => !holds)).toMatchObject([{ code: 'validate_failed', evidence: `${tool} gave no report` }]);
  });

  it('asks only for the tools that were to run', () => {
    expect(validateFacts({ reports: [], baseline: baseline(), expected: [] })).toEqual([]);
  });

  it('lets findings of the base stand, also when their lines moved', () => {
    const base = baseline({ findings: [finding('old', 3), finding('Name "A" already defined on line 5', 9)] });
    expect(factOf(mypy([finding('old', 13), finding('Name "A" already defined on line 15', 19)]), base)).toEqual([]);
  });

  it('counts them: the same finding once more is a new one', () => {
    const base = baseline({ findings: [finding('old', 3)] });
    expect(factOf(mypy([finding('old', 3), finding('old', 30)]), base)).toMatchObject([{ where: [{ path: 'app/a.py', line: 30 }] }]);
  });

  it('does not let a finding of one tool, file or code excuse another', () => {
    for (const other of [finding('old', 3, 'ruff'), { ...finding('old', 3), path: 'b.py' }, { ...finding('old', 3), code: 'y' }]) {
      expect(factOf(mypy([finding('old', 3)]), baseline({ findings: [other] }))).toHaveLength(1);
    }
  });

  it('leaves a file alone that was not formatted on the base', () => {
    expect(factOf(parseFormatCheck(...toolOutput('format-findings')), baseline({ unformatted: ['app/a.py'] }))).toEqual([]);
  });

  it.each([
    ['findings with exit code 0', mypy([finding('old', 3)], 0)],
    ['no finding with exit code 1', mypy([], 1)],
    ['a tool that fell over', parseMypy(...toolOutput('mypy-missing-file'))],
    ['a parse error, after which mypy looks at nothing', parseMypy(...toolOutput('mypy-syntax-error'))],
    ['a file that ruff could not read', parseRuff(...toolOutput('ruff-missing-file'))],
    ['a report that cannot be read', parseRuff('', '', 0)],
    ['a tool that was killed', mypy([], 137)],
  ])('does not believe %s, even where the base says the same', (_, report) => {
    expect(factOf(report, baseline({ findings: report.findings }))).toMatchObject([{ code: 'validate_failed' }]);
  });

  it('keeps the words short, and says how many are left out', () => {
    const many = Array.from({ length: 900 }, (_, i) => finding(`finding ${i}`, i + 1));
    const words = factOf(mypy(many))[0]?.words ?? '';
    expect(words.length).toBeLessThan(4100);
    expect(words).toMatch(/… and \d+ more$/);
  });
});
