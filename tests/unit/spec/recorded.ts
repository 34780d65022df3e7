import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { targetCardSchema } from '../../../orchestrator/domain/card.ts';
import { detectLayout } from '../../../orchestrator/domain/layout.ts';
import { specOfData } from '../../../orchestrator/domain/spec/document.ts';
import type { LintInput } from '../../../orchestrator/domain/spec/lint.ts';
import { type Spec, specSchema } from '../../../orchestrator/domain/spec.ts';

const root = join(import.meta.dirname, '../../..');
const runs = join(root, 'runs');
const written = join(root, 'docs/specs');

/** A Spec with what it was made for. */
export interface Recorded {
  readonly name: string;
  readonly spec: Spec;
  readonly input: LintInput;
}

/** The card that a run kept, else the stored one of its base. */
function inputOf(folder: string, request: string): LintInput {
  const own = join(folder, 'evidence/card.json');
  const { base_tree } = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as { base_tree: string };
  const card = targetCardSchema.parse(JSON.parse(readFileSync(existsSync(own) ? own : stored(base_tree), 'utf8')));
  return { request, card, layout: detectLayout(card.files) };
}

function stored(tree: string): string {
  return join(import.meta.dirname, 'cards', `${tree}.json`);
}

/** Every Spec that a kept run was built to, or that a kept plan made. */
export function recordedSpecs(): Recorded[] {
  return [runs, join(runs, 'plans')]
    .flatMap((kept) => readdirSync(kept).map((run) => ({ run, folder: join(kept, run) })))
    .filter(({ folder }) => existsSync(join(folder, 'evidence/spec.json')))
    .map(({ run, folder }) => {
      const request = readFileSync(join(folder, 'request.txt'), 'utf8').trim();
      const spec = specSchema.parse(JSON.parse(readFileSync(join(folder, 'evidence/spec.json'), 'utf8')));
      return { name: run, spec, input: inputOf(folder, request) };
    });
}

/** The Specs of docs/specs, written by hand for the default target. */
export function writtenSpecs(): Recorded[] {
  const card = targetCardSchema.parse(JSON.parse(readFileSync(stored('918c4972b1ed48eb9ec58d2cdbbe9eae023cbe02'), 'utf8')));
  return readdirSync(written)
    .map((file) => ({ file, data: parse(readFileSync(join(written, file), 'utf8')) as unknown }))
    .filter(({ data }) => data !== null && typeof data === 'object' && 'acceptance_criteria' in data)
    .map(({ file, data }) => {
      const { request, spec } = specOfData(data);
      return { name: file, spec, input: { request: request ?? '', card, layout: detectLayout(card.files) } };
    });
}
