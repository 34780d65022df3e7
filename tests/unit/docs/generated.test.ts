import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generatedPages } from '../../../orchestrator/cli/docs/pages.ts';
import { CATALOGUE } from '../../../orchestrator/domain/failure.ts';

const root = join(import.meta.dirname, '../../..');
const pages = generatedPages(root);

describe('the generated pages', () => {
  test.each([...pages])('%s is up to date (make docs)', (path, text) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(text);
  });

  test('name every failure code exactly once, with its advice', () => {
    const text = pages.get('docs/troubleshooting.md') ?? '';
    for (const code of Object.keys(CATALOGUE)) expect(text.split(`| \`${code}\` |`).length, code).toBe(2);
  });
});

describe('the pages for people', () => {
  const files = [
    'README.md',
    'SPEC.md',
    'CONTRIBUTING.md',
    ...readdirSync(join(root, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ];

  test.each(files.filter((file) => existsSync(join(root, file))))('%s links to nothing that is not there', (file) => {
    const text = readFileSync(join(root, file), 'utf8').replace(/```[\s\S]*?```/g, '');
    const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map((match) => match[1] ?? '')
      .filter((link) => !/^[a-z]+:/.test(link));
    expect(links.filter((link) => !existsSync(join(root, dirname(file), link)))).toEqual([]);
  });
});
