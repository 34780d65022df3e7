import { describe, expect, test } from 'vitest';
import { checkRequest, MAX_REQUEST_CHARS } from '../../../orchestrator/cli/request.ts';
import { newRunId } from '../../../orchestrator/cli/run-id.ts';

describe('a request', () => {
  test.each([
    ['', 'request_empty'],
    [' \n\t ', 'request_empty'],
    ['x'.repeat(MAX_REQUEST_CHARS + 1), 'request_too_long'],
    ['a\u0000b', 'request_unreadable'],
    ['a\u001b[31mb', 'request_unreadable'],
    ['caf\uFFFD', 'request_unreadable'],
  ])('that is %j is refused as %s', (text, code) => {
    expect(() => checkRequest(text)).toThrow(expect.objectContaining({ code }));
  });

  test('keeps its words, line breaks, quotes and accents', () => {
    expect(checkRequest('  Añade "orden"\n\tpor `precio` $5  ')).toBe('Añade "orden"\n\tpor `precio` $5');
  });
});

describe('a run’s name', () => {
  test('is safe as a branch, a folder and a container, whatever was asked', () => {
    for (const request of ['Let GET /products take ?sort=price', '日本語', '../../etc; rm -rf $HOME', 'x'.repeat(500)]) {
      expect(newRunId(request, '/nowhere')).toMatch(/^[a-z0-9][a-z0-9-]{0,33}-[0-9a-f]{4}$/);
    }
  });

  test('tells what it was about', () => {
    expect(newRunId('Let GET /products take an optional ?sort=price', '/nowhere')).toMatch(/^products-sort-price-/);
  });
});
