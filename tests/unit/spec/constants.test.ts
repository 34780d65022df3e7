/** Values of the target's code in examples: looked up when the test runs, never written into the Spec or the file. */
import { describe, expect, it } from 'vitest';
import type { TargetCard } from '../../../orchestrator/domain/card.ts';
import { compileExamples } from '../../../orchestrator/domain/spec/compile.ts';
import { parseSpecDocument, renderSpecDocument } from '../../../orchestrator/domain/spec/document.ts';
import { lintSpec } from '../../../orchestrator/domain/spec/lint.ts';
import { renderSpec } from '../../../orchestrator/domain/spec/markdown.ts';
import { type Constant, type Example, type HttpStep, type Spec, specSchema } from '../../../orchestrator/domain/spec.ts';
import { writtenSpecs } from './recorded.ts';
import * as samples from './samples.ts';

const { layout, request } = samples;
const symbol = (name: string, kind: 'class' | 'function' | 'constant') => ({ name, kind, from: 1, to: 1, signature: name });
const card: TargetCard = {
  ...samples.card,
  files: [...samples.card.files, 'app/config.py', 'app/plain.py'],
  outline: [
    ...samples.card.outline,
    { path: 'app/__init__.py', lines: 3, symbols: [symbol('__version__', 'constant')] },
    {
      path: 'app/config.py',
      lines: 30,
      symbols: [symbol('settings', 'constant'), symbol('Limits', 'class'), symbol('Limits.of', 'function'), symbol('load', 'function')],
    },
  ],
};

const version: Constant = { name: 'version', of: 'app:__version__' };
const size: Constant = { name: 'size', of: 'app.config:settings.page_size' };

const specOf = (examples: Example[], changes: Partial<Spec> = {}): Spec =>
  samples.specOf(examples, {
    version: 3,
    constants: [version],
    constraints: ['An unknown sort field of GET /products stays a 422.'],
    ...changes,
  });
const compile = (spec: Spec) => compileExamples(spec, { card, layout });
const found = (spec: Spec, words = request.slice(0, 35)) =>
  lintSpec(spec, { request: words, card, layout }).map(({ code, where }) => `${code} ${where}`);

/** The statements of the first test function, without docstring and indentation. */
const statements = (spec: Spec): string[] => {
  const { content, prose } = compile(spec);
  expect(prose).toEqual([]);
  const [body = ''] = (content.split('Criteria: C1\n    """\n')[1] ?? '').split('\n\n\n');
  return body
    .split('\n')
    .map((line) => line.replace(/^ {4}/, ''))
    .filter((line) => line !== '');
};

const get = (when: object, then: object, more: object = {}): Example =>
  ({ type: 'http', when: { method: 'GET', path: '/products', ...when }, then: { status: 200, ...then }, ...more }) as Example;
const header = get({}, { headers: { 'X-API-Version': '$version' } });
const step = (changes: object): HttpStep => ({ method: 'POST', path: '/products', json: { name: 'a' }, ...changes }) as HttpStep;

