/** No text of a Spec ever leaves its Python literal. Python itself is the judge: one process reads a whole batch of compiled files. */
import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../orchestrator/domain/json.ts';
import { type Dotted, splitDotted } from '../../../orchestrator/domain/spec/dotted.ts';
import { canLookUp, isOfEveryModule } from '../../../orchestrator/domain/spec/look-up.ts';
import { stringLiteral } from '../../../orchestrator/domain/spec/python/literal.ts';
import { type Example, type Spec, specSchema } from '../../../orchestrator/domain/spec.ts';
import { c1, compiled, getProducts, specWith } from './samples.ts';

const hasPython = spawnSync('python3', ['--version']).status === 0;

/** What Python makes of each source: every string in it, and every name that it reads, writes, imports or defines. */
const READER = `
import ast, json, sys
def read(source):
    tree = ast.parse(source)
    names, strings = set(), []
    for node in ast.walk(tree):
        for field in ("id", "attr", "arg", "name", "module"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                names.add(value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            strings.append(node.value)
    return {"names": sorted(names), "strings": strings, "top": [type(node).__name__ for node in tree.body]}
def read_or_say(source):
    try:
        return read(source)
    except (SyntaxError, ValueError) as error:
        return {"error": repr(error), "names": [], "strings": [], "top": []}
given = json.load(sys.stdin)
json.dump([read_or_say(source) for source in given], sys.stdout)
`;

interface Reading {
  /** Why Python cannot read the source. */
  readonly error?: string;
  readonly names: readonly string[];
  readonly strings: readonly string[];
  readonly top: readonly string[];
}

function readPython(sources: readonly string[]): Reading[] {
  const output = execFileSync('python3', ['-W', 'error', '-c', READER], {
    input: JSON.stringify(sources),
    maxBuffer: 64_000_000,
    stdio: 'pipe',
  });
  return JSON.parse(output.toString()) as Reading[];
}

