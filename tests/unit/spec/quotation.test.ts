import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findQuotation } from '../../../orchestrator/domain/spec/quotation.ts';

const text = 'Let GET /products take “?sort=price”,  an unknown sort\nfield is a 422 – always. It isn’t cached.';
const quoted = (quotation: string) => findQuotation(quotation, text).map(({ start, end }) => text.slice(start, end));

describe('a quotation', () => {
  it.each([
    ['white space', 'an unknown sort field is a 422', 'an unknown sort\nfield is a 422'],
    ['quotation marks', 'take "?sort=price"', 'take “?sort=price”'],
    ['an apostrophe', "It isn't cached", 'It isn’t cached'],
    ['a dash', 'a 422 - always', 'a 422 – always'],
    ['the case of the first letter', 'An unknown sort field', 'an unknown sort\nfield'],
    ['punctuation at the end', 'an unknown sort field is a 422.', 'an unknown sort\nfield is a 422'],
  ])('may differ in %s', (_, quotation, place) => {
    expect(quoted(quotation)).toEqual([place]);
  });

  it.each([
    ['another word', 'an invalid sort field is a 422'],
    ['a changed number', 'an unknown sort field is a 423'],
    ['a word left out', 'an unknown field is a 422'],
    ['an ellipsis between two pieces', 'Let GET … always'],
    ['part of a word', 'known sort field is'],
    ['a capital further in', 'an unknown Sort field'],
    ['nothing', ' . '],
  ])('is none with %s', (_, quotation) => {
    expect(quoted(quotation)).toEqual([]);
  });

  it('is found in every place where it stands', () => {
    expect(findQuotation('a cat', 'A cat sees a cat and a category.')).toHaveLength(2);
  });

  it('is found for any words of any text', () => {
    const word = fc.stringMatching(/^[a-z$^*().?+]{1,6}[a-z]$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 2, maxLength: 12 }), fc.nat(), fc.nat(), (words, a, b) => {
        const from = a % words.length;
        const count = 1 + (b % (words.length - from));
        const quotation = words.slice(from, from + count).join(' ');
        const whole = words.join('\n ');
        const places = findQuotation(quotation, whole).map(({ start, end }) => whole.slice(start, end).replace(/\s+/g, ' '));
        expect(places.map((place) => place.slice(1))).toContain(quotation.slice(1));
      }),
    );
  });
});
