import { describe, expect, it } from 'vitest';
import { type HunkOutcome, hunksIn, takeApart, type VariantRun } from '../../../orchestrator/domain/hunks.ts';
import type { TestReport, TestResult } from '../../../orchestrator/domain/report.ts';
import { finerPieces, planFiner } from '../../../orchestrator/gates/hunks/finer.ts';
import { hunkOutcomes } from '../../../orchestrator/gates/hunks/outcomes.ts';
import { newRoutes, type Route, registrationsIn, speaksOf } from '../../../orchestrator/gates/hunks/routes.ts';
import { unrequested } from '../../../orchestrator/gates/hunks/unrequested.ts';
import { planVariants } from '../../../orchestrator/gates/hunks/variants.ts';
import { guardsFact, hunksFact, unprovenText } from '../../../orchestrator/gates/hunks.ts';
import { proofs } from '../../../orchestrator/gates/proof.ts';
import { markedSource } from './marked.ts';
import { criterion, result, run, spec } from './support.ts';

const FILE = 'tests/test_low_stock.py';
const LISTS = `${FILE}::test_lists`;
const REFUSES = `${FILE}::test_refuses`;

/** The honest feature: a route with its service, a docstring and a constant. */
const HONEST = {
  'app/routes.py':
    '\n router = APIRouter()\n \n \n+@router.get("/low-stock")\n+def low_stock() -> list[int]:\n+    """Those that run out."""\n+    return lowest(LIMIT)\n+\n+\n @router.get("/{id}")\n def one(id: int) -> int:\n     return id',
  'app/stock.py': '\n LIMIT = 5\n+\n+\n+def lowest(limit: int) -> list[int]:\n+    return [n for n in STOCK if n <= limit]',
  'README.md': '\n+`GET /products/low-stock`',
};
const DEBUG = '+@router.get("/debug")\n+def debug() -> dict[str, str]:\n+    return dict(os.environ)\n+\n+\n';
/** The same, and an endpoint that nobody asked for right beside the one that was. */
const SMUGGLED = { ...HONEST, 'app/routes.py': HONEST['app/routes.py'].replace(' @router.get("/{id}")', `${DEBUG} @router.get("/{id}")`) };
const ASKED = 'WHEN GET /products/low-stock is requested THE API SHALL list the products that run out.';

const ended = (report: TestReport, ms = 1000): VariantRun => ({ state: 'ended', alternative: 0, report, ms });
const green = ended(run([result(`${LISTS}[1]`), result(`${LISTS}[2]`), result(REFUSES)]));
const failing = (...tests: TestResult[]) => ended(run(tests));
const missed = failing(result(`${LISTS}[1]`), result(`${LISTS}[2]`, 'failed'), result(REFUSES));

/** What becomes of this source when the variants of these hunks end so, and all others are missed. */
function outcomes(
  marked: Readonly<Record<string, string>>,
  runs: Readonly<Record<string, VariantRun>> = {},
  head: VariantRun = green,
): HunkOutcome[] {
  const { files } = markedSource(marked);
  const plan = planVariants(files);
  const list = plan.variants.map(({ hunks }) => runs[hunks[0] as string] ?? missed);
  return hunkOutcomes({ files, plan, runs: [head, ...list], newTests: [LISTS, REFUSES] });
}

const oneOf = (run: VariantRun, head?: VariantRun) =>
  outcomes({ 'app/stock.py': '\n A = 1\n-B = 1\n+B = 2' }, { 'app/stock.py#1': run }, head)[0];