describe('a constant in the compiled file', () => {
  it('is looked up inside the test, and what a header holds is compared with its text', () => {
    const { content } = compile(specOf([header]));
    expect(content.split('\n\n\n')[0]).toBe(
      '"""Examples of the Spec: Sort products."""\n\nfrom importlib import import_module\n\nfrom fastapi.testclient import TestClient',
    );
    expect(statements(specOf([header]))).toEqual([
      'version = import_module("app").__version__',
      'response = client.get("/products")',
      'assert response.status_code == 200, response.text',
      'assert response.headers["X-API-Version"] == str(version)',
    ]);
  });

  it('keeps its type where it stands alone, and is text inside a longer one', () => {
    const example = get(
      { path: '/products/$size', query: { limit: '$size', q: 'v$version' }, headers: { 'If-Version': '$version' } },
      {
        json: { '$.limit': '$size', '$.both': ['$size', { v: '$version' }], '$.name': 'shop $version ($size)', '$.items.length': '$size' },
      },
    );
    const lines = statements(specOf([example], { constants: [version, size] }));
    expect(lines.slice(0, 2)).toEqual([
      'version = import_module("app").__version__',
      'size = import_module("app.config").settings.page_size',
    ]);
    const text = lines.join(' ').replace(/\s+/g, ' ');
    expect(text).toContain(
      'client.get( f"/products/{size}", params={"limit": size, "q": f"v{version}"}, headers={"If-Version": str(version)}, )',
    );
    for (const line of [
      'assert body["limit"] == size',
      'assert body["both"] == [size, {"v": version}]',
      'assert body["name"] == f"shop {version} ({size})"',
      'assert len(body["items"]) == size',
    ])
      expect(lines).toContain(line);
  });

  it('is an argument and a result of a call', () => {
    const call: Example = {
      type: 'call',
      call: 'app.text:slugify',
      args: ['$size'],
      kwargs: { by: ['$version'] },
      then: { returns: '$size' },
    };
    expect(statements(specOf([call], { constants: [version, size] }))).toEqual([
      'version = import_module("app").__version__',
      'size = import_module("app.config").settings.page_size',
      'slugify = import_module("app.text").slugify',
      'assert slugify(size, by=[version]) == size',
    ]);
  });

  it('is looked up by those functions only that use it, the background’s too', () => {
    const spec = specOf([header, get({ path: '/products/$id' }, {})], {
      constants: [version, size],
      background: [step({ json: { pages: '$size' }, save: { id: '$.id' } })],
    });
    const parts = compile(spec).content.split('\n\n\n').slice(1);
    expect(parts.map((part) => [/def (\w+)/.exec(part)?.[1]?.slice(0, 8), ...(part.match(/\w+ = import_module.*/g) ?? [])])).toEqual([
      ['set_the_', 'size = import_module("app.config").settings.page_size'],
      ['test_sor', 'version = import_module("app").__version__'],
      ['test_sor'],
    ]);
    expect(parts[1]).toContain('    version = import_module("app").__version__\n    set_the_scene(client)\n');
  });

  it('is looked up by the only test there is, which takes the background’s steps itself', () => {
    const background = [step({ json: { pages: '$size' } })];
    expect(statements(specOf([get({}, {})], { constants: [size], background }))[0]).toBe(
      'size = import_module("app.config").settings.page_size',
    );
  });

  it('stands beside columns, saved values, the client and what is called, each under a name of its own', () => {
    const example = {
      ...get({ query: { a: '$sortBy' } }, { json: { '$.x': '$id', '$.y': '$client', '$.z': '$sort_by' } }),
      given: [step({ save: { id: '$.id' } })],
      table: { sortBy: ['a'] },
    } as Example;
    const constants = ['client', 'sort_by'].map((name) => ({ name, of: 'app:__version__' }));
    const lines = statements(specOf([example], { constants }));
    expect(lines.slice(0, 2)).toEqual(['client_2 = import_module("app").__version__', 'sort_by_2 = import_module("app").__version__']);
    for (const line of ['assert body["x"] == id_', 'assert body["y"] == client_2', 'assert body["z"] == sort_by_2'])
      expect(lines).toContain(line);
    const call: Example = { type: 'call', call: 'app.text:slugify', args: ['$slugify'], then: { returns: 1 } };
    expect(statements(specOf([call], { constants: [{ name: 'slugify', of: 'app:__version__' }] }))).toEqual([
      'slugify = import_module("app").__version__',
      'slugify_2 = import_module("app.text").slugify',
      'assert slugify_2(slugify) == 1',
    ]);
  });

  it('is broken over lines where its name is long', () => {
    const of = `${'package_with_a_name.'.repeat(4)}settings:LIMITS.greatest_page`;
    expect(compile(specOf([header], { constants: [{ name: 'version', of }] })).content).toContain(
      `    version = import_module(\n        "${of.split(':')[0]}",\n    ).LIMITS.greatest_page\n`,
    );
  });

  it.each([
    ['a name that every module has', 'app:__name__', /`app:__name__` is there in every module/],
    ['a module alone', 'app', /names nothing that can be looked up/],
    ['a keyword', 'app.config:lambda', /names nothing that can be looked up/],
  ])('that is %s leaves the example prose, with the reason', (_, of, reason) => {
    const { content, prose } = compile(specOf([header], { constants: [{ name: 'version', of }] }));
    expect(content).toBe('');
    expect(prose[0]?.text).toMatch(reason);
  });

  it('that is there twice, or also saved or a column, leaves the examples prose that use it, and no other', () => {
    const reasons = (examples: Example[], changes: Partial<Spec> = {}) =>
      compile(specOf([...examples, get({ query: { q: 'x' } }, {})], changes)).prose.map(
        ({ example, text }) => `${example} ${text.match(/compiled: (.*)\)$/)?.[1]}`,
      );
    expect(reasons([header], { constants: [version, { ...size, name: 'version' }] })).toEqual([
      '0 constants: two constants are called `version`',
    ]);
    expect(reasons([{ ...header, table: { version: ['1'] } } as Example])).toEqual(['0 table: `version` is both a column and a constant']);
    expect(reasons([{ ...header, given: [step({ save: { version: '$.v' } })] } as Example])).toEqual([
      '0 given[0].save.version: `version` is both saved and a constant',
    ]);
    expect(reasons([header], { background: [step({ save: { version: '$.v' } })] })).toHaveLength(2);
  });

  it.each([
    ['a status', get({}, { status: '$version' }), /then\.status/],
    ['a path', get({ path: '$version' }, {}), /when\.path/],
    [
      'a cell of a table',
      { ...get({ query: { a: '$a' } }, {}), table: { a: ['$version'] } } as Example,
      /nothing defines `\$version` in a table/,
    ],
  ])('is nothing for %s', (_, example, reason) => {
    const { tests, prose } = compile(specOf([example]));
    expect(tests).toEqual([]);
    expect(prose[0]?.text).toMatch(reason);
  });

  it('is no part of a command or a key', () => {
    const cli: Example = { type: 'cli', argv: ['app', '$version'], then: { exit: 0 } };
    const { content } = compile(specOf([cli, get({}, { json: { '$.a': { $version: 1 } } })]));
    expect(content).toContain('"$version"],');
    expect(content).toContain('== {"$version": 1}');
    expect(content).not.toContain('import_module');
  });
});

