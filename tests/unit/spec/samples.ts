import type { TargetCard } from '../../../orchestrator/domain/card.ts';
import { compileExamples } from '../../../orchestrator/domain/spec/compile.ts';
import { lintSpec, type SpecFinding } from '../../../orchestrator/domain/spec/lint.ts';
import { type Criterion, type Example, type HttpExample, type Spec, specSchema } from '../../../orchestrator/domain/spec.ts';
import type { TargetLayout } from '../../../orchestrator/domain/target.ts';

export const layout: TargetLayout = { tests: 'tests', sources: ['app'], changelog: 'CHANGELOG.md' };

const fixture = (name: string, line: number, returns: string | null) => ({
  name,
  file: 'tests/conftest.py',
  line,
  returns,
  parameters: [],
  doc: null,
});

export const card: TargetCard = {
  files: ['app/__init__.py', 'app/main.py', 'app/text.py', 'pyproject.toml', 'tests/conftest.py', 'tests/test_products.py'],
  fixtures: [fixture('client', 10, 'Iterator[TestClient]'), fixture('auth_headers', 20, 'dict[str, str]'), fixture('now', 30, 'datetime')],
  outline: [
    {
      path: 'app/main.py',
      lines: 40,
      symbols: [{ name: 'create_app', kind: 'function', from: 1, to: 40, signature: 'def create_app() -> FastAPI' }],
    },
    {
      path: 'app/text.py',
      lines: 9,
      symbols: [{ name: 'slugify', kind: 'function', from: 3, to: 9, signature: 'def slugify(text: str) -> str' }],
    },
  ],
  routes: [
    { method: 'GET', path: '/products', parameters: [], request: null, responses: ['200'] },
    { method: 'GET', path: '/products/{product_id}', parameters: [], request: null, responses: ['200', '404'] },
  ],
  readmeHead: '# Shop',
  dependencies: ['fastapi>=0.100'],
};

export const request = 'Let GET /products take ?sort=price. An unknown sort field is a 422.';

export const getProducts = (query: Record<string, string>, then: HttpExample['then']): Example => ({
  type: 'http',
  when: { method: 'GET', path: '/products', query },
  then,
});

export const c1: Criterion = {
  id: 'C1',
  kind: 'new',
  from: 'Let GET /products take ?sort=price',
  rule: 'WHEN sort is price THE API SHALL order the products by price',
  examples: [getProducts({ sort: 'price' }, { status: 200, json: { '$.items[*].price': ['1.00', '2.00'] } })],
};

export const c2: Criterion = {
  id: 'C2',
  kind: 'new',
  from: 'An unknown sort field is a 422',
  rule: 'WHEN sort names an unknown field THE API SHALL answer 422',
  examples: [
    {
      type: 'http',
      when: { method: 'GET', path: '/products', query: { sort: '$field' } },
      then: { status: 422, json: { '$.error.code': 'invalid_sort' } },
      table: { field: ['bogus', '', 'price;drop'] },
    },
  ],
};

/** A Spec without a finding, changed where a test says so; held to the schema, so that no test proves what cannot happen. */
export function specWith(changes: Partial<Spec> = {}): Spec {
  return specSchema.parse({
    version: 1,
    title: 'Sort products',
    intent: 'People look for the cheapest product.',
    touchpoints: ['app/main.py'],
    interface: [],
    background: [],
    acceptance_criteria: [c1, c2],
    constraints: [],
    out_of_scope: [],
    assumptions: [],
    supersedes: [],
    not_covered: [],
    changelog: { section: 'Added', text: 'Products can be sorted by price.' },
    ...changes,
  });
}

/** A Spec whose only criterion has these examples. */
export const specOf = (examples: Example[], changes: Partial<Spec> = {}): Spec =>
  specWith({ acceptance_criteria: [{ ...c1, examples }], ...changes });

export const findings = (spec: Spec, words = request): SpecFinding[] => lintSpec(spec, { request: words, card, layout });

/** `code where` of each finding. */
export const found = (spec: Spec, words = request): string[] => findings(spec, words).map(({ code, where }) => `${code} ${where}`);

export const compiled = (spec: Spec, changes: Partial<TargetCard> = {}) => compileExamples(spec, { card: { ...card, ...changes }, layout });
