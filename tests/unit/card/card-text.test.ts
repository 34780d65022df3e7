import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TargetCard } from '../../../orchestrator/domain/card.ts';
import { renderCard } from '../../../orchestrator/domain/card-text.ts';

const symbol = (name: string, from: number, signature: string) => ({ name, kind: 'function' as const, from, to: from + 4, signature });
const route = (method: string, path: string) => ({
  method,
  path,
  parameters: ['query limit: integer(>=1), default 20'],
  request: null,
  responses: ['200 Page{items,total}', '422'],
});

const card: TargetCard = {
  files: ['CHANGELOG.md', 'app/main.py', 'app/text.py', 'tests/conftest.py', 'tests/test_a.py'],
  readmeHead: '# Shop\n\nSells things.',
  dependencies: ['pydantic>=2', 'fastapi>=0.100'],
  fixtures: [
    { name: 'auth_headers', file: 'tests/conftest.py', line: 9, returns: null, parameters: [], doc: null },
    {
      name: 'client',
      file: 'tests/conftest.py',
      line: 3,
      returns: 'Iterator[TestClient]',
      parameters: ['app'],
      doc: 'A client without a key.',
    },
  ],
  outline: [
    {
      path: 'tests/test_a.py',
      lines: 30,
      symbols: [symbol('test_one', 1, 'def test_one() -> None'), symbol('test_two', 8, 'def test_two() -> None')],
    },
    {
      path: 'app/main.py',
      lines: 40,
      symbols: [
        symbol('create_app', 3, 'def create_app(settings: Settings) -> FastAPI'),
        symbol('Shop.open', 20, 'def open(self) -> None'),
      ],
    },
    { path: 'app/text.py', lines: 9, symbols: [symbol('slugify', 2, 'def slugify(text: str) -> str')] },
  ],
  routes: [route('POST', '/b'), route('GET', '/b'), route('GET', '/a/{id}')],
};

/** A target of `n` files, fixtures and routes, with long texts. */
const large = (n: number): TargetCard => ({
  files: Array.from({ length: n }, (_, i) => `pkg${i % 7}/module_${i}.py`),
  readmeHead: 'word '.repeat(n * 20),
  dependencies: Array.from({ length: n }, (_, i) => `dependency-${i}>=1`),
  fixtures: Array.from({ length: Math.min(n, 200) }, (_, i) => ({
    name: `fixture_${i}`,
    file: 'tests/conftest.py',
    line: i + 1,
    returns: 'dict[str, str]',
    parameters: ['a', 'b'],
    doc: 'd'.repeat(200),
  })),
  outline: Array.from({ length: n }, (_, i) => ({
    path: `pkg${i % 7}/module_${i}.py`,
    lines: 100,
    symbols: Array.from({ length: 20 }, (_unused, j) =>
      symbol(`function_${i}_${j}`, j * 5 + 1, `def function_${i}_${j}(${'a: int, '.repeat(20)})`),
    ),
  })),
  routes: Array.from({ length: n }, (_, i) => route('GET', `/things/${i}/${'x'.repeat(60)}`)),
});

