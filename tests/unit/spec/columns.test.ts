import { describe, expect, it } from 'vitest';
import type { Example } from '../../../orchestrator/domain/spec.ts';
import { compiled, found, specOf } from './samples.ts';

const words = 'Let GET /products take ?sort=price.';
const http = (path: string, status: number | string, table: object, more: object = {}) =>
  ({ type: 'http', when: { method: 'GET', path, ...more }, then: { status }, table }) as Example;
const codes = (example: Example) => found(specOf([example], { constraints: ['GET /products keeps its form'] }), words);

describe('a path and a status by column', () => {
  it('compile to parameters of the test', () => {
    const { content, prose } = compiled(specOf([http('$path', '$status', { path: ['/products', '/nowhere'], status: [200, 404] })]));
    expect(prose).toEqual([]);
    expect(content).toContain('    ("path", "status"),\n    [("/products", 200), ("/nowhere", 404)],');
    expect(content).toContain('    path: str,\n    status: int,\n');
    expect(content).toContain('response = client.get(path)');
    expect(content).toContain('assert response.status_code == status, response.text');
  });

  it('do not follow a redirection when one of the statuses is one', () => {
    const { content } = compiled(specOf([http('$path', '$status', { path: ['/a', '/b'], status: [200, 307] })]));
    expect(content).toContain('follow_redirects=False');
  });

  it('are nothing to find fault with', () => {
    expect(codes(http('$path', '$status', { path: ['/products', '/nowhere'], status: [200, 404] }))).toEqual([]);
  });

  it.each([
    [
      'a path of no column',
      http('$where', 404, { path: ['/a'] }, { query: { a: '$path' } }),
      ['name_undefined C1.examples[0].when', 'path_template C1.examples[0].when.path'],
    ],
    ['a path that begins with a name', http('$path/x', 404, { path: ['/a'] }), ['path_template C1.examples[0].when.path']],
    ['a column of something else than paths', http('$path', 404, { path: ['/a', 'b'] }), ['path_template C1.examples[0].when.path']],
    ['a column of route templates', http('$path', 404, { path: ['/a/{id}'] }), ['path_template C1.examples[0].when.path']],
    [
      'a column with a query beside `query`',
      http('$path', 404, { path: ['/a?b=1'] }, { query: { c: 1 } }),
      ['query_twice C1.examples[0].when.path'],
    ],
    [
      'a column of something else than statuses',
      http('/a$x', '$status', { x: [1, 2], status: [404, '422'] }),
      ['value_never_equal C1.examples[0].then.status'],
    ],
    ['a status of no column', http('/a$x', '$status', { x: [1] }), ['value_never_equal C1.examples[0].then.status']],
  ])('are answered to with %s', (_, example, expected) => {
    expect(codes(example)).toEqual(expected);
    expect(compiled(specOf([example])).tests).toEqual([]);
  });

  it('contradict another example row by row', () => {
    const one = http('$path', '$status', { path: ['/a', '/b'], status: [200, 404] });
    const other: Example = { type: 'http', when: { method: 'GET', path: '/b' }, then: { status: 410 } };
    expect(found(specOf([one, other], { constraints: ['GET /products keeps its form'] }), words)).toEqual(['contradiction C1.examples[1]']);
  });
});
