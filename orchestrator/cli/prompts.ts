import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePrompt } from '../domain/prompt.ts';
import type { AgentPrompts } from '../pipeline/agents.ts';

/** The prompts of all agents, one file each. */
export function loadPrompts(folder: string): AgentPrompts {
  const load = (name: string) => parsePrompt(name, readFileSync(join(folder, `${name}.md`), 'utf8'));
  return { plan: load('plan'), scout: load('scout'), build: load('build'), 'test-writing': load('test-writing'), review: load('review') };
}