describe('the linter, before constants', () => {
  it.each([
    ['a value of a module', 'app:__version__'],
    ['the same without a colon', 'app.__version__'],
    ['what such a value holds', 'app.config:settings.page_size'],
    ['what a class holds', 'app.config:Limits.greatest'],
    ['a value of a module whose outline is not known', 'app.plain:LIMIT'],
  ])('takes %s', (_, of) => {
    expect(found(specOf([header], { constants: [{ name: 'version', of }] }))).toEqual([]);
  });

  it('takes what is yet to be made, where `interface` names it', () => {
    const constants = [{ name: 'version', of: 'app.settings:limits.page' }];
    expect(found(specOf([header], { constants, interface: ['app.settings:limits'] }))).toEqual([]);
    expect(found(specOf([header], { constants }))).toEqual(['constant_unknown constants[0].of']);
  });

  it.each([
    ['a value that the base lacks', 'app:__release__'],
    ['a value that the module only imports', 'app.main:__version__'],
    ['a module that the base lacks', 'os:environ'],
    ['what an imported module holds', 'app.config:os.environ'],
    ['a function', 'app.config:load'],
    ['a method', 'app.config:Limits.of'],
    ['what a function holds', 'app.config:load.__globals__'],
    ['a class', 'app.config:Limits'],
    ['a module', 'app'],
    ['a name that every module has', 'app:__dict__.__version__'],
  ])('answers to %s', (_, of) => {
    expect(found(specOf([header], { constants: [{ name: 'version', of }] }))).toEqual(['constant_unknown constants[0].of']);
  });

  it('answers to a name that every module has though `interface` names it', () => {
    expect(found(specOf([header], { constants: [{ name: 'version', of: 'app:__file__' }], interface: ['app:__file__'] }))).toEqual([
      'constant_unknown constants[0].of',
    ]);
  });

  it.each([
    ['uses', specOf([header], { constants: [version, size] })],
    ['uses, a text being no example that is compiled', specOf([header, { type: 'prose', text: '$size' }], { constants: [version, size] })],
    ['uses but a command', specOf([header, { type: 'cli', argv: ['app', '$size'], then: { exit: 0 } }], { constants: [version, size] })],
    ['uses but as a key', specOf([header, get({ path: '/x', json: { $size: 1 } }, {})], { constants: [version, size] })],
  ])('answers to a constant that no example %s', (_, spec) => {
    expect(found(spec)).toEqual(['constant_unused constants[1].name']);
  });

  it('answers to a name that is two things', () => {
    expect(found(specOf([header], { constants: [version, { ...version }] }))).toEqual(['name_twice constants[1].name']);
    expect(found(specOf([{ ...header, table: { version: ['1'] } } as Example]))).toEqual(['name_twice C1.examples[0].table']);
    expect(found(specOf([{ ...header, given: [step({ save: { version: '$.v' } })] } as Example]))).toEqual([
      'name_twice C1.examples[0].given[0].save.version',
    ]);
    expect(found(specOf([header], { background: [step({ save: { version: '$.v' } })] }))).toEqual([
      'name_twice background[0].save.version',
    ]);
    const call = { type: 'call', call: 'app.text:slugify', args: ['$version'], then: { returns: 1 }, table: { version: [1] } } as Example;
    expect(found(specOf([call]))).toEqual(['name_twice C1.examples[0].table']);
  });

  it('answers to a constant as the status or the whole path', () => {
    expect(found(specOf([get({}, { status: '$version' })]))).toEqual(['value_never_equal C1.examples[0].then.status']);
    expect(found(specOf([get({ path: '$version' }, {})]))).toEqual(['path_template C1.examples[0].when.path']);
  });

  it('takes a comparison with a constant for something observed, and a constant that is only sent for nothing', () => {
    expect(found(specOf([header]))).toEqual([]);
    expect(found(specOf([get({ query: { v: '$version' } }, {})]))).toEqual(['no_observable C1.examples']);
  });

  it('lets a constant stand for a whole list, and for a length', () => {
    expect(found(specOf([get({}, { json: { '$.items[*].v': '$version', '$.items.length': '$version' } })]))).toEqual([]);
    expect(found(specOf([get({}, { json: { '$.items[*].v': 'v$version' } })]))).toEqual([
      'value_never_equal C1.examples[0].then.json.$.items[*].v',
    ]);
  });

  it('finds what the request names in the constant’s dotted name', () => {
    const words = 'Let GET /products take ?sort=price and send `app.__version__`.';
    const c1 = { ...samples.c1, from: words.slice(0, -1), examples: [header] };
    expect(found(specOf([], { acceptance_criteria: [c1] }), words)).toEqual([]);
    expect(
      found(specOf([], { acceptance_criteria: [{ ...c1, examples: [get({}, { status: 422 })] }], constants: undefined }), words),
    ).toEqual(['request_not_covered request']);
  });
});

