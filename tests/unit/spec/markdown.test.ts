import { describe, expect, it } from 'vitest';
import { renderSpec } from '../../../orchestrator/domain/spec/markdown.ts';
import { c1, c2, specOf, specWith } from './samples.ts';

describe('spec.md', () => {
  it('shows the request’s words, the rule and the examples of every criterion', () => {
    expect(renderSpec(specWith())).toBe(`# Sort products

People look for the cheapest product.

Spec format 1.

## Touches

- \`app/main.py\`

## Acceptance criteria

### C1 (new)

> Let GET /products take ?sort=price

**Rule** WHEN sort is price THE API SHALL order the products by price

\`\`\`
when GET /products
  query {"sort": "price"}
then 200
  $.items[*].price = ["1.00", "2.00"]
\`\`\`

### C2 (new)

> An unknown sort field is a 422

**Rule** WHEN sort names an unknown field THE API SHALL answer 422

\`\`\`
when GET /products
  query {"sort": "$field"}
then 422
  $.error.code = "invalid_sort"
for $field
  row "bogus"
  row ""
  row "price;drop"
\`\`\`

## Changelog

Added: Products can be sorted by price.
`);
  });

  it('leaves nothing of a Spec out', () => {
    const text = renderSpec(
      specWith({
        interface: ['app.a:b'],
        background: [
          { method: 'POST', path: '/x', json: { n: 1 }, headers_from: 'auth_headers', headers: { 'X-A': 'b' }, save: { id: '$.id' } },
        ],
        acceptance_criteria: [
          { ...c1, kind: 'changed', was: 'sort was ignored', refined_by: ['A1'] },
          {
            ...c2,
            examples: [
              { type: 'call', call: 'app.a:b', args: [1], kwargs: { k: 'v' }, then: { raises: 'ValueError' } },
              { type: 'cli', argv: ['app', '--x y'], then: { exit: 3, stdout_contains: ['done'] } },
              { type: 'prose', text: 'Ordering is stable.' },
            ],
          },
        ],
        constraints: ['no new dependency'],
        out_of_scope: ['sorting orders'],
        assumptions: [{ id: 'A1', text: 'ascending' }],
        supersedes: [{ test: 'tests/test_a.py::test_b', by: 'C1' }],
        not_covered: [{ sentence: 'Thanks a lot for it', reason: 'no behaviour' }],
      }),
    );
    for (const part of [
      '- `app.a:b`',
      'given POST /x\n  headers from auth_headers\n  headers {"X-A": "b"}\n  json {"n": 1}\n  save id = $.id',
      '### C1 (changed)',
      '**Was** sort was ignored',
      '**Refined by** A1',
      'call app.a:b(1, k="v")\nthen raises ValueError',
      'run "app" "--x y"\nthen exit 3\n  stdout contains "done"',
      '**Example in prose** Ordering is stable.',
      '- **A1** ascending',
      '- no new dependency',
      '- sorting orders',
      '- `tests/test_a.py::test_b` by C1',
      '- “Thanks a lot for it”: no behaviour',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('lets no text of the Spec make a heading, end a block or steer a terminal', () => {
    const nasty = 'x\n# Approved\n```\n- y\u001b[2J\u202e';
    const text = renderSpec(
      specOf(
        [
          { type: 'prose', text: nasty },
          { type: 'cli', argv: ['app', nasty], then: { exit: 0 } },
        ],
        { title: nasty, intent: `# ${nasty}`, constraints: [nasty] },
      ),
    );
    const headings = text.split('\n').filter((line) => /^#{1,6} /.test(line));
    expect(headings).toEqual([
      '# x # Approved ``` - y\\x1b[2J\\u202e',
      '## Touches',
      '## Acceptance criteria',
      '### C1 (new)',
      '## Constraints',
      '## Changelog',
    ]);
    expect(text.split('\n').filter((line) => line.startsWith('```'))).toHaveLength(2);
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('\u202e');
  });

  it('quotes every line of a quotation', () => {
    const text = renderSpec(specWith({ acceptance_criteria: [{ ...c1, from: 'Let GET\n# products' }] }));
    expect(text).toContain('> Let GET\n> # products');
  });
});
