import { describe, expect, it } from 'vitest';
import { absenceCondition, parsePath, pathExpression } from '../../../orchestrator/domain/spec/path.ts';
import { stringLiteral } from '../../../orchestrator/domain/spec/python/literal.ts';

const python = (path: string): string => {
  const parsed = parsePath(path);
  return parsed.ok ? pathExpression('body', parsed.segments, stringLiteral) : `refused: ${parsed.reason}`;
};
const absence = (path: string): string | null => {
  const parsed = parsePath(path);
  return parsed.ok ? absenceCondition('body', parsed.segments, stringLiteral) : parsed.reason;
};

describe('a path into an answer', () => {
  it.each([
    ['$', 'body'],
    ['$.items[0].name', 'body["items"][0]["name"]'],
    ['$.items[-1]', 'body["items"][-1]'],
    ['$[2]', 'body[2]'],
    ['$.items[*].name', '[item["name"] for item in body["items"]]'],
    ['$[*].id', '[item["id"] for item in body]'],
    ['$.items[*]', 'body["items"]'],
    ['$.orders[*].lines[*].sku', '[inner["sku"] for item in body["orders"] for inner in item["lines"]]'],
    ['$.items.length', 'len(body["items"])'],
    ['$.items.length()', 'len(body["items"])'],
    ['$.items[*].tags.length', '[len(item["tags"]) for item in body["items"]]'],
    ['$.length.unit', 'body["length"]["unit"]'],
    ["$['length']", 'body["length"]'],
    ["$['a b'].c-d", 'body["a b"]["c-d"]'],
    ['$["x\\"]; import os"]', `body['x"]; import os']`],
  ])('%s becomes %s', (path, expression) => {
    expect(python(path)).toBe(expression);
  });

  it.each(['items', '$..name', '$.items[?(@.a)]', '$.items[0:2]', '$.a b', '$.', '$[', '$.a.', '$x', '$.items[*].length', '$[1e3]'])(
    '%s is refused',
    (path) => {
      expect(python(path)).toMatch(/^refused: /);
    },
  );

  it.each([
    ['$.secret', '"secret" not in body'],
    ['$.items[0].secret', '"secret" not in body["items"][0]'],
    ['$.items[*].secret', 'all("secret" not in item for item in body["items"])'],
    ['$.items[*].a.b', 'all("b" not in item["a"] for item in body["items"])'],
    ['$.a[*].b[*].c', 'all("c" not in element for element in [inner for item in body["a"] for inner in item["b"]])'],
    ['$.items[2]', 'len(body["items"]) <= 2'],
    ['$', null],
    ['$.items[*]', null],
    ['$.items.length', null],
  ])('%s is absent when %s', (path, condition) => {
    expect(absence(path)).toBe(condition);
  });
});
