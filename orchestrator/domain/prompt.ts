import { Failure } from './failure.ts';

/** A prompt as its file has it: a system part and a user part with `{{placeholders}}`. */
export interface PromptTemplate {
  readonly name: string;
  readonly system: string;
  readonly user: string;
}

const SEPARATOR = /^<!-- user -->$/m;
const PLACEHOLDER = /\{\{([a-z_]+)\}\}/g;

/** Read a prompt file: everything before the line `<!-- user -->` is the system message, everything after it the user's. */
export function parsePrompt(name: string, text: string): PromptTemplate {
  const parts = text.split(SEPARATOR);
  if (parts.length !== 2) throw new Failure('bug', `prompts/${name}.md must have exactly one line "<!-- user -->"`);
  const [system = '', user = ''] = parts;
  return { name, system: system.trim(), user: user.trim() };
}

/**
 * The prompt with a text that has a file of its own in the place `{{part}}` of its system message. An error where there is no such place, or
 * where the text has a placeholder: what is filled in for a request never gets into it.
 */
export function withPart(template: PromptTemplate, part: string, text: string): PromptTemplate {
  const place = `{{${part}}}`;
  const pieces = template.system.split(place);
  if (pieces.length !== 2) throw new Failure('bug', `prompts/${template.name}.md must have exactly one ${place} in its system message`);
  const [hole] = text.match(PLACEHOLDER) ?? [];
  if (hole !== undefined)
    throw new Failure('bug', `the text for ${place} in prompts/${template.name}.md has a placeholder itself: ${hole}`);
  return { ...template, system: pieces.join(text.trim()) };
}

/** Fill in a prompt. An unknown or a missing placeholder is an error: a prompt with a hole in it must never reach a model. */
export function renderPrompt(template: PromptTemplate, values: Readonly<Record<string, string>>): { system: string; user: string } {
  const used = new Set<string>();
  const fill = (text: string) =>
    text.replace(PLACEHOLDER, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Failure('bug', `prompts/${template.name}.md wants {{${name}}}, which nobody gives`);
      used.add(name);
      return value;
    });
  const rendered = { system: fill(template.system), user: fill(template.user) };
  const unused = Object.keys(values).filter((name) => !used.has(name));
  if (unused.length > 0) throw new Failure('bug', `prompts/${template.name}.md has no place for ${unused.join(', ')}`);
  return rendered;
}
