/** Specs as a careless or hostile PLAN might write them: an honest one with one thing made false, and what the linter says to it. */
import { describe, expect, it } from 'vitest';
import type { SpecFindingCode } from '../../../orchestrator/domain/spec/finding.ts';
import { lintSpec } from '../../../orchestrator/domain/spec/lint.ts';
import { type Criterion, type Spec, specSchema } from '../../../orchestrator/domain/spec.ts';
import { recordedSpecs } from './recorded.ts';
import { card, layout, specWith } from './samples.ts';

const stock = recordedSpecs().find(({ name }) => name === 'warehouse-staff-see-b20d');
if (stock === undefined) throw new Error('the recorded run is gone');

const LIMITS =
  'A customer must not order more than 100 pieces of a product: such a line is refused with 409, and no stock is reserved. ' +
  'Cancelled orders are shown for at least 30 days, then the manager gets an e-mail notice. An answer in `POST /orders` names the free stock; see GET /products for its form.';

const http = (method: 'GET' | 'POST', path: string, status: number, quantity?: number): Criterion['examples'][number] => ({
  type: 'http',
  when: { method, path, ...(quantity === undefined ? {} : { json: { quantity } }) },
  then: { status },
});

const limits = specWith({
  acceptance_criteria: [
    {
      id: 'C1',
      kind: 'new',
      from: 'A customer must not order more than 100 pieces of a product: such a line is refused with 409, and no stock is reserved.',
      rule: 'WHEN a line of POST /orders has more than 100 pieces THE API SHALL answer 409 and leave the stock as it was',
      examples: [http('POST', '/orders', 409, 101)],
    },
    {
      id: 'C2',
      kind: 'new',
      from: 'Cancelled orders are shown for at least 30 days',
      rule: 'WHEN an order was cancelled less than 30 days ago THE API SHALL list it, and afterwards e-mail the manager a notice',
      examples: [{ type: 'prose', text: 'Cancel an order and list it after 29 days.' }],
    },
    {
      id: 'C3',
      kind: 'new',
      from: 'An answer in `POST /orders` names the free stock',
      refined_by: ['A1'],
      rule: 'WHEN an order is made with POST /orders THE API SHALL name the free stock of each product in the answer',
      examples: [http('POST', '/orders', 201, 1)],
    },
  ],
  assumptions: [{ id: 'A1', text: 'The free stock is the stock after this order was reserved.' }],
});

/** A Spec with some of its criteria changed. */
const changed = (spec: Spec, changes: Readonly<Record<string, object>>, more: Partial<Spec> = {}): Spec =>
  specSchema.parse({
    ...spec,
    acceptance_criteria: spec.acceptance_criteria.map((criterion) => ({ ...criterion, ...changes[criterion.id] })),
    ...more,
  });

const without = (spec: Spec, id: string): Spec => ({
  ...spec,
  acceptance_criteria: spec.acceptance_criteria.filter((criterion) => criterion.id !== id),
});

/** Every text of a Spec with one piece replaced. */
const replaced = (spec: Spec, from: string | RegExp, to: string): Spec =>
  specSchema.parse({
    ...(JSON.parse(JSON.stringify(spec).replaceAll(from, to)) as Spec),
    acceptance_criteria: spec.acceptance_criteria.map((criterion) => ({
      ...(JSON.parse(JSON.stringify(criterion).replaceAll(from, to)) as Criterion),
      from: criterion.from,
    })),
    not_covered: spec.not_covered,
  });

const codesOfStock = (spec: Spec) => [...new Set(lintSpec(spec, stock.input).map(({ code }) => code))];
const codesOfLimits = (spec: Spec) => [...new Set(lintSpec(spec, { request: LIMITS, card, layout }).map(({ code }) => code))];

const second = 'The threshold is an optional query parameter, 5 unless given, a whole number from 0 to 1000; anything else is a 422.';

const ofStock: readonly (readonly [string, Spec, readonly string[]])[] = [
  ['a sentence dropped', without(stock.spec, 'C2'), ['request_not_covered']],
  [
    'a sentence that asks for something put away as not covered',
    { ...without(stock.spec, 'C2'), not_covered: [...stock.spec.not_covered, { sentence: second, reason: 'It is not needed.' }] },
    ['not_covered_asks'],
  ],
  ['a value changed from 1000 to 10000', replaced(stock.spec, /\b1000\b/g, '10000'), ['request_not_covered']],
  ['a status changed from 422 to 400', changed(replaced(stock.spec, /422/g, '400'), {}, { constraints: [] }), ['request_not_covered']],
  ['the route changed', replaced(stock.spec, '/products/low-stock', '/stock/low'), ['request_not_covered']],
  [
    'a quotation of the card and not of the request',
    changed(stock.spec, { C3: { from: 'List products, newest id last' } }),
    ['criterion_without_source', 'request_not_covered'],
  ],
  ['a quotation of one word', changed(stock.spec, { C3: { from: 'the' } }), ['criterion_without_source']],
  [
    'a quotation of words that say nothing',
    changed(stock.spec, { C3: { from: 'it lists the' } }),
    ['criterion_without_source', 'request_not_covered'],
  ],
  [
    'a quotation with its value changed',
    changed(stock.spec, { C2: { from: second.replace('1000', '100') } }),
    ['criterion_without_source', 'request_not_covered'],
  ],
  [
    'a quotation with a character in it that is not drawn',
    changed(stock.spec, { C2: { from: second.replace('5 unless', '5\u200b unless') } }),
    ['criterion_without_source', 'request_not_covered'],
  ],
  [
    'a rule about something else under an honest quotation',
    changed(stock.spec, {
      C3: {
        rule: 'WHEN nobody looks THE API SHALL open the maintenance window',
        examples: [http('GET', '/maintenance', 200)],
        refined_by: [],
      },
    }),
    ['rule_off_source'],
  ],
  [
    'an assumption that founds a criterion',
    changed(
      stock.spec,
      { C3: { rule: 'WHEN anything is listed THE API SHALL mail a report to the warehouse manager', refined_by: ['A1'] } },
      { assumptions: [{ id: 'A1', text: 'A report is mailed to the warehouse manager.' }, ...stock.spec.assumptions.slice(1)] },
    ),
    ['founded_on_assumption'],
  ],
  [
    'everything called preserved, so that nothing has to be proven',
    changed(stock.spec, { C1: { kind: 'preserved' }, C2: { kind: 'preserved' }, C3: { kind: 'preserved' } }),
    ['nothing_new'],
  ],
  [
    'an exclusion of what is asked for, in words of its own',
    { ...stock.spec, out_of_scope: ['Paging of the list'] },
    ['scope_contradicts'],
  ],
  [
    'a rule whose examples show another status',
    changed(stock.spec, { C2: { examples: [http('GET', '/products/low-stock?threshold=few', 404)] } }),
    ['status_not_shown'],
  ],
  [
    'a package brought in',
    { ...stock.spec, dependencies: [{ name: 'requests', reason: 'to report the stock' }] },
    ['dependency_not_allowed'],
  ],
  ['a gate’s configuration as a place to change', { ...stock.spec, touchpoints: ['pyproject.toml'] }, ['touchpoint_protected']],
];

