import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChangedRun, hunksIn, takeApart } from '../../../orchestrator/domain/hunks.ts';
import { textFile } from '../../../orchestrator/domain/tree.ts';
import { hasCode } from '../../../orchestrator/gates/hunks/has-code.ts';
import { pythonPieces } from '../../../orchestrator/gates/hunks/pieces.ts';

/** A run in a file, marked line by line: ` ` stays, `-` goes, `+` comes. */
function runOf(marked: string, path = 'app/x.py'): ChangedRun {
  const lines = marked.replace(/^\n/, '').split('\n');
  const side = (other: string) => lines.filter((line) => line[0] !== other).map((line) => line.slice(1));
  const range = (mark: string, other: string) => {
    const own = lines.filter((line) => line[0] !== other);
    const first = lines.findIndex((line) => /^[-+]/.test(line));
    const from = lines.slice(0, first).filter((line) => line[0] !== other).length + 1;
    return { from, count: own.filter((line) => line[0] === mark).length };
  };
  return { path, beforeText: side('+').join('\n'), afterText: side('-').join('\n'), old: range('-', '+'), new: range('+', '-') };
}

/** The pieces as first lines of both sides, `old > new`. */
function split(marked: string, path?: string): string[] {
  const run = runOf(marked, path);
  const [old, now] = [run.beforeText.split('\n'), run.afterText.split('\n')];
  let [i, j] = [run.old.from - 1, run.new.from - 1];
  return pythonPieces(run).map(({ before, after }) => {
    const said = `${before === 0 ? '' : old[i]?.trim()} > ${after === 0 ? '' : now[j]?.trim()}`;
    i += before;
    j += after;
    return said.trim();
  });
}

describe('a run of changed lines falls into', () => {
  it.each([
    [
      'the functions that are added side by side, with their decorators and comments',
      '\n+# why\n+@router.get("/a")\n+def a():\n+    return 1\n+\n+\n+@router.get("/debug")\n+@cached\n+async def debug():\n+    return 2',
      ['> # why', '> @router.get("/debug")'],
    ],
    [
      'every statement of a module',
      '\n+A = 1\n+B = {\n+    "x": 1,\n+}\n+app.include_router(b)',
      ['> A = 1', '> B = {', '> app.include_router(b)'],
    ],
    [
      'every member of a class',
      '\n class P:\n     a: int\n+    b: int\n+    c: int = 1\n+\n+    def d(self):\n+        return 1\n+',
      ['> b: int', '> c: int = 1', '> def d(self):'],
    ],
    [
      'no more than one in the body of a function',
      '\n def f():\n+    a = 1\n+    if a:\n+        a = 2\n+    b = 1\n     return a',
      ['> a = 1'],
    ],
    [
      'the functions inside of a function, which an app factory registers',
      '\n def create():\n+    @app.get("/a")\n+    def a():\n+        return 1\n+\n+    @app.get("/debug")\n+    def debug():\n+        return 2\n     return app',
      ['> @app.get("/a")', '> @app.get("/debug")'],
    ],
    ['imports as one', '\n+import a\n+from b import (\n+    c,\n+)\n+import d\n+X = 1', ['> import a', '> X = 1']],
    [
      'a statement with all of its clauses',
      '\n+try:\n+    import a\n+except ImportError:\n+    a = None\n+else:\n+    b = 1\n+C = 1',
      ['> try:', '> C = 1'],
    ],
    [
      'what a changed line became, and what was put below it',
      '\n def f():\n-    return page(order, now)\n+    return page(order, now, sort)\n+\n+\n+@router.get("/debug")\n+def debug():\n+    return 2',
      ['return page(order, now) > return page(order, now, sort)', '> @router.get("/debug")'],
    ],
    [
      'what was put above a changed statement',
      '\n-LIMIT = 10\n+def debug():\n+    return environment()\n+\n+\n+LIMIT = 20',
      ['> def debug():', 'LIMIT = 10 > LIMIT = 20'],
    ],
    ['each of two changed statements', '\n-A = 1\n-B = "b"\n+A = 2\n+B = "c"', ['A = 1 > A = 2', 'B = "b" > B = "c"']],
    [
      'a deleted statement beside a changed one',
      '\n-A = first(1)\n-B = second(2)\n+B = second(3)',
      ['A = first(1) >', 'B = second(2) > B = second(3)'],
    ],
    ['strings that look like code as what they are', '\n+SQL = """\n+def nothing():\n+    pass\n+"""\n+X = 1', ['> SQL = """', '> X = 1']],
  ])('%s', (_, marked, pieces) => {
    expect(split(marked)).toEqual(pieces);
  });

  it('one, where the file is not Python', () => {
    expect(split('\n+a: 1\n+b: 2', 'app/x.yaml')).toEqual(['> a: 1']);
  });

  it('pieces that come to the whole of it, whatever the text', () => {
    const line = fc.constantFrom(
      'def f():',
      '    x = 1',
      '@d',
      '"""',
      '# c',
      '',
      'x = (',
      ')',
      'class A:',
      '    def m(self):',
      'else:',
      '\\',
    );
    const lines = fc.array(line, { maxLength: 8 });
    fc.assert(
      fc.property(lines, lines, lines, (same, before, after) => {
        const from = same.length + 1;
        const run = {
          path: 'x.py',
          beforeText: [...same, ...before].join('\n'),
          afterText: [...same, ...after].join('\n'),
          old: { from, count: before.length },
          new: { from, count: after.length },
        };
        const pieces = pythonPieces(run);
        expect(pieces.reduce((sum, piece) => sum + piece.before, 0)).toBe(before.length);
        expect(pieces.reduce((sum, piece) => sum + piece.after, 0)).toBe(after.length);
        expect(pieces.every((piece) => piece.before + piece.after > 0)).toBe(true);
      }),
    );
  });
});

