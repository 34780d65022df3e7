import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '../../..');
const mutationSchema = z.strictObject({
  fact: z.int().min(1).max(9),
  drops: z.string().min(10),
  file: z.string(),
  find: z.string().min(1),
  replace: z.string(),
  suite: z.string().regex(/^tests\/(unit|docker)\/.*\.test\.ts$/),
  case: z.string().min(1),
  /** The date of the last run by hand, of what needs an engine. */
  by_hand: z.iso.date().optional(),
});
const MUTATIONS = z.array(mutationSchema).parse(parse(read('tests/mutants/facts.yaml')));

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** A title as it stands in a test file, as a pattern of the titles that it gives. */
function patternOf(literal: string): RegExp {
  const parts = literal.replace(/\\(['"`])/g, '$1').split(/%[sjdio]|\$\w+/);
  return new RegExp(`^${parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('(.*)')}$`, 's');
}

/** Whether the file has a test of this title, alone or after that of its group: what a row fills in must stand in the file, too. */
function hasCase(text: string, name: string): boolean {
  const literals = [...text.matchAll(/(describe)?\(\s*(['"])((?:[^\\\n]|\\.)*?)\2,\s*(?:async\s*)?\(/g)];
  const titles = literals.filter(([, group]) => group === undefined).map(([, , , title = '']) => title);
  const groups = literals.filter(([, group]) => group !== undefined).map(([, , , title]) => `${title} `);
  const own = [name, ...groups.filter((group) => name.startsWith(group)).map((group) => name.slice(group.length))];
  return own.some((one) =>
    titles.some(
      (title) =>
        patternOf(title)
          .exec(one)
          ?.slice(1)
          .every((value) => text.includes(value)) === true,
    ),
  );
}

describe('the list of mutations', () => {
  it('covers all eight facts and the verdict, many times', () => {
    expect(new Set(MUTATIONS.map(({ fact }) => fact)).size).toBe(9);
    expect(MUTATIONS.length).toBeGreaterThan(25);
    expect(new Set(MUTATIONS.map(({ fact, drops }) => `${fact} ${drops}`)).size).toBe(MUTATIONS.length);
  });

  it.each(MUTATIONS.map((one) => [`${one.fact}: ${one.drops}`, one] as const))('still fits the code and its tests: %s', (_, one) => {
    expect(read(one.file).split(one.find), `“${one.find}” in ${one.file}`).toHaveLength(2);
    expect(one.replace).not.toBe(one.find);
    expect(existsSync(join(ROOT, one.suite)), one.suite).toBe(true);
    expect(hasCase(read(one.suite), one.case), `“${one.case}” in ${one.suite}`).toBe(true);
  });
});

describe('a case of a list', () => {
  const text =
    "describe('a thing', () => {\n  it('holds', () => {});\n  it.each([['red', 1]])('is found when it is %s (G1)', (_, n) => {});\n});\n";
  it.each([
    ['holds', true],
    ['a thing holds', true],
    ['is found when it is red (G1)', true],
    ['is found when it is blue (G1)', false],
    ['held', false],
  ])('is looked for by its title: %s', (name, found) => {
    expect(hasCase(text, name)).toBe(found);
  });
});
