import { describe, expect, test } from 'vitest';
import { withAnswers } from '../../../orchestrator/domain/answers.ts';
import { exampleThatCompiles } from '../../../orchestrator/domain/refusal.ts';
import { splitSentences } from '../../../orchestrator/domain/spec/sentences.ts';
import { c1, card, found, specWith } from './samples.ts';

const request = 'Let GET /products take ?sort=price';

describe('a request with its answers', () => {
  test.each([
    ['Which order?', 'ascending'],
    ['Which order? Ascending or descending?', 'ascending'],
    ['What of "price"? (It may be 0.) And e.g. ties?', 'by id'],
    ['Two lines:\n\n- one?\n- two?', 'both'],
  ])('holds question %j and its answer in one sentence', (question, answer) => {
    const sentences = splitSentences(withAnswers(request, [question], [answer])).map(({ text }) => text);
    expect(sentences).toHaveLength(2);
    expect(sentences[1]).toMatch(new RegExp(`^Asked “.*”, a person answers: ${answer}$`));
  });

  test('leaves request and answers word for word', () => {
    const answer = 'Ascending, "cheapest" first.  Ties by id.';
    const text = withAnswers(`${request}\n`, ['Which order?'], [answer]);
    expect(text).toBe(`${request}\n\nAsked “Which order?”, a person answers: ${answer}`);
  });

  test('can found a criterion on an answer, and no number of the question is missed', () => {
    const answered = withAnswers(
      request,
      ['Ascending or descending? Of `cost` or `price`, at most 10 or 50?'],
      ['ascending, and at most 50'],
    );
    const spec = specWith({
      acceptance_criteria: [
        c1,
        { ...c1, id: 'C2', from: 'ascending, and at most 50', rule: 'WHEN sort is price THE API SHALL list 50 at most' },
      ],
    });
    expect(found(spec, answered)).toEqual([]);
    const short = specWith({
      acceptance_criteria: [c1, { ...c1, id: 'C2', from: 'a person answers: yes', rule: 'WHEN asked THE API SHALL sort' }],
    });
    expect(found(short, withAnswers(request, ['Ascending?'], ['yes']))).toEqual([]);
  });

  test('misses what the answer says and the Spec does not', () => {
    const answered = withAnswers(request, ['At most 10?'], ['no, at most 50']);
    const spec = specWith({
      acceptance_criteria: [c1, { ...c1, id: 'C2', from: 'no, at most 50', rule: 'WHEN asked THE API SHALL list few' }],
    });
    expect(found(spec, answered)).toContain('request_not_covered request');
  });
});

describe('the example that a refusal shows', () => {
  test('is about the first route to read, as a path that can be asked', () => {
    expect(exampleThatCompiles(card)).toEqual([
      'WHEN GET /products is asked with limit 0 THE API SHALL answer 422',
      'when GET /products',
      '  query {"limit": 0}',
      'then 422',
    ]);
    const [route] = exampleThatCompiles({ routes: [{ method: 'POST', path: '/a/{id}/b', parameters: [], request: null, responses: [] }] });
    expect(route).toContain('POST /a/1/b');
  });

  test('is a call where there are no routes', () => {
    expect(exampleThatCompiles({ routes: { unavailable: 'no app' } })).toEqual([
      'WHEN function is called with 1, 2 and 6 THE API SHALL return 3',
      'call package.module:function([1, 2, 6])',
      'then returns 3',
    ]);
  });
});
