import { describe, expect, it } from 'vitest';
import { criteriaOfTests } from '../../../orchestrator/gates/criteria-of-tests.ts';
import { testFunctions } from '../../../orchestrator/gates/test-functions.ts';
import { criterion, spec } from './support.ts';

const FILE = `"""Criteria: C9

def test_in_a_docstring(): ...
"""
import pytest

TEXT = '''
def test_in_a_string():
    """Criteria: C8"""
'''

# def test_in_a_comment(): ...


@pytest.mark.parametrize(
    ("a", "b"),
    [(1, "# no comment: ("), (2, 'it\\'s')],
)
@pytest.mark.anyio
async def test_decorated(
    a: int,
    b: "str" = ":",
) -> None:
    # a comment first
    r"""What it proves.

    Criteria: C1, C3
    """

    def test_inner() -> None:
        """Criteria: C7"""

    assert a


class TestA:
    """Criteria: C6"""

    x = {"a": [
1, 2]}

    def test_method(self) -> None:
        """criterion: c2"""
        assert self.x

    class TestIn:
        def test_deep(self): "Criteria: C4 and C5"

    def helper(self): ...


class Helper:
    def test_not_collected(self): ...


class Old(unittest.TestCase):
    def testCamel(self) -> None:
        assert True \\
            and True
        """Criteria: C1"""

if True:
    def test_conditional() -> None: pass
`;

describe('the tests in a file', () => {
  it('are what pytest collects, with their lines', () => {
    const lines = FILE.split('\n');
    const found = testFunctions(FILE);
    expect(found.map(({ name }) => name)).toEqual([
      'test_decorated',
      'TestA::test_method',
      'TestA::TestIn::test_deep',
      'Old::testCamel',
      'test_conditional',
    ]);
    expect(lines[(found[0]?.from ?? 0) - 1]).toBe('@pytest.mark.parametrize(');
    expect(lines[(found[0]?.to ?? 0) - 1]).toBe('    assert a');
    expect(lines[(found[3]?.to ?? 0) - 1]).toBe('        """Criteria: C1"""');
  });

  it('cite the criteria of their own docstring, and of nothing else', () => {
    const { tests } = criteriaOfTests([{ path: 'tests/test_x.py', content: FILE }]);
    expect(tests.map(({ id, criteria }) => [id.replace('tests/test_x.py::', ''), criteria])).toEqual([
      ['test_decorated', ['C1', 'C3']],
      ['TestA::test_method', ['C2']],
      ['TestA::TestIn::test_deep', ['C4', 'C5']],
      ['Old::testCamel', []],
      ['test_conditional', []],
    ]);
  });

  it.each(['def test_(', '"""', "x = '", 'class TestA(\n', '\\', 'def test_a():', ')]}', '\t\tdef test_a():\n', `${'('.repeat(10_000)}`])(
    'are read without end or error from a broken file: %s',
    (text) => {
      expect(() => testFunctions(text)).not.toThrow();
    },
  );
});

describe('every new test cites a criterion', () => {
  const fact = (content: string) => criteriaOfTests([{ path: 'tests/test_x.py', content }], spec([criterion('C1'), criterion('C2')])).fact;

  it('holds when each does', () => {
    expect(fact('def test_a():\n    """Criteria: C1"""\n\ndef test_b():\n    """More.\n\n    Criteria: C1, C2\n    """\n').holds).toBe(
      true,
    );
  });

  it('does not hold for one that cites nothing, or nothing that the Spec has', () => {
    for (const cites of ['', '    """About C1."""\n', '    """Criteria: none"""\n', '    """Criteria: C12"""\n', '    # Criteria: C1\n']) {
      expect(fact(`def test_a():\n    """Criteria: C1"""\n\ndef test_b():\n${cites}    assert 1\n`)).toMatchObject({
        code: 'test_without_criterion',
        where: [{ path: 'tests/test_x.py', line: 4 }],
      });
    }
  });

  it('does not hold without any new test (G20)', () => {
    expect(fact('x = 1\n')).toMatchObject({ code: 'criterion_without_test' });
  });
});