const shard = fc.constantFrom(
  '"',
  "'",
  '"""',
  "'''",
  '\\',
  '\\\\',
  '\n',
  '\r',
  '\t',
  '\0',
  '{',
  '}',
  '{{',
  '{x}',
  '$',
  '#',
  ';',
  ')',
  ']',
  '\\N{',
  '\\u',
  '\u2028',
  '\u202e',
  '\ud800',
  '\udfff',
  '😀',
  'é',
  '“',
  'import os',
  '__import__("os")',
  ' ',
  ',',
  'f"',
  'a',
);
const hostile = fc
  .oneof(
    fc.array(shard, { minLength: 1, maxLength: 12 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
    fc.string({ minLength: 90, maxLength: 180 }),
  )
  .filter((text) => text !== '__proto__');
/** At most `max` long, no surrogate pair parted. */
const cut = (text: string, max: number) => text.slice(0, max).replace(/[\ud800-\udbff]$/, '') || 'x';
const doubled = (text: string) => text.replaceAll('$', '$$$$');

interface Case {
  readonly spec: Spec;
  /** What its constant is. */
  readonly of: Dotted;
  /** Texts that must come out of the file exactly as they went in. */
  readonly texts: readonly string[];
}

/** Dotted names, with words in them that Python may trip over. */
const word = fc.oneof(
  fc.constantFrom('app', '__version__', 'class', 'None', 'import_module', '__class__', '__import__', '_', 'x'),
  fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,12}$/),
);
const words = fc.array(word, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
const dotted = fc.oneof(
  fc.tuple(words, words).map((parts) => parts.join(':')),
  words,
);
const usable = dotted.filter((of) => canLookUp(of) && !isOfEveryModule(of));

const caseOf = fc.tuple(hostile, hostile, hostile, hostile, hostile, hostile, usable).map(([a, b, c, d, e, f, of]): Case => {
  const [key, header] = [cut(b, 60), cut(c, 60)];
  const path = `/${cut(a, 100).replace(/[{}<>:?]/g, '')}`;
  const json: Json = { [b]: doubled(a), list: [doubled(c), [doubled(d)]] };
  const examples: Example[] = [
    {
      type: 'http',
      given: [{ method: 'POST', path: '/x', json, save: { id: '$.id' } }],
      when: {
        method: 'PATCH',
        path: doubled(path),
        headers: { [header]: doubled(d) },
        json: { [a]: '$column', name: `x-$id-$version-${doubled(e)}` },
      },
      then: { status: 200, json: { "$['a\"\\\\\\'b']": doubled(e) }, headers: { [header]: doubled(f) }, absent: ["$['z\"']"] },
      table: { column: [doubled(c), doubled(f), { [d]: doubled(e) }] },
    },
    {
      type: 'call',
      call: 'app.text:slugify',
      args: [doubled(a), { [c]: doubled(d) }, '$version'],
      kwargs: { word: doubled(e) },
      then: { returns: doubled(f) },
    },
    { type: 'cli', argv: ['app', cut(a, 200)], then: { exit: 0, stdout_contains: [cut(b, 200)] } },
  ];
  const spec = specSchema.parse({
    ...specWith(),
    version: 3,
    constants: [{ name: 'version', of }],
    title: cut(f, 80),
    acceptance_criteria: [{ ...c1, rule: cut(a + b, 400), examples }],
    background: [{ method: 'GET', path: '/b', query: { [key]: doubled(f) } }],
  });
  return {
    spec,
    of: splitDotted(of),
    texts: [a, b, c, d, f, path, key, header, splitDotted(of).module, cut(a, 200), cut(b, 200), 'a"\\\'b', 'z"'],
  };
});

/** All that a compiled file may name, whatever the Spec says. */
const NAMES = new Set(
  `pytest mark parametrize fastapi.testclient TestClient importlib import_module os subprocess sys typing Any environ pathsep join path run
  executable client get post patch response status_code text json headers params dict str object None id id_ column body set_the_scene scene
  slugify version word ended returncode stderr stdout env capture_output timeout check ids result`.split(/\s+/),
);

/** A Spec with room for a constant. */
const constantSpec = {
  ...specWith(),
  version: 3,
  acceptance_criteria: [{ ...c1, examples: [getProducts({ q: 'v$version' }, { status: 200, headers: { 'X-A': '$version' } })] }],
};

/** By its letters alone, without the schema's pattern. */
function isDotted(text: string): boolean {
  const isName = (part: string) =>
    part !== '' && [...part].every((char, at) => LETTERS.includes(char) || (at > 0 && DIGITS.includes(char)));
  const halves = text.split(':');
  return text.length <= 160 && halves.length <= 2 && halves.every((half) => half.split('.').every(isName));
}
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_';
const DIGITS = '0123456789';

describe.skipIf(!hasPython)('hostile text in a Spec', () => {
  const seed = Date.now();
  const cases = fc.sample(caseOf, { numRuns: 60, seed });
  const files = cases.map(({ spec }) => compiled(spec));

  it('always compiles, every example', () => {
    for (const [at, { tests, prose }] of files.entries()) {
      expect(prose, `seed ${seed}, case ${at}`).toEqual([]);
      expect(tests).toHaveLength(3);
    }
  });

  it('leaves a file whole that UTF-8 can say, also where a long title or rule is cut between the halves of a character', () => {
    for (const { content } of files) expect(Buffer.from(content).toString(), `seed ${seed}`).toBe(content);
    for (let before = 0; before < 4; before++) {
      const long = `${'x'.repeat(before)}${'😀'.repeat(38)}`;
      const { content } = compiled(specWith({ title: long, acceptance_criteria: [{ ...c1, rule: `SHALL ${long}${long}` }] }));
      expect(Buffer.from(content).toString()).toBe(content);
    }
  });

  it('stays text: Python finds the same strings, and no name or statement beside those of the compiler', () => {
    const readings = readPython(files.map(({ content }) => content));
    for (const [at, reading] of readings.entries()) {
      const functions = new Set(files[at]?.tests.map((test) => test.function));
      const context = `seed ${seed}, case ${at}\n${files[at]?.content}`;
      expect(reading.error, context).toBeUndefined();
      const looked = cases[at]?.of.attributes ?? [];
      const strange = reading.names.filter((name) => !NAMES.has(name) && !functions.has(name) && !looked.includes(name));
      expect(strange, context).toEqual([]);
      expect(
        reading.top.filter((kind) => !['Expr', 'Import', 'ImportFrom', 'FunctionDef'].includes(kind)),
        context,
      ).toEqual([]);
      expect(
        reading.top.filter((kind) => kind === 'FunctionDef'),
        context,
      ).toHaveLength(3);
      const strings = new Set(reading.strings);
      expect(
        cases[at]?.texts.filter((text) => !strings.has(text)),
        context,
      ).toEqual([]);
    }
  });

  it('is read back by Python exactly, as a literal of its own', () => {
    const texts = fc.sample(hostile, { numRuns: 400, seed });
    const readings = readPython(texts.map((text) => stringLiteral(text)));
    expect(readings.map(({ strings }) => strings)).toEqual(texts.map((text) => [text]));
  });

  it('is no dotted name: the schema takes nothing else, and of what it takes Python reads attributes and one string', () => {
    const spoilt = fc
      .tuple(dotted, shard, fc.nat())
      .map(([of, sign, at]) => of.slice(0, at % (of.length + 1)) + sign + of.slice(at % (of.length + 1)));
    const given = fc.sample(fc.oneof(dotted, dotted, spoilt, hostile), { numRuns: 400, seed });
    const specs = given.map((of) => specSchema.safeParse({ ...constantSpec, constants: [{ name: 'version', of }] }));
    expect(given.filter((of, at) => specs[at]?.success !== isDotted(of))).toEqual([]);
    const taken = given.flatMap((of, at) => (specs[at]?.success ? [{ of, file: compiled(specs[at].data) }] : []));
    expect(taken.length).toBeGreaterThan(100);
    const readings = readPython(taken.map(({ file }) => file.content));
    for (const [at, { of, file }] of taken.entries()) {
      const { module, attributes } = splitDotted(of);
      const reading = readings[at];
      expect(reading?.error, `seed ${seed}, ${of}`).toBeUndefined();
      if (!canLookUp(of) || isOfEveryModule(of)) expect([file.content, reading?.names]).toEqual(['', []]);
      else {
        const strange = reading?.names.filter((name) => !NAMES.has(name) && !attributes.includes(name) && !name.startsWith('test_'));
        expect(strange, `seed ${seed}, ${of}`).toEqual([]);
        expect(reading?.strings, `seed ${seed}, ${of}`).toContain(module);
        expect(reading?.top, `seed ${seed}, ${of}`).toEqual(['Expr', 'ImportFrom', 'ImportFrom', 'FunctionDef']);
      }
    }
  });

  it('is told from a file in which it was not escaped', () => {
    const [broken, reading] = readPython(['x = "a" "', 'def test_a():\n    """a"""; import shutil\n']);
    expect(broken?.error).toContain('unterminated string literal');
    expect(reading?.error).toBeUndefined();
    expect(reading?.names).toContain('shutil');
    expect(NAMES.has('shutil')).toBe(false);
  });
});