const ofLimits: readonly (readonly [string, Spec, readonly string[]])[] = [
  [
    'half a sentence dropped',
    changed(replaced(limits, /, and afterwards e-mail the manager a notice/g, ''), {
      C2: { from: 'Cancelled orders are shown for at least 30 days' },
    }),
    ['request_not_covered'],
  ],
  [
    'a bound changed from more than to at least',
    changed(limits, {
      C1: { rule: 'WHEN a line of POST /orders has at least 100 pieces THE API SHALL answer 409 and leave the stock as it was' },
    }),
    ['bound_changed'],
  ],
  [
    'a bound changed from at least to more than',
    changed(limits, {
      C2: { rule: 'WHEN an order was cancelled THE API SHALL list it for more than 30 days, and afterwards e-mail the manager a notice' },
    }),
    ['bound_changed'],
  ],
  [
    'a bound turned round',
    changed(limits, {
      C2: { rule: 'WHEN an order was cancelled THE API SHALL list it for at most 30 days, and afterwards e-mail the manager a notice' },
    }),
    ['bound_changed'],
  ],
  [
    'a unit changed',
    changed(limits, {
      C2: {
        rule: 'WHEN an order was cancelled less than 30 minutes ago THE API SHALL list it, and afterwards e-mail the manager a notice',
      },
    }),
    ['unit_changed'],
  ],
  [
    'a negation flipped',
    changed(limits, {
      C1: {
        rule: 'WHEN a line of POST /orders has more than 100 pieces THE API SHALL order them and answer 201',
        examples: [http('POST', '/orders', 201, 101)],
      },
    }),
    ['request_not_covered', 'negation_lost'],
  ],
];

const AGAINST_THE_REQUEST: readonly SpecFindingCode[] = [
  'criterion_without_source',
  'request_not_covered',
  'not_covered_asks',
  'rule_off_source',
  'founded_on_assumption',
  'negation_lost',
  'bound_changed',
  'unit_changed',
  'status_not_shown',
  'nothing_new',
];

/** What REVIEW, or a person, has to see: two texts that share their words and do not mean the same. */
const unseen: readonly (readonly [string, Spec])[] = [
  [
    'an order turned round in other words',
    changed(stock.spec, {
      C1: {
        rule: 'WHEN GET /products/low-stock is requested, THE API SHALL list the products whose stock is at or below the threshold, the highest stock first.',
      },
    }),
  ],
  [
    'two numbers of a sentence exchanged',
    changed(stock.spec, {
      C2: {
        rule: 'WHEN GET /products/low-stock is requested, THE API SHALL take the query parameter threshold, a whole number from 0 to 5 and 1000 if it is left out, and answer 422 to any other value.',
      },
    }),
  ],
  [
    'a thing more in a rule that is founded',
    changed(stock.spec, {
      C3: {
        rule: 'WHEN GET /products/low-stock is requested without an API key, THE API SHALL answer with the page that limit and offset cut out of the ordered list, and log the address of the client.',
      },
    }),
  ],
  [
    'an assumption against the request',
    { ...stock.spec, assumptions: [{ id: 'A1', text: 'Stock counts what is reserved as well.' }, ...stock.spec.assumptions.slice(1)] },
  ],
  ['a title and an intent of something else', { ...stock.spec, title: 'Delete all products', intent: 'The catalogue is to go.' }],
];

describe('the linter, attacked', () => {
  it('finds nothing in the honest Specs', () => {
    expect(codesOfStock(stock.spec)).toEqual([]);
    expect(codesOfLimits(limits)).toEqual([]);
  });

  it.each([...ofStock])('sees %s', (_, spec, codes) => {
    expect(codesOfStock(spec)).toEqual(codes);
  });

  it.each([...ofLimits])('sees %s', (_, spec, codes) => {
    expect(codesOfLimits(spec)).toEqual(codes);
  });

  it('is attacked with every rule that holds the Spec against the request', () => {
    const seen = new Set([...ofStock, ...ofLimits].flatMap(([, , codes]) => codes));
    expect(AGAINST_THE_REQUEST.filter((code) => !seen.has(code))).toEqual([]);
  });

  it.each([...unseen])('does not see %s: SPEC.md says so', (_, spec) => {
    expect(codesOfStock(spec)).toEqual([]);
  });
});
