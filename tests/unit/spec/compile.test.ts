import { describe, expect, it } from 'vitest';
import { compileExamples } from '../../../orchestrator/domain/spec/compile.ts';
import type { Example, HttpStep } from '../../../orchestrator/domain/spec.ts';
import { c1, c2, card, compiled, getProducts, layout, specOf, specWith } from './samples.ts';

/** The statements of the only test function, without docstring and indentation. */
const statements = (example: Example, background: HttpStep[] = []): string[] => {
  const { content } = compiled(specOf([example], { background }));
  return (content.split('Criteria: C1\n    """\n')[1] ?? '')
    .split('\n')
    .map((line) => line.replace(/^ {4}/, ''))
    .filter((line) => line !== '');
};
const step: HttpStep = { method: 'POST', path: '/products', json: { name: 'a' }, headers_from: 'auth_headers', save: { id: '$.id' } };
const get = (changes: object, then: object = { status: 200 }): Example =>
  ({ type: 'http', when: { method: 'GET', path: '/products', ...changes }, then }) as Example;
const request = (changes: object): string => statements(get(changes)).find((line) => line.startsWith('response =')) ?? '';
const call = (changes: object): Example => ({ type: 'call', call: 'app.text:slugify', then: { returns: 1 }, ...changes }) as Example;

describe('the compiled file', () => {
  it('is one test function an example, each citing its criterion, beside the target’s own tests', () => {
    const { path, tests, content, prose } = compiled(specWith());
    expect(path).toBe('tests/test_spec_sort_products.py');
    expect(tests).toEqual([
      {
        id: `${path}::test_sort_is_price_order_products_by_price`,
        function: 'test_sort_is_price_order_products_by_price',
        criteria: ['C1'],
        example: 0,
      },
      {
        id: `${path}::test_sort_names_unknown_field_answer_422`,
        function: 'test_sort_names_unknown_field_answer_422',
        criteria: ['C2'],
        example: 0,
      },
    ]);
    expect([...content.matchAll(/^def (\w+)/gm)].map(([, name]) => name)).toEqual(tests.map((test) => test.function));
    expect([...content.matchAll(/^ {4}"""(.*)\n\n {4}Criteria: (.*)\n {4}"""$/gm)].map(([, rule, ids]) => [rule, ids])).toEqual([
      ['WHEN sort is price THE API SHALL order the products by price.', 'C1'],
      ['WHEN sort names an unknown field THE API SHALL answer 422.', 'C2'],
    ]);
    expect(prose).toEqual([]);
  });

  it('never has the path or the name of a file of the base', () => {
    const files = [...card.files, 'tests/test_spec_sort_products.py', 'tests/api/test_spec_sort_products_2.py'];
    expect(compiled(specWith(), { files }).path).toBe('tests/test_spec_sort_products_3.py');
  });

  it('stands in the folder of the conftest that holds the client', () => {
    const fixtures = card.fixtures.map((fixture) => ({ ...fixture, file: 'tests/api/conftest.py' }));
    const files = [...card.files, 'tests/api/conftest.py'];
    expect(compiled(specWith(), { fixtures, files }).path).toBe('tests/api/test_spec_sort_products.py');
  });

  it('stands beside the other tests where the target has no folder for them', () => {
    const files = ['app/main.py', 'app/main_api/test_main.py'];
    const spec = specOf([call({ args: ['a'] })]);
    expect(compileExamples(spec, { card: { ...card, files, fixtures: [] }, layout: { ...layout, tests: null } }).path).toBe(
      'app/main_api/test_spec_sort_products.py',
    );
  });

  it('numbers the functions of one rule', () => {
    const { tests } = compiled(specOf([getProducts({}, { status: 200 }), getProducts({ a: 'b' }, { status: 200 })]));
    expect(tests.map((test) => [test.function, test.example])).toEqual([
      ['test_sort_is_price_order_products_by_price', 0],
      ['test_sort_is_price_order_products_by_price_2', 1],
    ]);
  });

  it('is empty when nothing compiles, and everything is prose', () => {
    const result = compiled(specOf([{ type: 'prose', text: 'Sorting is stable.' }]));
    expect(result).toMatchObject({ content: '', tests: [], prose: [{ criterion: 'C1', example: 0, text: 'Sorting is stable.' }] });
  });

  it('imports no more than it uses', () => {
    const imports = (examples: Example[]) => compiled(specOf(examples)).content.match(/^(import|from) .*$/gm);
    expect(imports([getProducts({}, { status: 200 })])).toEqual(['from fastapi.testclient import TestClient']);
    expect(imports([call({})])).toEqual(['from importlib import import_module']);
    expect(imports([call({ then: { raises: 'KeyError' } })])).toEqual(['from importlib import import_module', 'import pytest']);
    expect(imports([{ type: 'cli', argv: ['app'], then: { exit: 0 } }])).toEqual(['import os', 'import subprocess', 'import sys']);
  });
});