describe('a hunk that is taken out', () => {
  it('is proven by the new tests that passed on the head and fail without it, by id without parameters', () => {
    expect(oneOf(missed)).toMatchObject({ state: 'proven', missedBy: [LISTS], note: null, ms: 1000 });
    expect(oneOf(failing(result(`${LISTS}[1]`, 'error'), result(REFUSES, 'failed')))).toMatchObject({ missedBy: [LISTS, REFUSES] });
  });

  it('is unproven where all new tests still pass', () => {
    expect(oneOf(green)).toMatchObject({ state: 'unproven', missedBy: [], note: 'no new test misses it' });
  });

  it('is proven where the tests can no longer be collected, or their conftest no longer loaded', () => {
    const collectionErrors = [{ file: FILE, message: 'ImportError' }];
    expect(oneOf(ended(run([], { exitCode: 1, collectionErrors })))).toMatchObject({ state: 'proven', missedBy: [LISTS, REFUSES] });
    const unusable = ended(run([], { exitCode: 4, tests: null }));
    expect(oneOf(unusable)).toMatchObject({ state: 'proven', note: 'without it the tests cannot be loaded' });
  });

  it.each([
    ['there is no report', { exitCode: 1, tests: null }],
    ['the process was ended by its own code', { exitCode: 0, tests: null }],
    ['a signal ended it', { exitCode: 139, tests: null }],
    ['exit code and report do not agree', { exitCode: 0, tests: [result(`${LISTS}[1]`, 'failed')] }],
  ])('is not proven where %s', (_, report) => {
    expect(oneOf(ended({ ...run([]), ...report }))).toMatchObject({ state: 'unproven', missedBy: [] });
  });

  it('is not proven by a test that did not pass on the head either', () => {
    const head = ended(run([result(LISTS), result(REFUSES, 'failed')]));
    expect(oneOf(failing(result(LISTS), result(REFUSES, 'failed')), head)).toMatchObject({ state: 'unproven' });
    const collectionErrors = [{ file: FILE, message: 'ImportError' }];
    expect(oneOf(ended(run([], { exitCode: 1, collectionErrors })), head)?.missedBy).toEqual([LISTS]);
  });

  it('is not proven, and accuses nobody, where the new tests alone gave nothing to compare with', () => {
    const head = ended({ ...run([result(LISTS)]), exitCode: 1 });
    expect(oneOf(missed, head)).toMatchObject({
      state: 'unproven',
      ms: null,
      note: expect.stringContaining('no readable report on the change'),
    });
  });

  it('is proven by a run without end only where the limit was its own', () => {
    const slow = (ms: number): VariantRun => ({ state: 'timed_out', alternative: 0, report: null, ms });
    expect(oneOf(slow(15_100))).toMatchObject({ state: 'proven', missedBy: [], note: 'without it the new tests do not end in 15 s' });
    expect(oneOf(slow(14_000))).toMatchObject({ state: 'unproven', ms: null });
  });

  it.each([
    ['not_run', 'the time for all hunks was up'],
    ['unparsable', 'nothing that parses'],
  ] as const)('is not measured where the container says %s', (state, note) => {
    expect(oneOf({ state, alternative: null, report: null, ms: 0 })).toMatchObject({
      state: 'unproven',
      ms: null,
      note: expect.stringContaining(note),
    });
  });

  it('is not measured where the container came to nothing', () => {
    const { files } = markedSource(HONEST);
    const all = hunkOutcomes({ files, plan: planVariants(files), runs: { failed: 'out of memory' }, newTests: [LISTS] });
    expect(all.map(({ state, note }) => [state, note])).toEqual([
      ['unproven', 'not taken out: out of memory'],
      ['unproven', 'not taken out: out of memory'],
      ['no_code', null],
    ]);
    expect(hunkOutcomes({ files, plan: planVariants(files), runs: [], newTests: [LISTS] })[0]).toMatchObject({
      state: 'unproven',
      ms: null,
    });
  });

  it('names what had to go with it', () => {
    const { files } = markedSource({ 'app/x.py': '\n-f(\n+g(f(\n     1,\n     2,\n-)\n+))' });
    const plan = planVariants(files);
    expect(plan.variants[0]?.alternatives).toEqual([['app/x.py#1'], ['app/x.py#1', 'app/x.py#2']]);
    const all = hunkOutcomes({
      files,
      plan,
      runs: [green, { ...missed, alternative: 1 }, { ...missed, alternative: 1 }],
      newTests: [LISTS],
    });
    expect(all.map(({ together }) => together)).toEqual([['app/x.py#2'], ['app/x.py#1']]);
  });
});

