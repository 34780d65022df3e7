import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitSentences } from '../../../orchestrator/domain/spec/sentences.ts';

const texts = (request: string) => splitSentences(request).map(({ text }) => text);

describe('sentences of a request', () => {
  it('ends a sentence at a full stop, a question mark and an exclamation mark', () => {
    expect(texts('Sort by price. Is it possible? Do it! And then rest')).toEqual([
      'Sort by price.',
      'Is it possible?',
      'Do it!',
      'And then rest',
    ]);
  });

  it.each([
    ['a query string', 'Let GET /products take ?sort=price or ?sort=-price and nothing else.'],
    ['a decimal', 'A discount of 2.5 percent is taken off.'],
    ['a file name and a dotted name', 'Put it in app/main.py next to app.text.slugify please now.'],
    ['an abbreviation before a small letter', 'Allow some fields, e.g. price, i.e. the net one, etc. and more.'],
    ['an abbreviation before a capital', 'Allow some fields, e.g. Price.'],
    ['a number after an abbreviation', 'See rule no. 5 of the list.'],
    ['a semicolon', 'Sort by price; ties go by name.'],
    ['a full stop in backticks', 'Answer `a. B. c` to everybody.'],
    ['an initial', 'Ask J. Smith about it.'],
    ['an ellipsis that goes on', 'Sort by price... or by name.'],
    ['a line break', 'Sort by price\nand by name.'],
    ['a version and an address', 'Keep https://example.org/a.b?c=d at v1.2 for all.'],
  ])('does not end one inside %s', (_, request) => {
    expect(texts(request)).toEqual([request]);
  });

  it('ends a sentence after “etc.” when a capital follows', () => {
    expect(texts('Take price, name etc. Others are refused.')).toEqual(['Take price, name etc.', 'Others are refused.']);
  });

  it('takes sentences that begin with a small letter or a quotation', () => {
    expect(texts('sort it. then stop. "price" is the default.')).toEqual(['sort it.', 'then stop.', '"price" is the default.']);
  });

  it('takes list items and paragraphs as sentences, and a line that introduces a list as part of its first item', () => {
    expect(texts('Sorting\n\nIt must:\n- take price\n- take name\n1. First thing.\n2. Second thing')).toEqual([
      'Sorting',
      'It must:\n- take price',
      'take name',
      'First thing.',
      'Second thing',
    ]);
  });

  it('keeps closing quotation marks and brackets with their sentence', () => {
    expect(texts('Say "no." Then stop. (Really.) Go.')).toEqual(['Say "no."', 'Then stop.', '(Really.)', 'Go.']);
  });

  it('leaves out courtesies and pieces without a word', () => {
    expect(texts('Hi team! Sort by price. Thanks! ---')).toEqual(['Sort by price.']);
  });

  it('gives the place of every sentence, in order and without overlap', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'B', '.', '?', ' ', '\n', '- ', '1.', '`', 'e.g.', '"', ':', '…'), { maxLength: 40 }),
        (pieces) => {
          const request = pieces.join('');
          let last = 0;
          for (const { text, start, end } of splitSentences(request)) {
            expect(request.slice(start, end)).toBe(text);
            expect(start).toBeGreaterThanOrEqual(last);
            last = end;
          }
        },
      ),
    );
  });

  it('loses no letter of a request', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('Sort', 'by', 'price.', 'Then', 'stop!', 'e.g.', '2.5', '\n\n', '`a. B`'), { maxLength: 30 }),
        (words) => {
          const request = words.join(' ');
          const letters = (text: string) => text.replace(/[^A-Za-z]/g, '');
          expect(letters(texts(request).join(''))).toBe(letters(request));
        },
      ),
    );
  });
});