describe('a contradiction with constants', () => {
  const clash = (a: object, b: object, constants: Constant[] = [version, size]) =>
    found(specOf([get({}, a), get({}, b)], { constants })).filter((line) => line.startsWith('contradiction'));
  const header = (value: string) => ({ headers: { 'X-V': value } });

  it.each([
    ['a literal, which it may be', header('$version'), header('0.3.0')],
    ['another constant', header('$version'), header('$size')],
    ['a text with another constant in it', header('v$version'), header('$size-1')],
    ['a part of what is expected', { json: { $: { v: '$version', n: 1 } } }, { json: { $: { v: 2, n: 1 } } }],
    ['itself in braces', { json: { '$.v': '$version' } }, { json: { '$.v': ['$', '{version}'].join('') } }],
  ])('is none between a constant and %s', (_, a, b) => {
    expect(clash(a, b)).toEqual([]);
  });

  it.each([
    ['an absent value', { json: { '$.v': '$version' } }, { absent: ['$.v'] }],
    ['another part that differs', { json: { $: { v: '$version', n: 1 } } }, { json: { $: { v: 2, n: 2 } } }],
    ['another form', { json: { $: { v: '$version' } } }, { json: { $: ['$version'] } }],
    ['a key more', { json: { $: { v: '$version' } } }, { json: { $: { v: '$version', n: 1 } } }],
    ['a number, for a text with a constant in it', { json: { '$.v': 'v$version' } }, { json: { '$.v': 1 } }],
    ['another status', { status: 200, ...header('$version') }, { status: 201, ...header('$version') }],
  ])('is one with %s', (_, a, b) => {
    expect(clash(a, b)).toEqual(['contradiction C1.examples[1]']);
  });

  it('sees that two names of one value make the same request', () => {
    const ask = (name: string, status: number) => get({ query: { v: `$${name}` } }, { status });
    const twice = [version, { name: 'release', of: 'app.__version__' }];
    expect(found(specOf([ask('version', 404), ask('release', 410)], { constants: twice }))).toEqual(['contradiction C1.examples[1]']);
    expect(found(specOf([ask('version', 404), ask('size', 410)], { constants: [version, size] }))).toEqual([]);
  });

  it('is one where a call returns a constant and raises', () => {
    const call = (then: object) => ({ type: 'call', call: 'app.text:slugify', args: ['$version'], then }) as Example;
    expect(found(specOf([call({ returns: '$version' }), call({ raises: 'KeyError' })]))).toEqual(['contradiction C1.examples[1]']);
    expect(found(specOf([call({ returns: '$version' }), call({ returns: 1 })]))).toEqual([]);
  });
});

