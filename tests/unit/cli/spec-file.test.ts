import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readSpecFile } from '../../../orchestrator/cli/spec-file.ts';
import { Failure } from '../../../orchestrator/domain/failure.ts';
import { renderSpecDocument } from '../../../orchestrator/domain/spec/document.ts';
import { request, specWith } from '../spec/samples.ts';

const spec = specWith();
const folder = mkdtempSync(join(tmpdir(), 'spec-file-'));
const file = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

function failure(path: string): Failure {
  try {
    readSpecFile(path);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('a Spec in a file', () => {
  it.each([
    ['a.md', renderSpecDocument(request, spec)],
    ['a.yaml', stringify({ request, ...spec })],
    ['a.yml', `# a comment\n## another\n${stringify({ request, ...spec })}`],
    ['a.json', JSON.stringify({ request, ...spec })],
    ['markdown', renderSpecDocument(request, spec)],
    ['yaml', stringify({ request, ...spec })],
    ['json', JSON.stringify({ request, ...spec })],
  ])('is read as %s', (name, text) => {
    expect(readSpecFile(file(name, text))).toEqual({ request, spec });
  });

  it.each([
    ['a key that there is not', 'b.yaml', stringify({ ...spec, approved: true }), /Unrecognized key: "approved"/],
    ['YAML that does not parse', 'c.yaml', 'title: [a', /expected YAML: .*line 1/s],
    ['a list', 'd.yaml', '- a\n', /expected an object/],
    ['an empty file', 'e.yaml', '', /expected an object/],
    ['aliases of aliases', 'f.yaml', bomb(), /expected YAML: Excessive alias count/],
    ['nesting without end', 'g.yaml', '['.repeat(90_000), /expected YAML/],
    ['more than a Spec has', 'h.yaml', `title: ${'x'.repeat(100_000)}`, /at most 100000 characters/],
    ['far more than a Spec has', 'i.md', 'x'.repeat(500_000), /at most 100000 characters/],
    ['bytes that are no text', 'j.md', Uint8Array.of(0x23, 0x20, 0xff, 0xfe), /is not UTF-8/],
  ])('is refused with %s', (_, name, content, expected) => {
    const began = performance.now();
    const { code, detail } = failure(file(name, content));
    expect({ code, detail }).toEqual({ code: 'spec_invalid', detail: expect.stringMatching(expected) });
    expect(performance.now() - began).toBeLessThan(3_000);
  });

  it('that is not there, or is a folder, is the caller’s mistake', () => {
    expect(failure(join(folder, 'none.md')).code).toBe('usage');
    expect(failure(folder).code).toBe('usage');
  });
});

function bomb(): string {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  return names
    .map(
      (name, at) =>
        `${name}: &${name} [${
          at === 0
            ? 'x'
            : Array(9)
                .fill(`*${names[at - 1]}`)
                .join(', ')
        }]`,
    )
    .join('\n');
}
