import { describe, expect, it } from 'vitest';
import { SPEC_FINDINGS } from '../../../orchestrator/domain/spec/finding.ts';
import type { Example, Spec } from '../../../orchestrator/domain/spec.ts';
import { c1, c2, findings, found, getProducts, request, specOf, specWith } from './samples.ts';

const step = { method: 'POST', path: '/products', json: { name: 'a' } } as const;
const with1 = (changes: object): Partial<Spec> => ({ acceptance_criteria: [{ ...c1, ...changes }, c2] });

/** A Spec that breaks one rule, and the findings it must get: no fewer and no more. */
const broken: readonly (readonly [string, Partial<Spec>, readonly string[]])[] = [
  [
    'words that the request does not hold',
    with1({ from: 'Let GET /products take ?order=price' }),
    ['criterion_without_source C1.from', 'request_not_covered request'],
  ],
  ['a quotation of two words', with1({ from: 'Let GET' }), ['criterion_without_source C1.from']],
  ['an id used twice', with1({ id: 'C2' }), ['id_twice C2']],
  [
    'the same rule twice',
    with1({ rule: 'WHEN sort names an unknown field THE API SHALL  answer 422.', examples: c2.examples }),
    ['rule_twice C2.rule'],
  ],
  ['an assumption that is not there', with1({ refined_by: ['A1'] }), ['id_unknown C1.refined_by']],
  ['a rule without SHALL', with1({ rule: 'Products are ordered by price' }), ['rule_without_shall C1.rule']],
  ['a vague word', with1({ rule: 'WHEN sort is price THE API SHALL answer quickly' }), ['vague_word C1.rule']],
  [
    'a vague word beside a status',
    with1({ rule: 'WHEN sort is reasonable THE API SHALL answer with 422', examples: c2.examples }),
    ['vague_word C1.rule'],
  ],
  ['should', with1({ rule: 'THE API SHALL do what it should within 5 s' }), ['vague_word C1.rule']],
  ['a change without what was', with1({ kind: 'changed' }), ['was_missing C1.was']],
  [
    'a mere success of a route the base has',
    with1({ examples: [getProducts({ sort: 'price' }, { status: 200 })] }),
    ['no_observable C1.examples'],
  ],
  ['a sentence that nothing quotes', { acceptance_criteria: [c1] }, ['request_not_covered request', 'request_not_covered request']],
  [
    'a not_covered entry that is no sentence',
    { not_covered: [{ sentence: 'Be quick about it', reason: 'no rule' }] },
    ['not_covered_without_source not_covered[0].sentence'],
  ],
  [
    'a not_covered entry that a criterion quotes',
    { not_covered: [{ sentence: 'An unknown sort field is a 422.', reason: 'no rule' }] },
    ['not_covered_without_source not_covered[0].sentence'],
  ],
  [
    'a superseded test by a new criterion',
    { supersedes: [{ test: 'tests/test_products.py::test_a', by: 'C1' }] },
    ['superseded_by_unchanged supersedes[0].by'],
  ],
  ['a superseded test by nobody', { supersedes: [{ test: 'tests/test_products.py::test_a', by: 'C9' }] }, ['id_unknown supersedes[0].by']],
  [
    'a superseded test of a missing file',
    { ...with1({ kind: 'changed', was: 'sort was ignored' }), supersedes: [{ test: 'tests/test_x.py::test_a', by: 'C1' }] },
    ['superseded_test_missing supersedes[0].test'],
  ],
  [
    'a whole file superseded',
    { ...with1({ kind: 'changed', was: 'sort was ignored' }), supersedes: [{ test: 'tests/test_products.py', by: 'C1' }] },
    ['superseded_test_missing supersedes[0].test'],
  ],
  [
    'a package that the target does not have',
    { dependencies: [{ name: 'httpx>=0.27', reason: 'to ask another service' }] },
    ['dependency_not_allowed dependencies[0].name'],
  ],
  [
    'a package that the target has',
    { dependencies: [{ name: 'FastAPI', reason: 'to route' }] },
    ['dependency_not_allowed dependencies[0].name'],
  ],
  ['an absolute touchpoint', { touchpoints: ['/etc/passwd'] }, ['touchpoint_outside_target touchpoints[0]']],
  ['a touchpoint above the target', { touchpoints: ['app/../../other/x.py'] }, ['touchpoint_outside_target touchpoints[0]']],
  ['a touchpoint that is an address', { touchpoints: ['https://example.org/x'] }, ['touchpoint_outside_target touchpoints[0]']],
  [
    'a dependency list as touchpoint',
    { touchpoints: ['./pyproject.toml', 'requirements.lock', '.github/workflows/ci.yml', 'tests/conftest.py:12'] },
    [
      'touchpoint_protected touchpoints[0]',
      'touchpoint_protected touchpoints[1]',
      'touchpoint_protected touchpoints[2]',
      'touchpoint_protected touchpoints[3]',
    ],
  ],
  ['an exclusion of what is asked for', { out_of_scope: ['An unknown sort field is a 422'] }, ['scope_contradicts out_of_scope[0]']],
  [
    'an exclusion in nearly the words of a rule',
    { out_of_scope: ['The API answers: order the products by price, sort'] },
    ['scope_contradicts out_of_scope[0]'],
  ],
];