describe('constants in a Spec', () => {
  const accepts = (changes: object) => specSchema.safeParse({ ...specOf([header]), ...changes }).success;

  it('are there since version 3 and may be left out', () => {
    expect(accepts({})).toBe(true);
    expect(accepts({ constants: undefined })).toBe(true);
    for (const old of [1, 2]) {
      expect(accepts({ version: old, constants: undefined })).toBe(true);
      expect(accepts({ version: old })).toBe(false);
      expect(accepts({ version: old, constants: [] })).toBe(false);
    }
  });

  it.each([
    ['app:x()'],
    ['app:x[0]'],
    ['app:x y'],
    ['app:x\n'],
    ['app:x"'],
    ['app:'],
    [':x'],
    ['app::x'],
    ['app.:x'],
    ['.app:x'],
    ['app:x.'],
    ['app:0'],
    ['app:é'],
    ['app/x:y'],
    ['app:x;import os'],
    [`app:${'x'.repeat(160)}`],
  ])('are no value of %j', (of) => {
    expect(accepts({ constants: [{ name: 'version', of }] })).toBe(false);
  });

  it('have names of Python, and are eight at most', () => {
    for (const name of ['', '$v', 'a b', '1a', 'é', 'x'.repeat(62)]) expect(accepts({ constants: [{ ...version, name }] })).toBe(false);
    expect(accepts({ constants: Array.from({ length: 8 }, (_, at) => ({ ...version, name: `v${at}` })) })).toBe(true);
    expect(accepts({ constants: Array.from({ length: 9 }, (_, at) => ({ ...version, name: `v${at}` })) })).toBe(false);
  });

  it('are shown to people and stages above the examples that use them', () => {
    const section = '## Constants\n\n- **$version** is `app:__version__`\n- **$size** is `app.config:settings.page_size`\n\n## ';
    const spec = specOf([header], { constants: [version, size], background: [step({})] });
    expect(renderSpec(spec)).toContain(`${section}Background`);
    expect(renderSpecDocument(request, spec)).toContain(`${section}Background`);
    expect(renderSpec(specOf([header], { constants: undefined }))).not.toContain('Constants');
  });

  it('read back from the markdown form, also as a person types them, and none at all', () => {
    const spec = specOf([header], { constants: [version, size] });
    const text = renderSpecDocument(request, spec);
    const read = (from: string, to: string) => parseSpecDocument(text.replace(from, to)).spec.constants;
    expect(parseSpecDocument(text)).toEqual({ request, spec });
    expect(read('**$version** is `app:__version__`', '$version is app:__version__')).toEqual(spec.constants);
    expect(read('**$version** is `app', '`$version`\n  is `app')).toEqual(spec.constants);
    for (const constants of [[], undefined]) {
      const none = specOf([header], { constants });
      expect(parseSpecDocument(renderSpecDocument(request, none)).spec).toEqual(none);
    }
  });

  it.each([
    ['**version** is', 'expected a constant: `- **$name** is `package.module:NAME``'],
    ['**$version** =', 'expected a constant: `- **$name** is `package.module:NAME``'],
    ['**$1** is', 'constants.0.name: Invalid string'],
  ])('are refused with their line where they begin %j', (begin, complaint) => {
    const text = renderSpecDocument(request, specOf([header])).replace('**$version** is', begin);
    const line = text.split('\n').findIndex((one) => one.includes(begin)) + 1;
    expect(() => parseSpecDocument(text)).toThrow(`line ${line}: ${complaint}`);
  });

  it('are refused in a document of an older format, with the line of their heading', () => {
    const text = renderSpecDocument(request, specOf([header])).replace('Spec format 3.', 'Spec format 2.');
    const line = text.split('\n').indexOf('## Constants') + 1;
    expect(() => parseSpecDocument(text)).toThrow(`line ${line}: constants: there are constants since version 3 of the format`);
  });
});

describe('docs/specs/version-header.yaml', () => {
  it('compares with the version of the code in every example, and compiles wholly', () => {
    const written = writtenSpecs().find(({ name }) => name === 'version-header.yaml');
    if (written === undefined) throw new Error('it is gone');
    const { tests, prose, content } = compileExamples(written.spec, written.input);
    expect(prose).toEqual([]);
    expect(tests).toHaveLength(written.spec.acceptance_criteria.flatMap(({ examples }) => examples).length);
    expect(content.match(/ {4}version = import_module\("app"\)\.__version__\n/g)).toHaveLength(tests.length);
    expect(content.match(/assert response\.headers\["X-API-Version"\] == str\(version\)/g)).toHaveLength(tests.length);
    expect(content).not.toMatch(/\d\.\d\.\d/);
  });
});
