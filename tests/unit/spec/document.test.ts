/** SPEC.md is held to the code: its example lints and compiles to what it shows, and it leaves no field or finding out. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { compileExamples } from '../../../orchestrator/domain/spec/compile.ts';
import { renderSpecDocument } from '../../../orchestrator/domain/spec/document.ts';
import { SPEC_FINDINGS } from '../../../orchestrator/domain/spec/finding.ts';
import { lintSpec } from '../../../orchestrator/domain/spec/lint.ts';
import { criterionSchema, exampleSchema, SPEC_VERSION, specSchema } from '../../../orchestrator/domain/spec.ts';
import { card, layout } from './samples.ts';

const document = readFileSync(new URL('../../../SPEC.md', import.meta.url), 'utf8');
const block = (language: string) => new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(document)?.[1] ?? '';
const request = block('text').trim();
const spec = specSchema.parse(parse(block('yaml')));

/** Every key of every object in a schema. */
function keysOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(keysOf);
  if (node === null || typeof node !== 'object') return [];
  const own = 'properties' in node && node.properties !== null && typeof node.properties === 'object' ? Object.keys(node.properties) : [];
  return [...own, ...Object.values(node).flatMap(keysOf)];
}

describe('SPEC.md', () => {
  it('describes the version that the schema takes', () => {
    expect(document).toMatch(new RegExp(`^# The Spec, version ${SPEC_VERSION}$`, 'm'));
    expect(document).toMatch(new RegExp(`^### ${SPEC_VERSION}$`, 'm'));
  });

  it('shows a Spec in which the linter finds nothing', () => {
    expect(lintSpec(spec, { request, card, layout })).toEqual([]);
  });

  it('shows the file that its example compiles to', () => {
    const compiled = compileExamples(spec, { card, layout });
    expect(block('python')).toBe(compiled.content);
    expect(document).toContain(`\`${compiled.path}\``);
    expect(compiled.prose).toEqual([{ criterion: 'C1', example: 1, text: expect.stringContaining('same price') }]);
  });

  it('shows how its example begins in the markdown form', () => {
    const shown = /````markdown\n([\s\S]*?)````/.exec(document)?.[1] ?? '';
    expect(shown).toContain('### C1');
    expect(renderSpecDocument(request, spec).startsWith(shown)).toBe(true);
  });

  it('names every field', () => {
    const fields = new Set(
      [specSchema, criterionSchema, exampleSchema].flatMap((schema) => keysOf(z.toJSONSchema(schema, { unrepresentable: 'any' }))),
    );
    expect(fields.size).toBeGreaterThan(30);
    expect([...fields].filter((field) => !new RegExp(`[\`{ ,]${field}[\`:,} ]`).test(document))).toEqual([]);
  });

  it('lists every finding with the rule that the code gives it', () => {
    const rows = [...document.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, code, rule]) => [code, rule]);
    const expected = Object.entries(SPEC_FINDINGS);
    expect(rows.filter(([code = '']) => code in SPEC_FINDINGS)).toEqual(expected);
  });
});
