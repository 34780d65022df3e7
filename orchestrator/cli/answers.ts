import { withAnswers } from '../domain/answers.ts';
import { Failure } from '../domain/failure.ts';
import { checkRequest } from './request.ts';

/**
 * The request with the answers of `--answer Q1="…"` in it. Throws usage, naming it, for a question without an answer, an answer without a
 * question, and one that is empty or given twice; and what `checkRequest` throws.
 */
export function answeredRequest(request: string, questions: readonly string[], given: readonly string[]): string {
  const answers = new Map<string, string>();
  for (const text of given) {
    const [, id = '', answer = ''] = /^(Q[1-9][0-9]?)=([\s\S]*)$/.exec(text) ?? [];
    if (id === '') throw new Failure('usage', `--answer ${text}: an answer is written Q1="…"`);
    if (answers.has(id)) throw new Failure('usage', `--answer ${id} is given twice`);
    if (answer.trim() === '') throw new Failure('usage', `--answer ${id} is empty`);
    answers.set(id, answer);
  }
  const asked = questions.map((_, i) => `Q${i + 1}`);
  const unknown = [...answers.keys()].filter((id) => !asked.includes(id));
  if (unknown.length > 0) throw new Failure('usage', `--answer ${unknown.join(', ')}: the questions are ${asked.join(', ')}`);
  const open = questions.flatMap((question, i) => (answers.has(`Q${i + 1}`) ? [] : [`Q${i + 1} has no answer: ${question}`]));
  if (open.length > 0) throw new Failure('usage', open.join('\n'));
  return checkRequest(
    withAnswers(
      request,
      questions,
      asked.map((id) => answers.get(id) ?? ''),
    ),
  );
}