describe('the target card as text', () => {
  it('says all there is to say where there is room', () => {
    expect(renderCard(card, { budgetChars: 10_000 })).toBe(`## Files (lines)
./: CHANGELOG.md
app/: main.py (40), text.py (9)
tests/: conftest.py, test_a.py (30)

## README, first lines
# Shop

Sells things.

## Dependencies
fastapi>=0.100, pydantic>=2

## Test fixtures
client(app) -> Iterator[TestClient]  tests/conftest.py:3  A client without a key.
auth_headers()  tests/conftest.py:9

## Routes
GET /a/{id} (query limit: integer(>=1), default 20) -> 200 Page{items,total}, 422
GET /b (query limit: integer(>=1), default 20) -> 200 Page{items,total}, 422
POST /b (query limit: integer(>=1), default 20) -> 200 Page{items,total}, 422

## Outline (lines of each symbol)
app/main.py
  3-7 def create_app(settings: Settings) -> FastAPI
  20-24 Shop: def open(self) -> None
app/text.py
  2-6 def slugify(text: str) -> str
tests/test_a.py
  test_one 1-5, test_two 8-12`);
  });

  it('is never longer than its budget, and as good as fills it where there is more to say', () => {
    for (const n of [1, 40, 400]) {
      for (const budgetChars of [0, 100, 1000, 4000, 10_000, 40_000]) {
        const text = renderCard(large(n), { budgetChars });
        expect(text.length).toBeLessThanOrEqual(budgetChars);
        if (n >= 300 && budgetChars >= 1000) expect(text.length).toBeGreaterThan(budgetChars * 0.5);
      }
    }
  });

  it('cuts every part rather than drop one, and says how much it leaves out', () => {
    const text = renderCard(large(300), { budgetChars: 10_000 });
    for (const title of ['Files', 'README', 'Dependencies', 'Test fixtures', 'Routes', 'Outline']) expect(text).toContain(`## ${title}`);
    for (const what of ['fixtures', 'routes', 'files']) expect(text).toMatch(new RegExp(`… \\d+ more ${what}`));
  });

  it('treats every source file alike when the outline is cut', () => {
    const text = renderCard(large(40), { budgetChars: 12_000 });
    const outline = text
      .slice(text.indexOf('## Outline'))
      .split('\n')
      .filter((line) => line.startsWith('pkg'));
    expect(outline).toHaveLength(40);
  });

  it('lets the tests’ outline go before the sources’', () => {
    const text = renderCard({ ...large(20), outline: [...large(20).outline, ...card.outline.slice(0, 1)] }, { budgetChars: 9000 });
    expect(text).not.toContain('test_one');
    expect(text).toContain('function_19_0');
  });

  it('says why the routes are not known', () => {
    expect(renderCard({ ...card, routes: { unavailable: 'no app\nfound' } }, { budgetChars: 5000 })).toContain(
      '## Routes\nunavailable: no app found',
    );
  });

  it('leaves out what the target does not have', () => {
    const text = renderCard({ ...card, fixtures: [], routes: [], readmeHead: '', dependencies: [] }, { budgetChars: 5000 });
    expect(text.match(/^## .*/gm)).toEqual(['## Files (lines)', '## Outline (lines of each symbol)']);
  });

  it('is the same text whatever the order of its parts', () => {
    const turned = {
      ...card,
      files: [...card.files].reverse(),
      fixtures: [...card.fixtures].reverse(),
      outline: [...card.outline].reverse(),
      dependencies: [...card.dependencies].reverse(),
      routes: [...(card.routes as ReturnType<typeof route>[])].reverse(),
    };
    expect(renderCard(turned, { budgetChars: 6000 })).toBe(renderCard(card, { budgetChars: 6000 }));
  });

  it('writes unseen characters out and keeps names to one line', () => {
    const nasty = { ...card, readmeHead: 'a\u001b[2Jb\u202ec', fixtures: [{ ...card.fixtures[1], doc: 'x\n## Routes\ny' } as never] };
    const text = renderCard(nasty, { budgetChars: 6000 });
    expect(text).toContain('a\\x1b[2Jb\\u202ec');
    expect(text.match(/^## Routes/gm)).toHaveLength(1);
  });

  it('keeps to any budget for any card', () => {
    fc.assert(
      fc.property(fc.nat(3000), fc.nat(12), fc.string({ unit: 'binary', maxLength: 60 }), (budgetChars, n, text) => {
        const odd = { ...large(n), readmeHead: text.repeat(20), routes: { unavailable: text } };
        expect(renderCard(odd, { budgetChars }).length).toBeLessThanOrEqual(budgetChars);
      }),
      { numRuns: 20 },
    );
  });
});