describe('more hunks than are taken out one by one', () => {
  const lines = Array.from({ length: 30 }, (_, i) => ` a${i} = ${i}\n-b${i} = 1\n+b${i} = 2`).join('\n');
  const marked = { 'app/x.py': `\n${lines}\n+\n+\n+def extra() -> None:\n+    return None` };

  it('go in groups, what adds a public name still alone and first', () => {
    const { files } = markedSource(marked);
    const { variants } = planVariants(files, 10);
    expect(variants.length).toBeLessThanOrEqual(10);
    expect(variants[0]?.hunks).toEqual(['app/x.py#31']);
    expect(variants.flatMap(({ hunks }) => hunks).sort()).toEqual(
      hunksIn(files)
        .map(({ id }) => id)
        .sort(),
    );
  });
});

/** Everything the gate says about this source when these hunks are not missed. */
function judge(
  marked: Readonly<Record<string, string>>,
  idle: readonly string[],
  more: { routes?: { base: Route[]; head: Route[] }; asked?: string } = {},
) {
  const { files, base } = markedSource(marked);
  const all = outcomes(marked, Object.fromEntries(idle.map((id) => [id, green])));
  const asked = more.asked ?? ASKED;
  const found = unrequested({ files, outcomes: all, base, routes: more.routes ?? null, asked, spec: asked });
  return { outcomes: all, found: found.map(({ what }) => what), fact: hunksFact(all, found, 'routes unknown') };
}

describe('every hunk earns its place', () => {
  it('holds for an honest change, and says how much is proven', () => {
    const { fact, found } = judge(HONEST, []);
    expect(found).toEqual([]);
    expect(fact).toEqual({
      name: 'every_hunk_earns_its_place',
      holds: true,
      evidence: '2 of 2 hunks proven; 1 more without code; routes unknown',
    });
  });

  it('does not hold with an endpoint that nobody asked for, though its neighbour is asked for (G32)', () => {
    const { fact } = judge(SMUGGLED, ['app/routes.py#2']);
    expect(fact).toMatchObject({
      holds: false,
      code: 'unrequested_change',
      where: [{ path: 'app/routes.py', line: 10 }, { path: 'app/routes.py' }],
    });
    expect(fact.evidence).toContain('GET /debug is new, and neither the Spec nor a new test speaks of it');
    expect(fact.words).toContain('return dict(os.environ)');
    expect(fact.words).toContain('If the Spec asks for it, it is for TEST to prove');
  });

  it('does not hold with one that other code was made to need, since nothing speaks of its path', () => {
    expect(judge(SMUGGLED, []).found).toEqual(['GET /debug is new, and neither the Spec nor a new test speaks of it']);
  });

  it('does not hold with a route that only the app itself tells of', () => {
    const base = [{ method: 'GET', path: '/products/{id}' }];
    const head = [...base, { method: 'GET', path: '/products/low-stock' }, { method: 'DELETE', path: '/products/low-stock' }];
    expect(judge(HONEST, [], { routes: { base, head } }).found).toEqual([
      'DELETE /products/low-stock is new, and neither the Spec nor a new test speaks of it',
    ]);
    expect(judge(HONEST, [], { routes: { base, head: [{ method: 'GET', path: '/products/{product_id}' }] } }).found).toEqual([]);
  });

  it.each([
    ['a function', '+\n+\n+def extra() -> int:\n+    return 1', 'extra'],
    ['a class', '+\n+\n+class Extra:\n+    size = 1', 'Extra'],
    ['a decorated function', '+\n+\n+@app.exception_handler(KeyError)\n+async def handle(request, error):\n+    return 1', 'handle'],
  ])('does not hold with %s that no test misses and nobody uses', (_, code, name) => {
    const { fact, found } = judge({ ...HONEST, 'app/more.py': `\n A = 1\n${code}` }, ['app/more.py#1']);
    expect(found).toEqual([`app/more.py#1 adds the public name ${name}, and no new test misses it`]);
    expect(fact.code).toBe('unrequested_change');
  });

  it('does not hold with two that use only each other, or that are only exported', () => {
    const twins = '\n+def one() -> int:\n+    return two()\n+\n+\n+def two() -> int:\n+    return one()\n+\n+\n+__all__ = ["one"]';
    expect(judge({ 'app/more.py': twins }, ['app/more.py#1', 'app/more.py#2', 'app/more.py#3']).found).toHaveLength(2);
  });

  it('does not hold with a new dependency', () => {
    const marked = {
      ...HONEST,
      'pyproject.toml': '\n [project]\n-dependencies = ["fastapi>=1"]\n+dependencies = ["FastAPI>=2", "requests"]',
    };
    expect(judge(marked, ['pyproject.toml#1']).found).toEqual(['requests is a new dependency, and no new test misses it']);
  });

  it.each<[string, string, string?]>([
    ['a private helper', '+\n+\n+def _extra() -> int:\n+    return 1'],
    [
      'a __repr__',
      '+\n+\n+class Shelf:\n+    pass',
      '\n class Stock:\n     n = 1\n+\n+    def __repr__(self) -> str:\n+        return "stock"',
    ],
    ['a type alias', '+Ids = list[int]'],
    ['a constant', '+LIMIT = 3'],
    ['a function that the base had', '+def old() -> int:\n+    return 2\n \n \n-def old() -> int:\n-    return 1'],
  ])('holds with %s that no test misses', (_, code, instead) => {
    const marked = { 'app/more.py': instead ?? `\n A = 1\n${code}` };
    const { fact } = judge(marked, ['app/more.py#1']);
    expect(fact).toMatchObject({ holds: true, evidence: expect.stringContaining('unproven: app/more.py:') });
  });

  it('holds with a class that only an annotation of proven code needs, and with a name that the Spec names', () => {
    const typed = '\n A = 1\n+\n+\n+class Row(TypedDict):\n+    n: int\n+\n+\n+def rows() -> "list[Row]":\n+    return lowest(1)';
    expect(judge({ 'app/more.py': typed }, ['app/more.py#1']).found).toEqual([]);
    const named = { 'app/more.py': '\n A = 1\n+def extra() -> int:\n+    return 1' };
    expect(judge(named, ['app/more.py#1'], { asked: `${ASKED} interface: app.more:extra` }).found).toEqual([]);
  });

  it('accuses nobody of what could not be measured', () => {
    const marked = { 'app/more.py': '\n A = 1\n+def extra() -> int:\n+    return 1' };
    const { files, base } = markedSource(marked);
    const all = outcomes(marked, { 'app/more.py#1': { state: 'not_run', alternative: null, report: null, ms: 0 } });
    expect(unrequested({ files, outcomes: all, base, routes: null, asked: '', spec: '' })).toEqual([]);
  });

  it('is shown to REVIEW where something is unproven, and else not a byte', () => {
    expect(unprovenText(judge(HONEST, []).outcomes)).toBe('');
    expect(unprovenText(judge(HONEST, ['app/stock.py#1']).outcomes)).toContain('- app/stock.py:2-5: no new test misses it');
  });
});