describe('the client', () => {
  const withClient = (changes: object, more: object = {}) =>
    compiled(specWith(), { fixtures: [{ ...card.fixtures[0], ...changes } as never], ...more });

  it.each([
    ['a fixture that gives a TestClient under any name', { name: 'shop' }, {}, 'shop: TestClient'],
    ['a client of httpx', { returns: 'Iterator[httpx.Client]' }, {}, 'client: httpx.Client'],
    ['an unannotated fixture called client', { returns: null }, {}, 'client: Any'],
  ])('is %s', (_, changes, more, parameter) => {
    expect(withClient(changes, more).content).toContain(`(${parameter})`);
  });

  it('is the one called client where there are several', () => {
    const fixtures = ['admin', 'client', 'api_client'].map((name) => ({ ...card.fixtures[0], name }) as never);
    expect(compiled(specOf([getProducts({}, { status: 200 })]), { fixtures }).content).toContain('(client: TestClient)');
  });

  it('comes from starlette in a target without fastapi', () => {
    expect(withClient({}, { dependencies: ['Starlette==1.0'] }).content).toContain('from starlette.testclient import TestClient');
  });

  it.each([
    ['asynchronous', { returns: 'AsyncIterator[AsyncClient]' }, {}, /asynchronous/],
    ['a factory', { returns: 'Callable[..., TestClient]' }, {}, /no fixture/],
    ['private to one test file', { file: 'tests/test_products.py' }, {}, /no fixture/],
    ['another framework’s', { returns: null }, { dependencies: ['flask>=3'] }, /no fixture/],
    ['in a file that the base does not have', { file: 'tests/../../x/conftest.py' }, {}, /no fixture/],
    ['not a name', { name: 'client): import os; (x' }, {}, /no fixture/],
    ['a keyword', { name: 'class' }, {}, /no fixture/],
  ])('is none when the fixture is %s: the examples stay prose, with the reason', (_, changes, more, reason) => {
    const { content, prose } = withClient(changes, more);
    expect(content).toBe('');
    expect(prose.map(({ criterion }) => criterion)).toEqual(['C1', 'C2']);
    expect(prose[0]?.text).toMatch(/^when GET \/products; query {"sort": "price"}; then 200; .*\(not compiled: /);
    expect(prose[0]?.text).toMatch(reason);
  });
});

describe('an http example', () => {
  it('asserts that every step before it succeeds, and goes on with what it saved', () => {
    const example: Example = {
      type: 'http',
      given: [step],
      when: { method: 'GET', path: '/products/$id' },
      then: { status: 200, json: { '$.id': '$id', '$.name': 'a' } },
    };
    expect(statements(example)).toEqual([
      'response = client.post("/products", json={"name": "a"}, headers=auth_headers)',
      'assert response.status_code < 300, response.text',
      'id_ = response.json()["id"]',
      'response = client.get(f"/products/{id_}")',
      'assert response.status_code == 200, response.text',
      'body = response.json()',
      'assert body["id"] == id_',
      'assert body["name"] == "a"',
    ]);
  });

  it('takes the background’s steps itself when it is the only one', () => {
    expect(statements(get({ path: '/products/$id' }), [step]).slice(0, 3)).toEqual([
      'response = client.post("/products", json={"name": "a"}, headers=auth_headers)',
      'assert response.status_code < 300, response.text',
      'id_ = response.json()["id"]',
    ]);
  });

  it('shares the background’s steps with the others as a function that returns what they use', () => {
    const background = [{ ...step, save: { id: '$.id', unused: '$.name' } }];
    const { content } = compiled(specOf([get({ path: '/products/$id' }), get({})], { background }));
    expect(content).toContain('def set_the_scene(client: TestClient, auth_headers: dict[str, str]) -> dict[str, Any]:');
    expect(content).toContain('    return {"id": id_}\n');
    expect(content).toContain('    scene = set_the_scene(client, auth_headers)\n    id_ = scene["id"]\n');
    expect(content).toContain('    set_the_scene(client, auth_headers)\n\n    response = client.get("/products")');
    expect(content).not.toContain('unused');
  });

  it.each([
    [
      'a query',
      { query: { sort: 'price', limit: 5, ratio: 0.5, tag: ['a', 'b'], on: true, off: false, none: null } },
      'params={',
      '"on": "true"',
      '"off": "false"',
      '"tag": ["a", "b"]',
    ],
    ['headers of its own', { headers: { 'X-A': 'b' } }, 'headers={"X-A": "b"}'],
    ['headers of a fixture', { headers_from: 'auth_headers' }, 'headers=auth_headers'],
    ['both', { headers_from: 'auth_headers', headers: { 'X-A': 'b' } }, 'headers={**auth_headers, "X-A": "b"}'],
    [
      'a body',
      { method: 'PUT', json: { a: [1, 2.5, true, false, null, 'é', {}] } },
      'client.put("/products", json={"a": [1, 2.5, True, False, None, "é", {}]})',
    ],
    ['a body where the client takes none', { method: 'DELETE', json: [1] }, 'client.request("DELETE", "/products", json=[1])'],
    ['no body for null', { method: 'POST', json: null }, 'client.post("/products")'],
    ['no query when all of it is null', { query: { a: null } }, 'client.get("/products")'],
  ])('sends %s', (_, changes, ...expected) => {
    const text = statements(get(changes)).join(' ').replace(/\s+/g, ' ');
    for (const part of expected) expect(text).toContain(part);
    expect(text).not.toContain('none');
  });

  it('follows no redirection that it expects', () => {
    expect(statements(get({}, { status: 307 }))[0]).toBe('response = client.get("/products", follow_redirects=False)');
  });

  it.each([
    [{ '$.a': true }, 'assert response.json()["a"] is True'],
    [{ '$.a': null }, 'assert response.json()["a"] is None'],
    [{ '$.items.length': 0 }, 'assert len(response.json()["items"]) == 0'],
    [{ $: [] }, 'assert response.json() == []'],
    [{ '$.big': 1e20 }, 'assert response.json()["big"] == 100000000000000000000'],
    [{ '$.huge': 1e21 }, 'assert response.json()["huge"] == 1e21'],
    [{ '$.q': 'say "x"' }, `assert response.json()["q"] == 'say "x"'`],
    [{ '$.q': 'costs $$5' }, 'assert response.json()["q"] == "costs $5"'],
  ])('expects %j', (json, line) => {
    expect(statements(get({}, { status: 200, json }))).toContain(line);
  });

  it('expects headers and absences', () => {
    const lines = statements(get({}, { status: 200, headers: { 'X-Total': '3' }, absent: ['$.items[*].secret'] }));
    expect(lines).toContain('assert response.headers["X-Total"] == "3"');
    expect(lines).toContain('assert all("secret" not in item for item in response.json()["items"])');
  });

  it('turns a value into text only where text is needed', () => {
    const example: Example = {
      type: 'http',
      given: [step],
      when: { method: 'GET', path: '/products/x-$id', headers: { 'X-Id': '$id' }, query: { id: '$id' } },
      then: { status: 200 },
    };
    expect(statements(example).join(' ').replace(/\s+/g, ' ')).toContain(
      'client.get( f"/products/x-{id_}", params={"id": id_}, headers={"X-Id": str(id_)}, )',
    );
  });

  it('breaks a long text into literals that keep to the line', () => {
    const lines = statements(get({ method: 'POST', json: { note: `${'word '.repeat(40)}end` } }));
    expect(lines.every((line) => line.length <= 84)).toBe(true);
    expect(lines.join('').match(/word/g)).toHaveLength(40);
  });

  it.each([
    ['a name that nothing defines', get({ query: { a: '$b' } }), /when: nothing defines `\$b`/],
    ['a path that does not parse', get({}, { status: 200, json: { '$..a': 1 } }), /then\.json\.\$\.\.a/],
    ['an object in the query', get({ query: { a: { b: 1 } } }), /query parameter/],
    ['a fixture that is not there', get({ headers_from: 'root_headers' }), /root_headers/],
    [
      'columns of different lengths',
      { ...get({ query: { a: '$a', b: '$b' } }), table: { a: [1], b: [1, 2] } } as Example,
      /differ in length/,
    ],
  ])('with %s stays prose, with the reason', (_, example, reason) => {
    const { content, prose } = compiled(specOf([example]));
    expect(content).toBe('');
    expect(prose[0]?.text).toMatch(reason);
  });

  it('stays prose when the background cannot be taken, and calls go on', () => {
    const { tests, prose } = compiled(specOf([get({}), call({ args: ['a'] })], { background: [{ ...step, save: { id: 'id' } }] }));
    expect(prose.map(({ example }) => example)).toEqual([0]);
    expect(prose[0]?.text).toContain('background[0].save.id');
    expect(tests.map(({ example }) => example)).toEqual([1]);
  });

  it('stays prose when it needs a fixture that only a deeper folder shares', () => {
    const fixtures = card.fixtures.map((fixture) =>
      fixture.name === 'auth_headers' ? { ...fixture, file: 'tests/api/conftest.py' } : fixture,
    );
    const { content, prose } = compiled(specOf([get({ headers_from: 'auth_headers' })]), {
      fixtures,
      files: [...card.files, 'tests/api/conftest.py'],
    });
    expect(content).toBe('');
    expect(prose[0]?.text).toContain('auth_headers cannot be used');
  });
});

describe('a table', () => {
  const table = (columns: object, query: object = { sort: '$sort' }) =>
    compiled(specOf([{ ...get({ query }), table: columns } as Example])).content;

  it('becomes the rows of a parametrized test, with readable ids', () => {
    expect(compiled(specWith({ acceptance_criteria: [c2] })).content).toContain(
      '@pytest.mark.parametrize(\n    "field",\n    ["bogus", "", "price;drop"],\n    ids=["bogus", "empty", "price_drop"],\n)\n',
    );
  });

  it.each([
    [['a', ''], 'sort: str'],
    [[1, 'a'], 'sort: str | int'],
    [[1, 2.5], 'sort: float'],
    [[true, 1], 'sort: int | bool'],
    [[['a'], []], 'sort: list[str]'],
    [[{ a: 1 }], 'sort: dict[str, object]'],
    [['a', null], 'sort: str | None'],
  ])('types the column %j', (sort, parameter) => {
    expect(table({ sort })).toContain(`    ${parameter}`.trim());
  });

  it('leaves a null out of the query', () => {
    const text = table({ sort: ['a', null] }, { sort: '$sort', page: 2 });
    expect(text).toContain('    params: dict[str, str | int | None] = {"sort": sort, "page": 2}\n');
    expect(text).toContain('{key: value for key, value in params.items() if value is not None}');
  });

  it('makes no argument of a column that nothing uses', () => {
    expect(table({ sort: ['a'], note: ['b'] })).not.toContain('note');
  });

  it('takes a dollar sign in a value for one', () => {
    expect(table({ sort: ['$$a', '$5'] })).toContain('["$a", "$5"]');
  });

  it('gives rows that read alike different ids', () => {
    expect(table({ sort: ['a b', 'a;b', 'a_b', '', '…'] })).toContain('ids=["a_b", "a_b-2", "a_b-3", "empty", "..."]');
  });
});

describe('a call example', () => {
  it('looks the name up when the test runs, so that a missing one fails that test alone', () => {
    expect(statements(call({ args: ['A b', 2], kwargs: { sep: '-' }, then: { returns: 'a-b' } }))).toEqual([
      'slugify = import_module("app.text").slugify',
      'assert slugify("A b", 2, sep="-") == "a-b"',
    ]);
  });

  it('expects built-in exceptions and the target’s own', () => {
    expect(statements(call({ then: { raises: 'KeyError' } })).slice(1)).toEqual(['with pytest.raises(KeyError):', '    slugify()']);
    expect(statements(call({ then: { raises: 'app.errors:AppError' } })).slice(1)).toEqual([
      'app_error = import_module("app.errors").AppError',
      'with pytest.raises(app_error):',
      '    slugify()',
    ]);
  });

  it('gives an exception that linters call too broad a match that anything matches', () => {
    expect(statements(call({ then: { raises: 'ValueError' } }))).toContain('with pytest.raises(ValueError, match=r".*"):');
  });

  it('passes an argument that is a keyword', () => {
    expect(statements(call({ kwargs: { class: 1, b: 2 } }))[1]).toBe('assert slugify(b=2, **{"class": 1}) == 1');
  });

  it('calls what stands deeper in the module, and names without a colon', () => {
    expect(statements(call({ call: 'app.text:Slug.make' }))[0]).toBe('make = import_module("app.text").Slug.make');
    expect(statements(call({ call: 'app.text.slugify' }))[0]).toBe('slugify = import_module("app.text").slugify');
  });

  it('keeps the columns, the callee and the built-ins apart', () => {
    const example = {
      ...call({ call: 'app.text:id', args: ['$id', '$sortBy', '$body'] }),
      table: { id: [1], sortBy: [2], body: [3] },
    } as Example;
    const { content } = compiled(specOf([example]));
    expect(content).toContain('    id_: int,\n    sort_by: int,\n    body_: int,\n');
    expect(content).toContain('id_2 = import_module("app.text").id\n');
    expect(content).toContain('assert id_2(id_, sort_by, body_) == 1');
  });

  it.each(['app', 'app.text:class', 'app.lambda'])('of %s stays prose', (name) => {
    expect(compiled(specOf([call({ call: name })])).content).toBe('');
  });
});

describe('a cli example', () => {
  it('runs the module in a Python that finds what the tests find', () => {
    const text = statements({ type: 'cli', argv: ['app.cli', '--x', '$a'], then: { exit: 2, stdout_contains: ['say "x"'] } }).join('\n');
    expect(text).toContain('[sys.executable, "-m", "app.cli", "--x", "$a"],');
    expect(text).toContain('"PYTHONPATH": os.pathsep.join(sys.path)');
    expect(text).toContain('assert ended.returncode == 2, ended.stderr');
    expect(text).toContain(`assert 'say "x"' in ended.stdout`);
  });
});

it('compiles the same Spec to the same bytes', () => {
  expect(compiled(specWith())).toEqual(compiled(specWith({ acceptance_criteria: [structuredClone(c1), structuredClone(c2)] })));
  expect(request({ query: { b: '1', a: '2' } })).toBe('response = client.get("/products", params={"b": "1", "a": "2"})');
});
