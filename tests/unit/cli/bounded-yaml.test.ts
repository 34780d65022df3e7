import { describe, expect, it } from 'vitest';
import { parseBoundedYaml } from '../../../orchestrator/cli/bounded-yaml.ts';

const read = (text: string) => parseBoundedYaml(text, { aliases: 10 });

describe('YAML that somebody else wrote', () => {
  it('is plain data', () => {
    expect(read('a: {b: [1, x]}\nc:\n  - - y\n')).toEqual({ a: { b: [1, 'x'] }, c: [['y']] });
    expect(read('a: "[[[ ((( {{{"\nb: one - two - three')).toEqual({ a: '[[[ ((( {{{', b: 'one - two - three' });
  });

  it.each([
    ['a key that stands twice', 'a: 1\nb: 2\na: 3', /key "a" stands twice/],
    ['a key that stands twice in brackets', 'x: {a: 1, a: 2}', /key "a" stands twice/],
    ['a text that does not parse', 'a: [1', /./],
    ['aliases of aliases', 'a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]', /alias/i],
    ['brackets', '['.repeat(9_000), /nested deeper/],
    ['brackets over lines', '[\n'.repeat(40_000), /nested deeper/],
    ['braces', '{a: '.repeat(2_000), /nested deeper/],
    ['lists in a line', '- '.repeat(4_000), /too many lists/],
    ['keys in a line', '? '.repeat(4_000), /too many lists/],
    ['lists and keys in a line', '? a: '.repeat(1_900), /too many lists/],
    ['lists by indentation', Array.from({ length: 400 }, (_, at) => `${' '.repeat(at)}-`).join('\n'), /indented/],
    ['a long line', 'a'.repeat(10_001), /longer/],
  ])('is refused for %s', (_, text, expected) => {
    const began = performance.now();
    expect(() => read(text)).toThrow(expected);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