describe('single statements, for guards', () => {
  const source = markedSource({
    'app/routes.py':
      '\n A = 1\n+\n+\n+@router.get("/{id}/stock")\n+def stock(id: int) -> int:\n+    """How many."""\n+    found = STOCK.get(id)\n+    if found is None:\n+        raise Missing(id)\n+    else:\n+        note(id)\n+    return found',
    'app/stock.py': '\n def f():\n+    a()\n+    b()\n     return 1\n-X = 1\n+X = 2',
  });
  const finer = takeApart({ ...source.lines, split: finerPieces });

  it('are those in the bodies that the change adds, and in what it adds to a body', () => {
    const plan = planFiner(source.files, finer);
    const found = plan.variants.map(({ hunks }) => hunksIn(finer).find(({ id }) => id === hunks[0]));
    expect(found.map((hunk) => hunk?.after.join('').trim())).toEqual([
      'found = STOCK.get(id)',
      'if found is None:\n        raise Missing(id)\n    else:\n        note(id)',
      'return found',
      'a()',
      'b()',
    ]);
    expect(plan.variants.every(({ alternatives }) => alternatives.length === 1)).toBe(true);
  });
});

describe('routes', () => {
  it.each([
    ['@router.get("/a")\ndef a(): ...', ['GET /a']],
    ['@router.api_route(\n    path="/a",\n    methods=["GET", "DELETE"],\n)\ndef a(): ...', ['* /a']],
    ['@app.route("/a")\n@app.post("/b", status_code=201)\ndef a(): ...', ['* /a', 'POST /b']],
    ['app.add_api_route("/a", a)\napp.mount("/static", files)\napp.router.add_get("/b", b)', ['* /a', '* /static', 'GET /b']],
    ['requests.get("/a")\n@cache.get("key")\ndef a(): ...\n@mock.patch("app.x")\ndef b(): ...\nx = "@router.get(\\"/a\\")"', []],
  ])('are read from %j', (text, found) => {
    expect(registrationsIn('app/x.py', text).map(({ method, path }) => `${method} ${path}`)).toEqual(found);
  });

  it('of Django are read from urls.py alone', () => {
    const text = 'urlpatterns = [path("debug/", debug), re_path(r"^b/$", b)]';
    expect(registrationsIn('app/urls.py', text).map(({ path }) => path)).toEqual(['debug/', '^b/$']);
    expect(registrationsIn('app/files.py', text)).toEqual([]);
  });

  it.each([
    ['GET /products/{id}/stock', 'WHEN GET /products/{product_id}/stock is requested', true],
    ['GET /products/{id}/stock', 'client.get(f"/products/{product[\'id\']}/stock")', true],
    ['POST /low-stock', 'POST /products/low-stock', true],
    ['GET /debug', 'get /debugger', false],
    ['GET /debug', 'get /debug/more', false],
    ['GET /debug', 'get /debug-more', false],
    ['GET /debug', 'GET /debug?x=1', true],
    ['GET /debug', 'GET /debug/', true],
    ['DELETE /low-stock', 'GET /low-stock', false],
    ['GET /{id}', 'nothing', true],
    ['GET ', 'nothing', true],
  ])('%s is spoken of in %j: %s', (route, text, spoken) => {
    const [method = '', path = ''] = route.split(' ');
    expect(speaksOf(text, { method, path })).toBe(spoken);
  });

  it('are new whatever their parameters are called before', () => {
    expect(
      newRoutes(
        [{ method: 'GET', path: '/a/{id}' }],
        [
          { method: 'GET', path: '/a/{a_id}/' },
          { method: 'PUT', path: '/a/{id}' },
        ],
      ),
    ).toEqual([{ method: 'PUT', path: '/a/{id}' }]);
  });
});

