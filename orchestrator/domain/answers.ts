/** A request after its questions were answered: the answers become part of it, so that a criterion can quote them. */

/**
 * The request with one paragraph a question, question and answer in one sentence: `Asked “Which average?”, a person answers: the mean`.
 * The answer stands there word for word; of the question only white space is folded, and a `;` keeps its inner sentences from ending.
 */
export function withAnswers(request: string, questions: readonly string[], answers: readonly string[]): string {
  const said = questions.map((question, i) => `${OPENING}${unbroken(question)}${CLOSING}${(answers[i] ?? '').trim()}`);
  return [request.trim(), ...said].join('\n\n');
}

/** A sentence of such a request without the question in it: a question's own numbers and names ask for nothing. */
export function withoutQuestion(sentence: string): string {
  const end = sentence.startsWith(OPENING) ? sentence.indexOf(CLOSING) : -1;
  return end < 0 ? sentence : sentence.slice(end + CLOSING.length);
}

const OPENING = 'Asked “';
const CLOSING = '”, a person answers: ';

function unbroken(question: string): string {
  return question
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/([.!?…]["'”’)\]*_]*) /g, '$1; ');
}
