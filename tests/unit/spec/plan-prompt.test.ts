/** What PLAN is told: instructions in one file, the Spec's form in another. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPrompts } from '../../../orchestrator/cli/prompts.ts';
import { parsePrompt, renderPrompt, withPart } from '../../../orchestrator/domain/prompt.ts';
import { SPEC_VERSION } from '../../../orchestrator/domain/spec.ts';

const root = join(import.meta.dirname, '../../..');
const prompt = (system: string) => parsePrompt('plan', `${system}\n<!-- user -->\n{{request}}\n`);

/** What the plan was told that taught format version 3; then the form stood among the instructions. */
const recorded = (): string => {
  const file = join(root, 'runs/plans/every-answer-api-6a13/evidence/recording/PLAN-1-1.json');
  const { added } = JSON.parse(readFileSync(file, 'utf8')) as { added: { role: string; content: string }[] };
  return added.find(({ role }) => role === 'system')?.content ?? '';
};

describe('what PLAN is told', () => {
  const plan = readFileSync(join(root, 'prompts/plan.md'), 'utf8');
  const [instructions = '', afterwards = ''] = (plan.split('<!-- user -->')[0] ?? '').split('{{format}}');

  it('has the form in its place', () => {
    const { system } = renderPrompt(loadPrompts(join(root, 'prompts')).plan, { card: 'x', request: 'y' });
    expect(system).toBe(instructions + readFileSync(join(root, 'prompts/spec-format.md'), 'utf8').trim());
    expect(afterwards.trim()).toBe('');
    expect(system).toContain(`- version: ${SPEC_VERSION};`);
  });

  it('differs from what the plan was told that no example compiled of in the form alone', () => {
    expect(instructions.length).toBeGreaterThan(800);
    expect(recorded().slice(0, instructions.length)).toBe(instructions);
    expect(recorded().slice(instructions.length)).toMatch(/^- version: 2; title;/);
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
