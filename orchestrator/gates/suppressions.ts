import type { TargetLayout } from '../domain/target.ts';
import type { Change, FileEntry } from '../domain/tree.ts';
import type { Fact } from '../domain/verdict.ts';
import { broken, held } from './fact.ts';
import { logicalLines } from './python-lines.ts';
import { counted, named, trimmedWords } from './words.ts';

/** What silences a tool from a comment, looked for from a line's first `#` on. A `#` inside a string counts too: no honest change needs one. */
const IN_COMMENTS: readonly RegExp[] = [
  /#\s*noqa\b/i,
  /\b(?:ruff|flake8)\s*:\s*(?:noqa|ignore|disable|file-ignore)\b/i,
  /\btype\s*:\s*ignore\b/i,
  /#\s*mypy\s*:/i,
  /\b(?:pyright|pyre|pytype|ty|pylint|bandit)\s*:\s*(?:ignore|disable|basic|off|skip-file)\b/i,
  /\bpyre-(?:ignore|fixme)\b/i,
  /#\s*nosec\b/i,
  /\bpragma\b[\s:]*no\s*(?:cover|branch)\b/i,
  /\b(?:fmt|yapf)\s*:\s*(?:off|skip|disable)\b/i,
  /\bisort\s*:\s*(?:skip|skip_file|off|split|dont-add-imports?)\b/i,
];