/** Whether the one run of this file changes a statement. */
function changesCode(marked: string, path?: string): boolean {
  const run = runOf(marked, path);
  const numbers = ({ from, count }: { from: number; count: number }) =>
    new Map([[run.path, new Set(Array.from({ length: count }, (_, i) => from + i))]]);
  const change = { path: run.path, before: textFile(run.beforeText), after: textFile(run.afterText) };
  const [file] = takeApart({ changes: [change], added: numbers(run.new), deleted: numbers(run.old) });
  const [hunk] = file === undefined ? [] : hunksIn([file]);
  if (file === undefined || hunk === undefined) throw new Error('no hunk');
  return hasCode(file, hunk);
}

describe('no statement is changed by', () => {
  it.each([
    ['a comment', '\n a = 1\n+# why\n b = 1'],
    ['a comment behind code', '\n-a = 1\n+a = 1  # why\n b = 1'],
    ['a docstring', '\n def f():\n-    """Old."""\n+    """New,\n+    and longer."""\n     return 1'],
    ['a line of a docstring', '\n """First.\n+Second.\n """\n a = 1'],
    ['blank lines', '\n a = 1\n+\n+\n b = 1'],
    ['another layout', '\n-f(a, b)\n+f(\n+    a,\n+    b\n+)'],
    ['a comment inside of a statement', '\n a = [\n+    # why\n     1,\n ]'],
  ])('%s', (_, marked) => {
    expect(changesCode(marked)).toBe(false);
  });

  it('a document', () => {
    for (const path of ['README.md', 'docs/x.rst', 'CHANGELOG', 'app/x.pyi']) expect(changesCode('\n+text', path)).toBe(false);
    expect(changesCode('\n+text', 'app/template.html')).toBe(true);
  });

  it.each([
    ['a string that is data', '\n-a = """x"""\n+a = """y"""'],
    ['an indent', '\n if a:\n     b()\n-    c()\n+c()'],
    ['one more argument', '\n f(\n     a,\n+    b,\n )'],
    ['a tuple', '\n-a = (1)\n+a = (1,)'],
    ['a deletion', '\n-check(a)\n b = 1'],
  ])('but by %s', (_, marked) => {
    expect(changesCode(marked)).toBe(true);
  });
});
