import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../orchestrator/domain/failure.ts';
import { MAX_DOCUMENT_CHARS, parseSpecDocument, renderSpecDocument } from '../../../orchestrator/domain/spec/document.ts';
import { anyRequest, anySpec } from './arbitrary-spec.ts';
import { c1, c2, request, specOf, specWith } from './samples.ts';

const rendered = renderSpecDocument(request, specWith());

/** What `spec_invalid` says of a text. */
function complaint(text: string): string {
  try {
    parseSpecDocument(text);
  } catch (error) {
    if (error instanceof Failure && error.code === 'spec_invalid') return error.detail;
    throw error;
  }
  return 'nothing';
}

const edited = (from: string | RegExp, to: string) => {
  const text = rendered.replace(from, to);
  expect(text).not.toBe(rendered);
  return text;
};

describe('the markdown form', () => {
  it('reads back as what was written, whatever the Spec says', () => {
    fc.assert(
      fc.property(anyRequest, anySpec, (words, spec) => {
        const text = renderSpecDocument(words, spec);
        fc.pre(text.length <= MAX_DOCUMENT_CHARS);
        expect(parseSpecDocument(text)).toEqual({ request: words, spec });
      }),
      { numRuns: 150 },
    );
  });

  it('holds no character that is not drawn, and no line that a text of the Spec could have made a heading or the end of a block', () => {
    const nasty = 'x\n## Changelog\n```\n- y\u001b[2J\u202e';
    const spec = specOf(
      [
        { type: 'prose', text: nasty },
        { type: 'cli', argv: ['app', nasty], then: { exit: 0 } },
      ],
      { title: nasty, intent: nasty, constraints: [nasty] },
    );
    const text = renderSpecDocument(nasty, spec);
    for (const unseen of ['\u001b', '\u202e']) expect(text).not.toContain(unseen);
    expect(text.split('\n').filter((line) => /^(## Changelog|```)/.test(line))).toEqual(['```', '```', '## Changelog']);
    expect(parseSpecDocument(text)).toEqual({ request: nasty, spec });
  });

  it('reads a version 1 Spec, and one without a request', () => {
    expect(parseSpecDocument(edited(/## Request\n\n.*\n\n/, ''))).toEqual({ request: null, spec: specWith() });
    expect(parseSpecDocument(rendered).spec.version).toBe(1);
    expect(parseSpecDocument(edited('Spec format 1.', 'Spec format 2')).spec.version).toBe(2);
  });

  it.each([
    ['Windows line ends', rendered.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\ufeff${rendered}`],
    [
      'other marks of lists and no blank lines',
      rendered.replace('- `app', '* `app').replaceAll('\n\n', '\n').replace('price.\n', 'price.\n\n').replace('product.\n', 'product.\n\n'),
    ],
    ['a path without backticks', rendered.replace('`app/main.py`', 'app/main.py')],
    ['a rule over two lines', rendered.replace('SHALL order the', 'SHALL order\n  the')],
    ['a colon after a field’s name', rendered.replaceAll('**Rule** ', '**Rule:** ')],
    ['sections in another order', rendered.replace(/(## Touches[^#]*)([\s\S]*)/, '$2\n$1')],
    ['an example over more lines', rendered.replace('{"sort": "price"}', '{\n    "sort":\n "price" }')],
    [
      'an example in one line',
      rendered.replace('when GET /products\n  query {"sort": "price"}\nthen 200\n', 'when GET /products query {"sort": "price"} then 200 '),
    ],
    ['an example as JSON', rendered.replace(/```\nwhen[^`]*```/, `\`\`\`json\n${JSON.stringify(c1.examples[0], null, 2)}\n\`\`\``)],
  ])('is read with %s', (_, text) => {
    expect(parseSpecDocument(text).spec).toEqual(specWith());
  });

  it('takes what a person adds: an assumption, a row, a criterion in prose', () => {
    const text = edited('  row "price;drop"', '  row "price;drop"\n  row "é"')
      .replace(
        '## Changelog',
        '### C3 (changed)\n> Let GET /products take\n\n**Was** nothing\n**Rule** WHEN x THE API SHALL y\n**Refined by** A1\n**Example in prose** Look.\n\n## Changelog',
      )
      .replace('## Acceptance', '## Assumptions\n- **A1** one\n- A2: two\n\n## Acceptance');
    const { spec } = parseSpecDocument(text);
    expect(spec.assumptions).toEqual([
      { id: 'A1', text: 'one' },
      { id: 'A2', text: 'two' },
    ]);
    expect(spec.acceptance_criteria[2]).toEqual({
      id: 'C3',
      kind: 'changed',
      was: 'nothing',
      from: 'Let GET /products take',
      rule: 'WHEN x THE API SHALL y',
      refined_by: ['A1'],
      examples: [{ type: 'prose', text: 'Look.' }],
    });
    expect(spec.acceptance_criteria[1]?.examples[0]).toMatchObject({ table: { field: ['bogus', '', 'price;drop', 'é'] } });
  });

  it.each([
    ['nothing', '', 'line 1: expected a title: `# …`'],
    ['no intent', '# a\n## b', 'line 1: expected the intent, a paragraph below the title'],
    [
      'no format',
      edited('Spec format 1.', 'Format one.'),
      'line 5: expected a paragraph `Spec format 3.` below the intent, found `Format one.`',
    ],
    ['a format to come', edited('Spec format 1.', 'Spec format 4.'), 'line 5: version: Invalid option: expected one of 1|2|3'],
    ['an unknown heading', edited('## Touches', '## Approved'), 'line 11: expected one of the headings Request, Touches, Interface'],
    ['a heading that every object has', edited('## Touches', '## constructor'), 'line 11: expected one of the headings'],
    ['a heading twice', `${rendered}\n## Changelog\n\nAdded: x\n`, 'expected `## Changelog` once'],
    [
      'no criteria',
      rendered.replace(/## Acceptance[\s\S]*(?=## Changelog)/, ''),
      'expected a section `## Acceptance criteria` before the end',
    ],
    [
      'an unquoted request',
      edited('> Let GET /products take ?sort=price. An', 'Let GET /products. An'),
      'line 9: expected the request, each line behind `>`',
    ],
    [
      'a criterion without its words',
      edited('> Let GET /products take ?sort=price\n', ''),
      'expected the request’s words for C1, behind `>`',
    ],
    [
      'a criterion’s kind',
      edited('(new)', '(old)'),
      'line 17: acceptance_criteria.0.kind: Invalid option: expected one of "new"|"changed"|"preserved"',
    ],
    ['a field that there is not', edited('**Rule**', '**Law**'), 'line 21: expected `**Rule** …`, `**Was** …`'],
    ['a rule too long', edited('WHEN sort is price', 'W'.repeat(400)), 'line 21: acceptance_criteria.0.rule: Too big'],
    ['a block without an end', `${rendered}\n\`\`\`\nx`, 'of the block that begins here'],
    [
      'an example of an unknown kind',
      edited('when GET', 'ask GET'),
      'line 24: expected an example that begins with `given`, `when`, `call` or `run`',
    ],
    ['a method in small letters', edited('when GET', 'when get'), 'line 24: expected a method: GET, POST, PUT, PATCH or DELETE'],
    ['a value that is not JSON', edited('{"sort": "price"}', '{sort: price}'), 'line 25: expected a JSON value, found `{sort: price}`'],
    ['a status of words', edited('then 200', 'then fine'), 'line 26: expected a status of three digits'],
    ['a row with too few values', edited('for $field', 'for $field, $more'), 'line 43: expected a value for each of the 2 columns'],
    [
      'something after an example',
      edited('  row "price;drop"', '  row "price;drop"\nand so on'),
      'expected the end of the example, or a line that belongs to it, found `and so on`',
    ],
    ['the same path twice', edited('  $.error.code = "invalid_sort"', '  $.a = 1\n  $.a = 2'), 'expected `$.a` once'],
    ['a changelog of an unknown section', edited('Added:', 'Improved:'), 'changelog.section: Invalid option'],
    ['an item that is none', edited('- `app/main.py`', 'app/main.py'), 'line 13: expected an item: `- …`'],
    ['JSON that is none', '{"version": 2,', 'expected JSON'],
    ['JSON without its keys', '{"request": "x"}', 'version: Invalid option: expected one of 1|2|3'],
    ['JSON with a request that is no text', '{"request": 1}', 'request: expected a text'],
    ['JSON with an unknown key', JSON.stringify({ ...specWith(), verdict: 'approve' }), 'document: Unrecognized key: "verdict"'],
  ])('says line or key and what was expected, for %s', (_, text, expected) => {
    expect(complaint(text)).toContain(expected);
  });

  it('is JSON as well: the keys of the Spec and the request', () => {
    expect(parseSpecDocument(JSON.stringify({ request, ...specWith() }))).toEqual({ request, spec: specWith() });
    expect(parseSpecDocument(JSON.stringify(specWith()))).toEqual({ request: null, spec: specWith() });
  });

  it.each([
    ['10,000 headings', '# a\n\nb\n\nSpec format 2.\n\n'.concat('## Touches\n'.repeat(9_000))],
    ['10,000 criteria', rendered.replace('### C1 (new)', '### C1 (new)\n\n> a b c\n\n'.repeat(4_000))],
    ['100,000 quotation marks', '>'.repeat(99_999)],
    ['a line of 99,000 characters', `# ${'x'.repeat(99_000)}`],
    ['a line of white space', `# a${' '.repeat(99_000)}b\n\n${'\t'.repeat(900)}`],
    ['deep nesting in an example', edited('{"sort": "price"}', `${'['.repeat(40_000)}${']'.repeat(40_000)}`)],
    ['brackets without an end', edited('{"sort": "price"}', '['.repeat(90_000))],
    ['quotation marks without an end', edited('{"sort": "price"}', '{"'.repeat(40_000))],
    ['backslashes', edited('{"sort": "price"}', `"${'\\'.repeat(90_001)}`)],
    ['a path of brackets', edited('$.items[*].price', `$${"['a']".repeat(15_000)}[`)],
    ['deeply nested JSON', `${'{"a":'.repeat(15_000)}1${'}'.repeat(15_000)}`],
    ['fences in fences', '```\n'.repeat(20_000)],
    ['stars', `${rendered}\n${'**'.repeat(40_000)}`],
    ['half a document too much', `${rendered}${'x'.repeat(MAX_DOCUMENT_CHARS)}`],
  ])('ends quickly before %s', (_, text) => {
    const began = performance.now();
    expect(complaint(text)).not.toBe('nothing');
    expect(complaint(text).length).toBeLessThan(2_000);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('keeps a key that would be every object’s prototype out', () => {
    const text = edited('{"sort": "price"}', '{"__proto__": {"polluted": 1}}');
    expect(complaint(text)).not.toContain('polluted');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('shows the second criterion of the sample as people would write it', () => {
    expect(rendered).toContain(
      '### C2 (new)\n\n> An unknown sort field is a 422\n\n**Rule** WHEN sort names an unknown field THE API SHALL answer 422\n\n```\nwhen GET /products\n  query {"sort": "$field"}\nthen 422\n  $.error.code = "invalid_sort"\nfor $field\n  row "bogus"\n  row ""\n  row "price;drop"\n```\n',
    );
    expect(c2.id).toBe('C2');
  });
});
