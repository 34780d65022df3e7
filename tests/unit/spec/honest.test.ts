/** Rules as an honest PLAN words them, in its own words where it likes: none of them may be refused. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { lintSpec } from '../../../orchestrator/domain/spec/lint.ts';
import type { Criterion, Spec } from '../../../orchestrator/domain/spec.ts';
import { recordedSpecs } from './recorded.ts';
import { specWith } from './samples.ts';

const requests = new Map(
  ['requests.yaml', 'blind-requests.yaml']
    .flatMap(
      (file) => parse(readFileSync(new URL(`../../../docs/specs/${file}`, import.meta.url), 'utf8')) as { id: string; request: string }[],
    )
    .map(({ id, request }) => [id, request.trim()]),
);
const [recorded] = recordedSpecs();
if (recorded === undefined) throw new Error('no recorded run');
const { card, layout } = recorded.input;

type Said = readonly [from: string, rule: string, example: Criterion['examples'][number], more?: Partial<Criterion>];
const prose = (text: string): Criterion['examples'][number] => ({ type: 'prose', text });
const get = (path: string, then: object, table?: object) =>
  ({ type: 'http', when: { method: 'GET', path }, then, ...(table === undefined ? {} : { table }) }) as Criterion['examples'][number];

const criteria = (said: readonly Said[]): Criterion[] =>
  said.map(([from, rule, example, more = {}], at) => ({ id: `C${at + 1}`, kind: 'new', from, rule, examples: [example], ...more }));

const honest: readonly (readonly [string, readonly Said[], Partial<Spec>?])[] = [
  [
    'G01',
    [
      [
        'Let the list of products be filtered by price',
        'WHEN GET /products is asked with min_price or max_price THE API SHALL list only the products in that range, bounds included',
        get('/products?min_price=12.50', { status: 200, json: { '$.total': 0 } }),
      ],
      [
        'they combine with the filters that are there',
        'WHEN a bound is given together with category or q THE API SHALL list the products that match all of them',
        get('/products?q=a&max_price=1', { status: 200, json: { '$.total': 0 } }),
      ],
      [
        'A bound that is not an amount is a 422',
        'IF min_price is not a decimal number THEN THE API SHALL answer 422',
        get('/products?min_price=cheap', { status: 422 }),
      ],
    ],
  ],
  [
    'G02',
    [
      [
        'OrderRead gets minutes_open, the whole minutes between created_at and closed_at, rounded down',
        'WHEN an order was closed THE API SHALL show as minutes_open the full minutes from created_at to closed_at, without a fraction',
        prose('An order that is paid 119 seconds after it was made shows 1.'),
      ],
      [
        'null while the order is pending',
        'WHILE an order is open THE API SHALL show minutes_open as null',
        prose('A new order shows null.'),
      ],
    ],
  ],
  [
    'G03',
    [
      [
        'Add GET /products/by-sku/{sku}, which ignores upper and lower case and answers with the product',
        'WHEN GET /products/by-sku/{sku} is asked with a SKU in any case THE API SHALL answer 200 with its product',
        get('/products/by-sku/sku-0001', { status: 200, json: { '$.sku': 'SKU-0001' } }),
      ],
      [
        'an unknown SKU is a 404 with the code product_not_found',
        'WHEN no product has the SKU THE API SHALL respond with 404 and the code product_not_found',
        get('/products/by-sku/NONE-0000', { status: 404, json: { '$.error.code': 'product_not_found' } }),
      ],
    ],
    { not_covered: [{ sentence: 'People misspell SKUs when they look products up.', reason: 'why it is wanted' }] },
  ],
  [
    'G06',
    [
      [
        'A customer should not be able to order more than 100 pieces of one product in one order',
        'WHEN the pieces of one product in an order are 100 or fewer THE API SHALL take the order',
        prose('An order of 100 pieces is made, answered with 201.'),
        { kind: 'preserved' },
      ],
      [
        'A line with a larger quantity is refused with 409 and the code quantity_too_large, and no stock is reserved',
        'WHEN a line asks for 101 pieces or more THE API SHALL answer 409 quantity_too_large and reserve nothing',
        prose('The stock is what it was before.'),
      ],
      [
        'Two lines for the same product count together',
        'WHEN two lines name the same product THE API SHALL judge the sum of their quantities',
        prose('60 and 41 pieces of a product in two lines are refused.'),
      ],
    ],
  ],
  [
    'G07',
    [
      [
        'Let categories be renamed with PATCH /categories/{id}',
        'WHEN a category is patched with a name THE API SHALL answer 200 with it under that name',
        { type: 'http', when: { method: 'PATCH', path: '/categories/1', json: { name: 'Yard' } }, then: { status: 200 } },
      ],
      ['The slug follows the new name', 'WHEN a category got a new name THE API SHALL derive its slug from it', prose('yard for Yard')],
      [
        'It needs the key like every other write',
        'WHEN no key is sent THE API SHALL answer 401',
        {
          type: 'http',
          when: { method: 'PATCH', path: '/categories/1', json: { name: 'Yard' }, headers: { 'X-A': 'b' } },
          then: { status: 401 },
        },
      ],
    ],
  ],
  [
    'G08',
    [
      [
        'for each status the number of orders and the total amount',
        'WHEN GET /orders/summary is asked THE API SHALL answer with one entry a status, each with count and total',
        get('/orders/summary', { status: 200, json: { '$.pending': { count: 2, total: '12.50' } } }),
      ],
      [
        'with all three statuses always present',
        'WHEN there is no order of a status THE API SHALL show it with 0 and "0.00"',
        get('/orders/summary', { status: 200, json: { '$.paid.count': 0 } }),
      ],
    ],
  ],
  [
    'G09',
    [
      [
        'GET /products/{id}/stock/movements?kind=receive shows the receipts only',
        'WHEN kind is receive THE API SHALL list no other movement',
        get('/products/1/stock/movements?kind=receive', { status: 200, json: { '$.total': 1 } }),
      ],
      [
        'An unknown kind is a 422',
        'IF kind is none of the kinds THEN THE API SHALL answer 422',
        get('/products/1/stock/movements?kind=x', { status: 422 }),
      ],
    ],
  ],
  [
    'G10',
    [
      [
        'reads an amount such as "12.50" or "7" and returns whole cents',
        'WHEN parse_amount is called with a decimal text THE FUNCTION SHALL return its cents',
        {
          type: 'call',
          call: 'app.money:parse_amount',
          args: ['$text'],
          then: { returns: '$cents' },
          table: { text: ['12.50', '7'], cents: [1250, 700] },
        },
      ],
      [
        'it raises ValueError for a negative amount, for more than two decimals, and for anything that is not a number',
        'WHEN the text is negative, has three decimals or is no number THE FUNCTION SHALL raise ValueError',
        { type: 'call', call: 'app.money:parse_amount', args: ['-1'], then: { raises: 'ValueError' } },
      ],
    ],
    { interface: ['app.money:parse_amount'] },
  ],
  [
    'B01',
    [
      [
        'GET /products should accept min_price and max_price, both optional, both inclusive, written the way we write prices everywhere else ("12.50").',
        'WHEN min_price or max_price is given, such as 12.50, THE API SHALL list the products at or above the one and at or below the other',
        get('/products?min_price=12.50', { status: 200, json: { '$.total': 0 } }),
      ],
      [
        'They must combine with category and q',
        'WHEN category or q is given too THE API SHALL list what passes all filters',
        prose('Both.'),
      ],
      [
        'If min_price is greater than max_price, answer 422.',
        'WHEN min_price is above max_price THE API SHALL answer 422',
        get('/products?min_price=2&max_price=1', { status: 422 }),
      ],
      [
        'Something that is not a price is a 422 as well',
        'WHEN a bound is no amount with two decimals THE API SHALL answer 422 for that bound, as for a wrong price',
        get('/products?min_price=x', { status: 422 }),
      ],
    ],
    {
      not_covered: [
        { sentence: 'As a buyer I want to narrow the catalogue by price.', reason: 'why' },
        { sentence: "Sorting by price is a separate ticket, please don't do it here.", reason: 'not now' },
      ],
      out_of_scope: ['Sorting by price'],
    },
  ],
  [
    'B05',
    [
      [
        'same key + same body → return the original order, no second reservation of stock',
        'WHEN POST /orders is repeated with the same `Idempotency-Key` and body THE API SHALL answer with the first order and reserve once',
        prose('The stock is reserved once.'),
      ],
      ['same key + different body → 409', 'WHEN the body differs under one key THE API SHALL answer 409', prose('409')],
      [
        'No header → current behaviour',
        'WHEN the header is absent THE API SHALL make an order each time',
        prose('Twice.'),
        { kind: 'preserved' },
      ],
      [
        'Keys are opaque strings of up to 64 chars on our side, longer ones can be a 422.',
        'WHEN a key has more than 64 characters THE API SHALL answer 422',
        prose('65 characters.'),
      ],
      [
        'Keys never need to expire',
        'WHEN a key was first used long ago THE API SHALL know it as on the first day, however long',
        prose('A year.'),
      ],
    ],
    {
      not_covered: [{ sentence: 'Our client retries on timeouts and we occasionally end up with duplicate orders.', reason: 'why' }],
    },
  ],
  [
    'B09',
    [
      [
        'Let us mark a product as discontinued, and take that back if we got it wrong',
        'WHEN a product is patched with discontinued true or false THE API SHALL show it so',
        prose('Both ways.'),
      ],
      [
        "Discontinued ones shouldn't come up in the product list any more unless you ask for them",
        'WHEN include_discontinued is absent THE API SHALL list the products that are not discontinued',
        prose('The list.'),
      ],
      ['nobody can place a new order for one', 'WHEN an order names a discontinued product THE API SHALL answer 409', prose('409')],
      [
        'Opening it directly by its id has to keep working, and orders already placed stay exactly as they are.',
        'WHEN a discontinued product is asked for by id THE API SHALL answer 200, and its old orders SHALL be unchanged',
        get('/products/1', { status: 200, json: { '$.id': 1 } }),
        { kind: 'preserved' },
      ],
    ],
    {
      not_covered: [
        {
          sentence:
            "We can't delete things that were ever ordered, fine, I get it, but then our old catalogue stuff keeps showing up and customers try to buy it.",
          reason: 'why',
        },
      ],
    },
  ],
];

const chatter = [
  'One call, not clicking through 400 products.',
  'Our dashboard calls GET /orders every minute.',
  'See GET /orders for how it should look.',
  'The shop has had 500 visitors.',
];

describe('the linter, before honest Specs', () => {
  it.each(honest.map(([id, said, more]) => ({ id, said, more })))('lets $id pass', ({ id, said, more = {} }) => {
    const request = requests.get(id) ?? '';
    expect(request).not.toBe('');
    expect(lintSpec(specWith({ acceptance_criteria: criteria(said), ...more }), { request, card, layout })).toEqual([]);
  });

  it.each([
    [
      'a bound said as its complement',
      'Let orders of at least 30 days be listed.',
      'WHEN an order is less than 30 days old THE API SHALL not list it',
    ],
    ['at or below', 'Let products at or below 5 pieces be listed.', 'WHEN the stock is at most 5 pieces THE API SHALL list the product'],
    ['up to and included', 'Let names of up to 80 characters be taken.', 'WHEN a name has 80 characters or fewer THE API SHALL take it'],
    ['no more than', 'Let no more than 10 lines be taken in an order.', 'WHEN an order has more than 10 lines THE API SHALL answer 422'],
    [
      'the same unit in short',
      'Let the answer be cached for 60 seconds.',
      'WHEN it was answered 60 s ago THE API SHALL cache the answer no longer',
    ],
    [
      'a part of a list',
      'Let orders be listed newest first, or, if asked for, oldest first.',
      'WHEN orders are listed THE API SHALL put the newest first, the oldest first if asked for',
    ],
    [
      'another language',
      'Liste die Produkte nach Preis sortiert, und ohne sort bleibt die Reihenfolge.',
      'WHEN sort is price THE API SHALL order the items',
    ],
    ['never, turned round', 'Keys never need to expire.', 'WHEN a key was used a year ago THE API SHALL still know the key'],
    ['never', 'Never show a deleted order.', 'WHEN an order was deleted THE API SHALL answer 404 for it'],
    [
      'must not, kept',
      'The price of an old order must not change.',
      'WHEN a product gets a new price THE API SHALL keep that of old orders',
    ],
  ])('takes %s', (_, words, rule) => {
    const spec = specWith({ acceptance_criteria: criteria([[words, rule, prose('As the rule says.')]]) });
    expect(lintSpec(spec, { request: words, card, layout })).toEqual([]);
  });

  it.each(chatter)('lets a sentence be left out that asks for nothing: %s', (sentence) => {
    const request = `Let products be sorted by price. ${sentence}`;
    const spec = specWith({
      acceptance_criteria: criteria([
        ['Let products be sorted by price', 'WHEN sort is price THE API SHALL sort the products', prose('x')],
      ]),
      not_covered: [{ sentence, reason: 'it asks for nothing' }],
    });
    expect(lintSpec(spec, { request, card, layout })).toEqual([]);
  });

  it.each(['An unknown field is a 422.', 'GET /products should list them all.', 'A second one is refused with 409 and a code.'])(
    'does not let one be left out that asks for something: %s',
    (sentence) => {
      const request = `Let products be sorted by price. ${sentence}`;
      const spec = specWith({
        acceptance_criteria: criteria([
          ['Let products be sorted by price', 'WHEN sort is price THE API SHALL sort the products', prose('x')],
        ]),
        not_covered: [{ sentence, reason: 'not now' }],
      });
      expect(lintSpec(spec, { request, card, layout }).map(({ code }) => code)).toEqual(['not_covered_asks']);
    },
  );
});