const examples: readonly (readonly [string, Parameters<typeof specOf>[0][number], string])[] = [
  ['a name that nothing defines', getProducts({ sort: '$x' }, { status: 422 }), 'name_undefined C1.examples[0].when'],
  [
    'a name in a table',
    { ...getProducts({ sort: '$a' }, { status: 422 }), table: { a: ['$b'] } } as never,
    'name_undefined C1.examples[0].table',
  ],
  [
    'a name saved only later',
    {
      type: 'http',
      given: [
        { ...step, path: '/products/$id' },
        { ...step, save: { id: '$.id' } },
      ],
      when: { method: 'GET', path: '/products/$id' },
      then: { status: 404 },
    },
    'name_undefined C1.examples[0].given[0]',
  ],
  [
    'a name of a later background step',
    { type: 'call', call: 'app.text:slugify', args: ['$text'], then: { returns: 'a' } },
    'name_undefined C1.examples[0].call',
  ],
  [
    'a column that is saved too',
    {
      type: 'http',
      given: [{ ...step, save: { id: '$.id' } }],
      when: { method: 'GET', path: '/products/$id' },
      then: { status: 404 },
      table: { id: [1] },
    },
    'name_twice C1.examples[0].table',
  ],
  [
    'a fixture that is not there',
    { type: 'http', when: { method: 'GET', path: '/products', headers_from: 'admin_headers' }, then: { status: 401 } },
    'fixture_unknown C1.examples[0].when.headers_from',
  ],
  [
    'a fixture that is no dict',
    { type: 'http', when: { method: 'GET', path: '/products', headers_from: 'now' }, then: { status: 401 } },
    'fixture_unknown C1.examples[0].when.headers_from',
  ],
  [
    'an object in the query',
    { type: 'http', when: { method: 'GET', path: '/products', query: { a: { b: 1 } } }, then: { status: 422 } },
    'query_not_flat C1.examples[0].when.query.a',
  ],
  [
    'a query in the path and beside it',
    { type: 'http', when: { method: 'GET', path: '/products?a=1', query: { b: 1 } }, then: { status: 422 } },
    'query_twice C1.examples[0].when.path',
  ],
  [
    'a placeholder in the path',
    { type: 'http', when: { method: 'GET', path: '/products/{id}' }, then: { status: 404 } },
    'path_template C1.examples[0].when.path',
  ],
  ['a path that does not parse', getProducts({}, { status: 200, json: { '$..a': 1 } }), 'path_unreadable C1.examples[0].then.json.$..a'],
  [
    'an absence that cannot be said',
    getProducts({}, { status: 200, absent: ['$.items[*]'] }),
    'path_unreadable C1.examples[0].then.absent.$.items[*]',
  ],
  [
    'a saved value of no path',
    { type: 'http', given: [{ ...step, save: { id: 'id' } }], when: { method: 'GET', path: '/products/$id' }, then: { status: 404 } },
    'path_unreadable C1.examples[0].given[0].save.id',
  ],
  [
    'a body of a 204',
    { type: 'http', when: { method: 'DELETE', path: '/products/1' }, then: { status: 204, json: { $: null } } },
    'body_of_no_content C1.examples[0].then.json',
  ],
  [
    'columns that differ in length',
    { ...getProducts({ sort: '$a', q: '$b' }, { status: 422 }), table: { a: [1, 2], b: [1] } } as never,
    'table_uneven C1.examples[0].table',
  ],
  [
    'the same row twice',
    { ...getProducts({ sort: '$a' }, { status: 422 }), table: { a: ['x', 'y', 'x'] } } as never,
    'table_row_twice C1.examples[0].table',
  ],
  [
    'a column that nothing uses',
    { ...getProducts({ sort: '$a' }, { status: 422 }), table: { a: ['x'], b: [1] } } as never,
    'column_unused C1.examples[0].table.b',
  ],
  [
    'a call of what the base lacks',
    { type: 'call', call: 'app.text:shout', args: ['a'], then: { returns: 'A' } },
    'not_in_interface C1.examples[0].call',
  ],
  [
    'a call of a module that the base lacks',
    { type: 'call', call: 'app.sorting.parse', args: ['a'], then: { returns: 'A' } },
    'not_in_interface C1.examples[0].call',
  ],
  [
    'an exception that nothing has',
    { type: 'call', call: 'app.text:slugify', args: [''], then: { raises: 'SlugError' } },
    'not_in_interface C1.examples[0].then.raises',
  ],
];

