import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defused, fenced, forMarkdown, forTerminal, inlineCode, oneLine } from '../../../orchestrator/domain/untrusted.ts';

/** Any code points at all; building fast-check's own strings of them takes seconds. */
const anyText = (maxLength: number) =>
  fc
    .array(fc.oneof(fc.integer({ max: 0x3000, min: 0 }), fc.integer({ max: 0x10ffff, min: 0 })), { minLength: 1, maxLength })
    .map((codes) => String.fromCodePoint(...codes));

describe('forTerminal', () => {
  it.each([
    ['an escape sequence', '\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
    ['an OSC with a bell', '\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
    ['an 8-bit CSI', '\u009b2J', '\\x9b2J'],
    ['a carriage return and a backspace', 'ok\rno\b', 'ok\\x0dno\\x08'],
    ['NUL and DEL', '\0\u007f', '\\x00\\x7f'],
    ['bidi overrides and isolates', '\u202e\u2066x\u2069', '\\u202e\\u2066x\\u2069'],
    ['zero-width characters and a byte order mark', 'a\u200bb\u200dc\ufeff', 'a\\u200bb\\u200dc\\ufeff'],
    ['line and paragraph separators', '\u2028\u2029', '\\u2028\\u2029'],
    ['tag characters', '\u{e0041}', '\\u{e0041}'],
    ['fillers that look like nothing', '\u3164\u115f', '\\u3164\\u115f'],
    ['half a surrogate pair', '\ud800', '\\ud800'],
  ])('writes %s out', (_, text, shown) => {
    expect(forTerminal(text)).toBe(shown);
  });

  it('leaves honest text alone', () => {
    const text = 'def f(x: int) -> "Größe":\n\treturn 日本語 😀 ☺️\n';
    expect(forTerminal(text)).toBe(text);
  });

  it('lets no control character through, whatever the text', () => {
    fc.assert(
      fc.property(anyText(30), (text) => {
        return !/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}]/u.test(forTerminal(text));
      }),
    );
  });
});

describe('oneLine', () => {
  it('is one line of at most so many characters', () => {
    expect(oneLine('  a\r\n\tb\u2028c  ', 10)).toBe('a b c');
    expect(oneLine('😀😀😀😀', 3)).toBe('😀😀…');
    expect(oneLine('abc', 3)).toBe('abc');
    expect(oneLine('\u001b[2J', 80)).toBe('\\x1b[2J');
  });
});

describe('defused', () => {
  it.each([
    '@octocat',
    'a @org/team b',
    'x@example.org',
    'Fixes #1',
    'closes GH-12',
    'owner/repo#3',
    '!7',
    'https://x.y/z',
    'HTTP://x',
    'www.x.y',
  ])('parts what makes %j active, and only that', (text) => {
    const parted = defused(text);
    expect(parted).not.toBe(text);
    expect(parted.replaceAll('\u200b', '')).toBe(text);
    expect(parted).not.toMatch(/@[a-z]|#[0-9]|gh-[0-9]|![0-9]|:\/\/|www\./i);
  });

  it('leaves text alone that does nothing', () => {
    for (const text of ['a @ b', '# 1', 'x: // y', 'price;drop', '100 %!']) expect(defused(text)).toBe(text);
  });
});

describe('forMarkdown', () => {
  it.each([
    ['an image', '![x](https://e.vil/p.png)', /!\[|(?<!\\)\]\(|:\/\//],
    ['a link', '[x](javascript:alert(1))', /(?<!\\)\[/],
    ['a reference', '[x]: /y', /(?<!\\)\[/],
    ['HTML', '<img src=x onerror=y><!-- hidden', /</],
    ['an entity', '&lt;b&gt;&#64;octocat', /&(?!amp;|lt;)/],
    ['code and a fence', '`x` ```\n~~~', /(?<!\\)[`~]/],
    ['emphasis', '**x** _y_ ~~z~~', /(?<!\\)[*~]|(?<!\\)_/],
    ['a table', 'a | b', /(?<!\\)\|/],
    ['mathematics', '$\\rm x$', /(?<!\\)\$/],
    ['headings, quotes, lists and rules', '# a\n> b\n- c\n+ d\n1. e\n2) f\n---\n===\n  # g', /^\s*([#>+=-]|[0-9]+[.)])/m],
    ['a command at the start of a line', '/close\n/lgtm', /^\//m],
    ['a mention behind an escape', '\\@octocat', /@[a-z]/],
  ])('makes %s inert', (_, text, active) => {
    expect(text).toMatch(active);
    expect(forMarkdown(text)).not.toMatch(active);
  });

  it('leaves plain words and names readable', () => {
    const text = 'WHEN sort_by names an unknown field THE API SHALL answer 422 (not 400), e.g. -1 or a+b.';
    expect(forMarkdown(text)).toBe(text);
  });
});

describe('inlineCode and fenced', () => {
  it('close with more ticks than anything inside has', () => {
    expect(inlineCode('a', 80)).toBe('`a`');
    expect(inlineCode('a`` b', 80)).toBe('```a`` b```');
    expect(inlineCode('`a', 80)).toBe('`` `a ``');
    expect(inlineCode('', 80)).toBe('` `');
    expect(fenced('x\n````\n# out?\n')).toBe('`````text\nx\n````\n# out?\n`````');
    expect(fenced('x', 'sh')).toBe('```sh\nx\n```');
  });

  it('keep controls visible and mentions quiet', () => {
    expect(inlineCode('\u001b @x', 80)).toBe('`\\x1b @\u200bx`');
    expect(fenced('\u202e Fixes #1')).toBe('```text\n\\u202e Fixes #\u200b1\n```');
  });
});

it.each(['.', ' ', '\n', '_', '1', '`', '@', '#', '<', '\u0000', 'www.'])('no text made of %j takes long', (unit) => {
  const long = `${unit.repeat(100_000)}x`;
  const started = performance.now();
  for (const made of [
    forTerminal,
    forMarkdown,
    defused,
    fenced,
    (text: string) => oneLine(text, 100),
    (text: string) => inlineCode(text, 100),
  ])
    made(long);
  // Far from what it takes (milliseconds), and further from what one that backtracks would take (minutes).
  expect(performance.now() - started).toBeLessThan(10_000);
});
