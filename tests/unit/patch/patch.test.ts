import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addedLines, deletedLines, parsePatch, patchStat } from '../../../orchestrator/domain/patch.ts';

const MODIFIED = `diff --git a/app/main.py b/app/main.py
index 1111111..2222222 100644
--- a/app/main.py
+++ b/app/main.py
@@ -1,3 +1,4 @@ def before():
 one
-two
+2
+2b
 three
@@ -10 +11,0 @@
-ten
`;

describe('parsePatch', () => {
  it('reads hunks with the line numbers of both sides', () => {
    const [patch] = parsePatch(MODIFIED);
    expect(patch).toMatchObject({ path: 'app/main.py', oldPath: 'app/main.py', kind: 'modified' });
    expect(patch?.hunks.map(({ oldStart, newStart }) => [oldStart, newStart])).toEqual([
      [1, 1],
      [10, 11],
    ]);
    expect(patch?.hunks[0]?.lines).toEqual([
      { side: 'context', oldLine: 1, newLine: 1, text: 'one', cut: false },
      { side: 'deleted', oldLine: 2, newLine: null, text: 'two', cut: false },
      { side: 'added', oldLine: null, newLine: 2, text: '2', cut: false },
      { side: 'added', oldLine: null, newLine: 3, text: '2b', cut: false },
      { side: 'context', oldLine: 3, newLine: 4, text: 'three', cut: false },
    ]);
  });

  it('reads nothing from nothing', () => {
    expect(parsePatch('')).toEqual([]);
  });

  it('tells added, deleted, binary and mode-only changes apart', () => {
    const text = `diff --git a/new.py b/new.py
new file mode 100644
index 0000000..2222222
--- /dev/null
+++ b/new.py
@@ -0,0 +1 @@
+x
\\ No newline at end of file
diff --git a/gone.py b/gone.py
deleted file mode 100644
index 1111111..0000000
--- a/gone.py
+++ /dev/null
@@ -1 +0,0 @@
-x
diff --git a/logo.png b/logo.png
index 1111111..2222222 100644
Binary files a/logo.png and b/logo.png differ
diff --git a/x.bin b/x.bin
index 1111111..2222222 100644
GIT binary patch
literal 3
Kc$~{@@ -1 +1 @@

literal 0
HcmV?d00001

diff --git a/dir b/run.sh b/dir b/run.sh
old mode 100644
new mode 100755
diff --git a/empty b/empty
new file mode 100644
index 0000000..e69de29
`;
    expect(parsePatch(text).map(({ kind, path, hunks }) => [kind, path, hunks.length])).toEqual([
      ['added', 'new.py', 1],
      ['deleted', 'gone.py', 1],
      ['binary', 'logo.png', 0],
      ['binary', 'x.bin', 0],
      ['modified', 'dir b/run.sh', 0],
      ['added', 'empty', 0],
    ]);
    expect(parsePatch(text)[0]?.hunks[0]?.lines[0]?.cut).toBe(true);
  });

  it('decodes quoted paths', () => {
    const text = `diff --git "a/t\\303\\244b\\there \\"q\\" \\\\ \\n.py" "b/t\\303\\244b\\there \\"q\\" \\\\ \\n.py"
index 1111111..2222222 100644
--- "a/t\\303\\244b\\there \\"q\\" \\\\ \\n.py"
+++ "b/t\\303\\244b\\there \\"q\\" \\\\ \\n.py"
@@ -1 +1 @@
-a
+b
diff --git "a/\\303\\244 \\"b/x" "b/\\303\\244 \\"b/x"
old mode 100644
new mode 100755
diff --git a/with space b/with space
index 1111111..2222222 100644
--- a/with space\t
+++ b/with space\t
@@ -1 +1 @@
-a
+b
`;
    expect(parsePatch(text).map(({ path }) => path)).toEqual(['täb\there "q" \\ \n.py', 'ä "b/x', 'with space']);
  });

  it('takes content that looks like a patch for content', () => {
    const text = `diff --git a/x b/x
index 1111111..2222222 100644
--- a/x
+++ b/x
@@ -1,3 +1,3 @@
--- a/y
-diff --git a/y b/y
-@@ -1 +1 @@
+++ b/y
+diff --git a/y b/y
+Binary files a/y and b/y differ
`;
    const patches = parsePatch(text);
    expect(patches).toHaveLength(1);
    expect(patches[0]).toMatchObject({ path: 'x', kind: 'modified' });
    expect(patchStat(patches)).toEqual({ files: 1, added: 3, deleted: 3 });
  });

  it('splits lines at line feeds only', () => {
    const text = `diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-a\r\n+a\u2028b\u000cc\rd\r\n+\n`;
    expect(parsePatch(text)[0]?.hunks[0]?.lines.map((line) => line.text)).toEqual(['a\r', 'a\u2028b\u000cc\rd\r', '']);
  });

  it.each([
    ['a cut hunk', '@@ -1,2 +1 @@\n-a\n'],
    ['a line of no side', '@@ -1,2 +1 @@\n-a\nxx\n'],
    ['a next file inside a hunk', '@@ -1,2 +1 @@\n-a\ndiff --git a/y b/y\n'],
    ['a count beyond all bounds', '@@ -1,99999999999 +1 @@\n-a\n'],
  ])('refuses %s', (_, hunk) => {
    expect(() => parsePatch(`diff --git a/x b/x\n--- a/x\n+++ b/x\n${hunk}`)).toThrow(RangeError);
  });

  it('either reads or refuses any text, quickly', () => {
    const line = fc.constantFrom(
      'diff --git a/x b/x',
      '--- a/x',
      '+++ "b/\\x"',
      '@@ -1,2 +1 @@',
      '-a',
      '+b',
      ' c',
      '\\ No',
      '',
      'GIT binary patch',
      'diff --git "a',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string()), { maxLength: 20 }), (lines) => {
        try {
          parsePatch(lines.join('\n'));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('lines of a patch', () => {
  it('are numbered by side and path', () => {
    const patches = parsePatch(MODIFIED);
    expect(addedLines(patches)).toEqual(new Map([['app/main.py', new Set([2, 3])]]));
    expect(deletedLines(patches)).toEqual(new Map([['app/main.py', new Set([2, 10])]]));
  });

  it('are counted', () => {
    expect(patchStat(parsePatch(MODIFIED))).toEqual({ files: 1, added: 2, deleted: 2 });
    expect(patchStat([])).toEqual({ files: 0, added: 0, deleted: 0 });
  });
});
