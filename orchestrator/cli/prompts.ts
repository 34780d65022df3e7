import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePrompt, withPart } from '../domain/prompt.ts';
import type { AgentPrompts } from '../pipeline/agents.ts';

/** The prompts of all agents, one file each; the Spec's form, on which PLAN's instructions do not depend, has one of its own. */
export function loadPrompts(folder: string): AgentPrompts {
  const read = (name: string) => readFileSync(join(folder, `${name}.md`), 'utf8');
  const load = (name: string) => parsePrompt(name, read(name));
  const plan = withPart(load('plan'), 'format', read('spec-format'));
  return { plan, scout: load('scout'), build: load('build'), 'test-writing': load('test-writing'), review: load('review') };
}