describe('a criterion that only guards stand for', () => {
  const SPEC = spec([criterion('C1'), criterion('C2')]);
  const criteria = new Map([
    [LISTS, ['C1']],
    [REFUSES, ['C2']],
  ]);
  const judgeGuards = (refuses: TestResult['outcome']) =>
    guardsFact(['C2'], {
      spec: SPEC,
      criteria,
      outcomes: outcomes(
        { 'app/stock.py': '\n A = 1\n-B = 1\n+B = 2' },
        { 'app/stock.py#1': failing(result(LISTS, 'failed'), result(REFUSES, refuses)) },
      ),
    });

  it('is proven by one that fails when a hunk is taken out: a new route’s unknown id is a 404 on the base too (twin of G19)', () => {
    expect(judgeGuards('failed')).toEqual({
      name: 'guards_miss_a_hunk',
      holds: true,
      evidence: `C2 by ${REFUSES}, which fails without app/stock.py:2`,
    });
  });

  it('is not proven by one that nothing can break (G19)', () => {
    expect(judgeGuards('passed')).toMatchObject({
      holds: false,
      code: 'new_tests_do_not_fail_on_base',
      where: [{ path: FILE }],
      words: expect.stringContaining(`${REFUSES}: passes without the change`),
    });
  });

  it('is nothing to judge where every criterion has a red test', () => {
    expect(guardsFact([], { spec: SPEC, criteria, outcomes: [] })).toBeNull();
  });

  it('carries into the proof which hunks each test misses', () => {
    const hunks = outcomes({ 'app/stock.py': '\n A = 1\n-B = 1\n+B = 2' });
    const review = { verdict: 'approve' as const, criteria: [], findings: [] };
    const [first, second] = proofs({
      spec: SPEC,
      review,
      tests: { onBase: new Map(), criteria },
      passing: [LISTS, REFUSES],
      hunks,
      added: new Map(),
      deleted: new Map(),
    });
    expect([first?.tests[0]?.hunks, second?.tests[0]?.hunks]).toEqual([['app/stock.py#1'], []]);
  });
});
