/** What PLAN is told: instructions in one file, the Spec's form in another. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPrompts } from '../../../orchestrator/cli/prompts.ts';
import { parsePrompt, renderPrompt, withPart } from '../../../orchestrator/domain/prompt.ts';

const root = join(import.meta.dirname, '../../..');
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const prompt = (system: string) => parsePrompt('plan', `${system}\n<!-- user -->\n{{request}}\n`);

/** What the recorded plan of G05 was told, before the form had a file of its own. */
const recorded = (): string => {
  const file = join(root, 'runs/plans/every-answer-api-6a13/evidence/recording/PLAN-1-1.json');
  const { added } = JSON.parse(readFileSync(file, 'utf8')) as { added: { role: string; content: string }[] };
  return added.find(({ role }) => role === 'system')?.content ?? '';
};

describe('what PLAN is told', () => {
  it('is to the byte what it was when the form stood among the instructions', () => {
    const { system } = renderPrompt(loadPrompts(join(root, 'prompts')).plan, { card: 'x', request: 'y' });
    expect(sha256(system)).toBe('99695cf44c62305bcffea2eae0d7178602073962b8202892c1e496a49b8a1cd2');
    expect(system).toBe(recorded());
  });
});

describe('a part of a prompt that has a file of its own', () => {
  it('stands in its place as it is, whatever signs it holds', () => {
    const text = '- {"a": {"b": 1}} costs $1, $& and $\'\n';
    expect(withPart(prompt('Answer so:\n{{form}}\nNow.'), 'form', text).system).toBe(`Answer so:\n${text.trim()}\nNow.`);
  });

  it.each([
    ['no place for it', 'Answer.', 'x', 'must have exactly one {{form}}'],
    ['two places for it', '{{form}} {{form}}', 'x', 'must have exactly one {{form}}'],
    ['a placeholder in it', '{{form}}', 'As {{request}} says.', 'has a placeholder itself: {{request}}'],
  ])('is an error with %s', (_, system, text, message) => {
    expect(() => withPart(prompt(system), 'form', text)).toThrow(message);
  });

  it('is missed where nobody puts it in', () => {
    expect(() => renderPrompt(prompt('{{form}}'), { request: 'y' })).toThrow('wants {{form}}, which nobody gives');
  });
});
