import type { Fact } from '../domain/verdict.ts';
import { WORDS_CHARS } from './sizes.ts';

/** The facts that do not hold. */
export function broken(facts: readonly Fact[]): Fact[] {
  return facts.filter(({ holds }) => !holds);
}

/** What failed, in the tools' own words, for the model that gets it back. */
export function wordsOfFacts(facts: readonly Fact[]): string {
  const parts = broken(facts).map(
    ({ name, code, evidence, words }) => `${code ?? name}: ${evidence}${words === undefined ? '' : `\n${words}`}`,
  );
  const text = parts.join('\n\n');
  return text.length <= WORDS_CHARS ? text : `${text.slice(0, WORDS_CHARS)}\n… (cut)`;
}

/** The first fault in one line, for people. */
export function reasonOf(facts: readonly Fact[]): string {
  const [first, ...more] = broken(facts);
  if (first === undefined) return '';
  const place = first.where?.[0];
  const at = place === undefined ? '' : `${place.path}${place.line === undefined ? '' : `:${place.line}`} `;
  const detail = first.evidence.includes(at) ? first.evidence : `${at}${first.evidence}`;
  return `${detail}${more.length === 0 ? '' : ` (and ${more.length} more)`}`.split('\n')[0] ?? '';
}