/** What silences a tool from the code. Types are checked as if TYPE_CHECKING and MYPY were true: nobody looks at what stands under their opposite. */
const IN_CODE: readonly RegExp[] = [
  /\bno_type_check(?:_decorator)?\b/,
  /\bnot\s*\(*\s*(?:\w+\s*\.\s*)?TYPE_CHECKING\b/,
  /\bTYPE_CHECKING\s*\)*\s*(?:and|or|if|else)\b.*/,
  /\b(?:and|or)\s*\(*\s*(?:\w+\s*\.\s*)?TYPE_CHECKING\b/,
  /\bTYPE_CHECKING\s*(?::[^=]*)?=(?!=).*/,
  /\bas\s+TYPE_CHECKING\b/,
  /\bMYPY\b/,
];

/** An encoding, in the only two lines where Python looks for one: the text that tools read would not be the text that runs. */
const ENCODING = /^[ \t\f]*#.*coding[:=][ \t]*(?!utf-?8\b)[-\w.]+/i;

/** What takes a test out of the run, lets it fail unseen, or hooks into the run. What they import under another name, the run itself shows. */
const SKIPS: readonly RegExp[] = [
  /\bmark\s*\.\s*(?:skip|skipif|xfail)\b.*/,
  /\bpytest\s*\.\s*(?:skip|xfail|importorskip|exit)\b.*/,
  /\bfrom\s+_?pytest\b.*\bimport\b.*\b(?:skip\w*|xfail|importorskip|exit|mark\s+as)\b.*/,
  /\bimport\s+pytest\s+as\b.*/,
  /\b(?:SkipTest|skipTest|skipIf|skipUnless|expectedFailure|importorskip)\b/,
  /\b__test__\s*(?::[^=]*)?=.*/,
  /\bpytestmark\s*(?::[^=]*)?=(?!=)(?!\s*[[(]?\s*(?:pytest\.mark\.|mark\.|$)).*/,
  /\b(?:collect_ignore(?:_glob)?|pytest_plugins|pytest_deselected|pluginmanager)\b/,
  /\bdef\s+pytest_\w+/,
];

/**
 * The change adds nothing that silences a tool, and its tests nothing that skips one. Each file is compared with what the base has, text for
 * text, so a line that keeps its old comment adds nothing. Code suppression_added, or tests_skipped where only tests are skipped.
 */
export function suppressionFact(changes: readonly Change[], layout: TargetLayout): Fact {
  const python = changes.filter(({ path, after }) => after !== null && /\.pyi?$/i.test(path));
  const silenced = python.flatMap((change) => added(change, silencersIn));
  const skipped = python.filter(({ path }) => isTest(path, layout)).flatMap((change) => added(change, skipsIn));
  const all = [...silenced, ...skipped];
  if (all.length === 0) return held('no_check_is_silenced', `no suppression and no skip added in ${counted(python.length, 'Python file')}`);
  const evidence = [
    ...(silenced.length === 0 ? [] : [`${counted(silenced.length, 'suppression')} added: ${named(silenced.map(sentence), 3)}`]),
    ...(skipped.length === 0 ? [] : [`${counted(skipped.length, 'skip')} added: ${named(skipped.map(sentence), 3)}`]),
  ].join('; ');
  return broken('no_check_is_silenced', silenced.length > 0 ? 'suppression_added' : 'tests_skipped', evidence, {
    where: all.map(({ path, line }) => ({ path, line })),
    words: trimmedWords(all.map((one) => `${sentence(one)}: take it out and satisfy the check instead`)),
  });
}

interface Found {
  readonly line: number;
  readonly text: string;
}

interface Directive extends Found {
  readonly path: string;
}

function added({ path, before, after }: Change, find: (lines: readonly string[]) => Found[]): Directive[] {
  const left = new Map<string, number>();
  for (const { text } of find(linesOf(before))) left.set(normal(text), (left.get(normal(text)) ?? 0) + 1);
  const fresh = find(linesOf(after)).filter(({ text }) => {
    const count = left.get(normal(text)) ?? 0;
    left.set(normal(text), count - 1);
    return count <= 0;
  });
  return fresh.map((found) => ({ path, ...found }));
}

function silencersIn(lines: readonly string[]): Found[] {
  const inLines = lines.flatMap((line, i) => {
    const hash = line.indexOf('#');
    const comment = hash < 0 ? '' : line.slice(hash);
    const encoding = i < 2 && ENCODING.test(line);
    const silences = encoding || IN_COMMENTS.some((pattern) => pattern.test(comment));
    return [...(silences ? [comment] : []), ...matches(line, IN_CODE)].map((text) => ({ line: i + 1, text }));
  });
  return [...inLines, ...uncheckedBranches(lines)].sort((a, b) => a.line - b.line);
}

/**
 * Code that runs and that no type checker looks at: under the `else` of a condition that only a type checker takes as true, or after a
 * `return` or `raise` that only it sees. So such a block may hold imports, and may have no other branch.
 */
function uncheckedBranches(lines: readonly string[]): Found[] {
  if (!lines.some((line) => line.includes('TYPE_CHECKING'))) return [];
  const logical = logicalLines(lines.join('\n'));
  return logical.flatMap((head, i) => {
    if (!/^(?:if|elif|while)\b.*\bTYPE_CHECKING\b/.test(head.code)) return [];
    const length = logical.slice(i + 1).findIndex(({ indent }) => indent <= head.indent);
    const end = length < 0 ? logical.length : i + 1 + length;
    const inside = logical
      .slice(i + 1, end)
      .filter(({ code }) => !/^(?:import|from|pass)\b|^(?:if|elif|else|try|except)\b.*:$|^"\d+"$/.test(code));
    const inline = /:\s*(?!(?:import|from|pass)\b)\S.*$/.test(head.code) ? [head] : [];
    const after = logical[end];
    const other = after !== undefined && after.indent === head.indent && /^(?:else|elif)\b/.test(after.code) ? [after] : [];
    return [...inline, ...inside, ...other].map(({ from, code }) => ({ line: from, text: `${head.code} ${code}` }));
  });
}

function skipsIn(lines: readonly string[]): Found[] {
  return lines.flatMap((line, i) =>
    matches(line, SKIPS)
      .slice(0, 1)
      .map((text) => ({ line: i + 1, text })),
  );
}

function matches(line: string, patterns: readonly RegExp[]): string[] {
  return patterns.flatMap((pattern) => pattern.exec(line)?.[0] ?? []);
}

/** Lines as Python counts them. */
function linesOf(entry: FileEntry | null): string[] {
  return entry === null ? [] : new TextDecoder().decode(entry.content).split(/\r\n|[\n\r]/);
}

function normal(text: string): string {
  return text.replace(/\s+/g, '').toLowerCase();
}

function isTest(path: string, { tests }: TargetLayout): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return (tests !== null && path.startsWith(`${tests}/`)) || /^(test_.*|.*_test|conftest)\.py$/i.test(name);
}

function sentence({ path, line, text }: Directive): string {
  return `${path}:${line} \`${text.trim().slice(0, 100)}\``;
}