const never: readonly Example[] = [
  getProducts({}, { status: 200, json: { '$.items[*].name': 'a' } }),
  getProducts({}, { status: 200, json: { '$.items.length': '2' } }),
];

/** Held to the attacks in attack.test.ts. */
const ATTACKED = [
  'not_covered_asks',
  'rule_off_source',
  'founded_on_assumption',
  'negation_lost',
  'bound_changed',
  'unit_changed',
  'status_not_shown',
  'nothing_new',
];
/** Held to in constants.test.ts. */
const OF_CONSTANTS = ['constant_unknown', 'constant_unused'];

const clash = (a: Parameters<typeof specOf>[0][number], b: Parameters<typeof specOf>[0][number]) =>
  found(
    specWith({
      acceptance_criteria: [
        { ...c1, examples: [a] },
        { ...c2, examples: [b] },
      ],
    }),
  ).filter((finding) => finding.startsWith('contradiction'));

describe('lintSpec', () => {
  it('finds nothing in a Spec that may go down the line', () => {
    expect(findings(specWith())).toEqual([]);
  });

  it.each(broken)('answers to %s', (_, changes, expected) => {
    expect(found(specWith(changes))).toEqual(expected);
  });

  it.each(examples)('answers to an example with %s', (_, example, expected) => {
    expect(found(specOf([example], { constraints: ['GET /products keeps its form'] }), 'Let GET /products take ?sort=price.')).toEqual([
      expected,
    ]);
  });

  it('answers to a value that a path can never give', () => {
    const codes = never.flatMap((example) => found(specOf([example]), 'Let GET /products take ?sort=price.'));
    expect(codes).toEqual([
      'value_never_equal C1.examples[0].then.json.$.items[*].name',
      'value_never_equal C1.examples[0].then.json.$.items.length',
    ]);
  });

  it('answers to a background step that uses what only a later one saves', () => {
    const background: Spec['background'] = [
      { ...step, path: '/x/$id' },
      { ...step, save: { id: '$.id' } },
    ];
    expect(found(specWith({ background }))).toEqual(['name_undefined background[0]']);
  });

  it('answers to two examples that expect different statuses of one request', () => {
    const other: Example = {
      type: 'http',
      when: { path: '/products', query: { sort: 'x' }, method: 'GET' },
      then: { status: 200, json: { '$.total': 1 } },
    };
    expect(clash(getProducts({ sort: 'x' }, { status: 422 }), other)).toEqual(['contradiction C2.examples[0]']);
  });

  it('answers to a row of a table that contradicts another example', () => {
    const table = {
      ...getProducts({ sort: '$s' }, { status: 200, json: { '$.total': '$n' } }),
      table: { s: ['a', 'b'], n: [1, 2] },
    } as never;
    expect(clash(table, getProducts({ sort: 'b' }, { status: 200, json: { '$.total': 3 } }))).toEqual(['contradiction C2.examples[0]']);
    expect(clash(table, getProducts({ sort: 'b' }, { status: 200, json: { '$.total': 2 } }))).toEqual([]);
    expect(clash(table, getProducts({ sort: 'c' }, { status: 422 }))).toEqual([]);
  });

  it('answers to a value that is expected in one example and absent in another', () => {
    expect(clash(getProducts({}, { status: 200, json: { '$.a': 1 } }), getProducts({}, { status: 200, absent: ['$.a'] }))).toEqual([
      'contradiction C2.examples[0]',
    ]);
  });

  it('answers to a call that returns and raises', () => {
    const returns: Example = { type: 'call', call: 'app.text:slugify', args: ['a'], then: { returns: 'a' } };
    expect(clash(returns, { type: 'call', call: 'app.text.slugify', args: ['a'], then: { raises: 'ValueError' } })).toEqual([
      'contradiction C2.examples[0]',
    ]);
  });

  it('takes no contradiction from the same request after other steps', () => {
    const after: Example = {
      type: 'http',
      given: [step],
      when: { method: 'GET', path: '/products', query: { sort: 'x' } },
      then: { status: 200, json: { '$.total': 1 } },
    };
    expect(clash(getProducts({ sort: 'x' }, { status: 422 }), after)).toEqual([]);
  });

  it.each([
    ['a number', 'Let GET /products take ?sort=price for at most 50 items.', ['request_not_covered request']],
    ['a number with separators', 'Let GET /products take ?sort=price for 1,000 items.', ['request_not_covered request']],
    ['a name in backticks', 'Let GET /products take ?sort=price or `sort=stock_level`.', ['request_not_covered request']],
    ['a number grown into a name', 'Let GET /products take ?sort=price in v2 and utf8.', []],
    ['a number that an example has in another form', 'Let GET /products take ?sort=price above 2.0.', []],
  ])('answers to %s of the request that no rule or example holds', (_, words, expected) => {
    expect(found(specWith({ acceptance_criteria: [c1] }), words)).toEqual(expected);
  });

  it('takes a quotation of a whole short sentence, and of a part of a sentence in any case of its first letter', () => {
    expect(
      found(
        specWith({
          acceptance_criteria: [
            { ...c1, from: 'Sort products.' },
            { ...c2, from: 'an unknown field is a 422' },
          ],
        }),
        'Sort products. Of course, an unknown field is a 422.',
      ),
    ).toEqual([]);
  });

  it('refuses one quotation over the whole of a long request, which would cover every sentence', () => {
    const words = 'Sort by price. Ties go by name. Then stop here.';
    expect(found(specWith({ acceptance_criteria: [{ ...c1, from: words }] }), words)).toEqual(['criterion_without_source C1.from']);
  });

  it('takes a sentence that is listed in not_covered with its reason', () => {
    const spec = specWith({ not_covered: [{ sentence: 'We need it by 5 pm on Friday.', reason: 'no behaviour' }] });
    expect(found(spec, `${request} We need it by 5 pm on Friday.`)).toEqual([]);
  });

  it.each([
    ['a measured word', 'WHEN sort is price THE API SHALL answer quickly, within 200 ms'],
    ['a quoted word', 'WHEN the level is "fast" or `robust` THE API SHALL order by level'],
    ['a name that holds the word', 'WHEN fast-track is set THE API SHALL order by quick_rank'],
  ])('finds no vagueness in %s', (_, rule) => {
    expect(found(specWith(with1({ rule })))).toEqual([]);
  });

  it.each([
    ['a new route', { ...c1, examples: [{ type: 'http', when: { method: 'GET', path: '/brands' }, then: { status: 200 } }] }],
    ['a preserved criterion', { ...c1, kind: 'preserved', examples: [getProducts({}, { status: 200 })] }],
    [
      'a rule about the status itself',
      { ...c1, rule: 'WHEN sort is empty THE API SHALL answer 200', examples: [getProducts({}, { status: 200 })] },
    ],
    ['an error', { ...c1, examples: [getProducts({ sort: 'y' }, { status: 422 })] }],
    [
      'a second example that shows more',
      { ...c1, examples: [getProducts({}, { status: 200 }), getProducts({}, { status: 200, absent: ['$.x'] })] },
    ],
  ])('asks for no more to be observed of %s', (_, criterion) => {
    expect(found(specWith({ acceptance_criteria: [criterion as typeof c1, c2] }))).toEqual([]);
  });

  it('takes a call of what the base has, of what `interface` names, and of a built-in exception', () => {
    const spec = specOf(
      [
        { type: 'call', call: 'app.text:slugify', args: ['A b'], then: { returns: 'a-b' } },
        { type: 'call', call: 'app.sorting:parse', args: [''], then: { raises: 'ValueError' } },
        { type: 'call', call: 'app.sorting:parse', args: ['-'], then: { raises: 'app.sorting.SortError' } },
      ],
      { interface: ['app.sorting:parse', 'app.sorting:SortError'], constraints: ['GET /products keeps its form'] },
    );
    expect(found(spec, 'Let GET /products take ?sort=price.')).toEqual([]);
  });

  it('takes an exclusion of something near that no criterion asks for', () => {
    expect(found(specWith({ out_of_scope: ['sorting orders by price', 'Sorting by several fields', 'Unknown fields in a body'] }))).toEqual(
      [],
    );
  });

  it('says in every finding what is wrong and what to write instead, once each', () => {
    const all = [...broken.map(([, changes]) => specWith(changes)), ...examples.map(([, example]) => specOf([example]))].flatMap((spec) =>
      findings(spec),
    );
    for (const { message, instead } of all) {
      expect(message.length).toBeGreaterThan(10);
      expect(instead.length).toBeGreaterThan(10);
    }
  });

  it('has a Spec here, or among the attacks, for every code it gives', () => {
    const codes = new Set<string | undefined>(
      [...broken, ...examples.map(([, , code]) => ['', {}, [code]] as const)].flatMap(([, , expected]) =>
        expected.map((line) => line.split(' ')[0]),
      ),
    );
    const elsewhere = ['contradiction', 'value_never_equal', ...ATTACKED, ...OF_CONSTANTS];
    expect(Object.keys(SPEC_FINDINGS).filter((code) => !codes.has(code) && !elsewhere.includes(code))).toEqual([]);
  });
});
