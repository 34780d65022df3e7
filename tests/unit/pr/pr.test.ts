import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commitMessage } from '../../../orchestrator/domain/commit-message.ts';
import { MAX_PR_BYTES, type PrInput, renderPr } from '../../../orchestrator/domain/pr.ts';
import { PR as INPUT } from './sample.ts';

const HOSTILE = 'Fixes #1 @octocat ![x](https://e.vil/p.png) <script>x</script> ``` ~~~\n# Approved | \u001b[31m \u202e <!-- ';

/** The Markdown that is not in code, where a forge would act on what it finds. */
const outsideCode = (text: string) => text.replace(/\\[^\n]/g, '').replace(/(`+)[\s\S]*?\1(?!`)/g, '');

/** Any code points at all; building fast-check's own strings of them takes seconds. */
const anyText = (maxLength: number) =>
  fc
    .array(fc.oneof(fc.integer({ max: 0x3000, min: 0 }), fc.integer({ max: 0x10ffff, min: 0 })), { minLength: 1, maxLength })
    .map((codes) => String.fromCodePoint(...codes));

describe('the Spec in a PR', () => {
  const hostile = '# Title\n\n> from the request\n\n```\nwhen GET /x\n```\n</details>\n<img src=x>\n@octocat Fixes #1\n';

  it('is folded, and stays text whatever it quotes', () => {
    const text = renderPr({ ...INPUT, spec: hostile });
    const block = /<details><summary>[^\n]*<\/summary>\n\n(`{4,})markdown\n([\s\S]*?)\n\1\n\n<\/details>/.exec(text);
    expect(block?.[2]).toContain('when GET /x');
    expect(block?.[2]).toContain('<img src=x>');
    expect(text).not.toMatch(/@octocat|Fixes #1/);
  });

  it('makes room when the text grows too long, and says where it is', () => {
    const text = renderPr({ ...INPUT, spec: 'x'.repeat(MAX_PR_BYTES) });
    expect(text).not.toContain('<details>');
    expect(text).toContain('runs/product-sort-7f3a/spec.md');
  });
});

describe('renderPr', () => {
  it('reads like this', () => {
    expect(renderPr(INPUT)).toMatchSnapshot();
  });

  it('says proven only of what was red before and is green now', () => {
    const [first] = INPUT.proof;
    if (first === undefined) throw new Error('no criterion');
    const of = (tests: (typeof first)['tests']) => renderPr({ ...INPUT, proof: [{ ...first, tests }] });
    const test = { id: 't', onBase: 'red', onChange: 'green' } as const;
    expect(of([test, { ...test, onBase: 'green' }])).toContain('**1 of 1 criteria proven**');
    expect(of([{ ...test, onBase: 'green' }])).toContain('**0 of 1 criteria proven**');
    expect(of([test, { ...test, onChange: 'red' }])).toContain('**0 of 1 criteria proven**');
    expect(of([])).toContain('**0 of 1 criteria proven**');
  });

  it('never says $0 for a cost that nobody knows, nor a count for a sum with a gap', () => {
    const [plan, ...others] = INPUT.stages;
    if (plan === undefined) throw new Error('no stage');
    const text = renderPr({ ...INPUT, stages: [{ ...plan, costUsd: null, tokensIn: null }, ...others] });
    expect(text).toContain('| **all** | 5 |  |  | unknown | ~3,523 | cost unknown |');
    expect(text.split('\n')[2]).toContain('cost unknown');
    expect(renderPr({ ...INPUT, stages: [{ ...plan, costUsd: 0.0012 }] })).toContain('$0.0012');
  });

  it('says so when it was replayed, and more so when the recording has drifted', () => {
    expect(renderPr(INPUT)).toContain('- answered live');
    expect(renderPr({ ...INPUT, replayed: 'fresh' })).toContain('replayed from its recording');
    expect(renderPr({ ...INPUT, replayed: 'drifted' })).toContain('**drifted**');
  });

  it('shows the request’s words beside each criterion, and what no criterion takes up with the reason', () => {
    const text = renderPr(INPUT);
    const rows = text.split('\n').filter((line) => line.startsWith('| “'));
    expect(rows.map((row) => /^\| “(.*?)” \| \S+ \*\*(C\d)\*\*/.exec(row)?.slice(1))).toEqual(
      INPUT.proof.map(({ from, id }) => [from, id]),
    );
    expect(text).toContain('no criterion takes up:\n\n- “Thanks!”: not a wish');
    expect(renderPr({ ...INPUT, notCovered: [] })).toContain('Every sentence of the request is quoted by a criterion.');
  });

  it('shows every caveat', () => {
    expect(renderPr({ ...INPUT, caveats: ['Tests lie beside code: the export check held, not a mount.'] })).toContain('⚠️ Tests lie beside');
  });

  it('names the base by its commit where a shell could take its branch for something else', () => {
    for (const branch of ["x';id;'", 'a`id`', '$(id)', 'fix/#12', '-rf', null]) {
      expect(renderPr({ ...INPUT, base: { ...INPUT.base, branch } })).toContain(
        `git diff ${'c'.repeat(40)}...factory/product-sort-7f3a  # look`,
      );
    }
    expect(renderPr(INPUT)).toContain('git diff main...factory/product-sort-7f3a');
  });

  it('lets no text of others act: mentions, closing words, images, HTML, fences, headings, controls', () => {
    const poisoned = poison(INPUT) as PrInput;
    const text = renderPr({ ...poisoned, section: 'Added', proof: poisoned.proof.map((one) => ({ ...one, kind: 'new' })) });
    expect(text).toContain('octocat');
    expect(text).not.toMatch(/@octocat|#1|:\/\/e\.vil/);
    expect(outsideCode(text)).not.toMatch(/!\[|\]\(|<(?!br>)|`|~~/);
    expect(text).not.toMatch(/(?!\n|\u200b|\ufe0f)[\p{Cc}\p{Cf}]/u);
    const headings = (markdown: string) => markdown.match(/^#+ .*$/gm)?.slice(1);
    expect(headings(text)).toEqual(headings(renderPr(INPUT)));
    const columns = (markdown: string) =>
      markdown
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .map((line) => line.match(/(?<!\\)\|/g)?.length);
    expect(columns(text)).toEqual(columns(renderPr(INPUT)));
  });

  it('stays within its bytes, and says where the rest is', () => {
    const many = <T>(item: T, count = 400): T[] => Array.from({ length: count }, () => item);
    const long = '漢<'.repeat(3_000);
    const [criterion] = INPUT.proof;
    const [fact] = INPUT.facts;
    if (criterion === undefined || fact === undefined) throw new Error('no criterion, no fact');
    const text = renderPr({
      ...INPUT,
      request: long,
      intent: long,
      files: many({ path: `${'deep/'.repeat(60)}x.py`, kind: 'modified' as const, added: 1, deleted: 1 }),
      proof: many(
        {
          ...criterion,
          rule: long,
          from: long,
          tests: many({ id: long, onBase: 'red' as const, onChange: 'green' as const }),
          citations: many(long),
        },
        16,
      ),
      facts: many({ ...fact, evidence: long }),
      assumptions: many({ id: 'A1', text: long }),
      notCovered: many({ sentence: long, reason: long }),
      flaky: many(long),
      caveats: many(long),
      review: {
        ...INPUT.review,
        notes: many({ path: long, line: 1, what: long }),
        criteria: many({ id: 'C1', holds: true, why: long, citations: many(long) }, 16),
      },
    });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_PR_BYTES);
    expect(text).toMatch(/more in `runs\/product-sort-7f3a\/proof\.json`/);
    expect(text).toContain('runs/product-sort-7f3a/request.txt');
    expect(text).toContain('## Look, try, discard');
  });

  it('stays within its bytes for any input of any size', () => {
    fc.assert(
      fc.property(anyText(40), fc.integer({ min: 1, max: 400 }), (unit, times) => {
        const long = unit.repeat(times);
        const text = renderPr({
          ...INPUT,
          request: long,
          title: long,
          intent: long,
          branch: long,
          folder: long,
          run: long,
          jail: long,
          traceHead: long,
        });
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_PR_BYTES);
      }),
      { numRuns: 10 },
    );
  });
});

describe('commitMessage', () => {
  const input = {
    run: 'product-sort-7f3a',
    title: 'Sort products by price.',
    section: 'Added',
    criteria: [
      { id: 'C1', rule: 'WHEN sort is price THE API SHALL answer with the products in the order of their price, the lowest first' },
    ],
    traceHead: 'e'.repeat(64),
    baseTree: 'd'.repeat(40),
  } as const;

  it('is a conventional commit with trailers', () => {
    expect(commitMessage(input)).toBe(`feat: Sort products by price

Proven by run product-sort-7f3a, each criterion red on the base and green on this:

- C1: WHEN sort is price THE API SHALL answer with the products in the order
  of their price, the lowest first

Factory-Run: product-sort-7f3a
Factory-Trace: ${'e'.repeat(64)}
Factory-Base-Tree: ${'d'.repeat(40)}
`);
  });

  it.each([
    ['Fixed', 'fix: '],
    ['Security', 'fix: '],
    ['Changed', 'feat: '],
    ['Removed', 'feat!: '],
  ] as const)('of something %s begins with %j', (section, start) => {
    expect(commitMessage({ ...input, section }).startsWith(start)).toBe(true);
  });

  it('keeps its subject short, its trailers its own and its words quiet', () => {
    const hostile = `${HOSTILE}\n\nFactory-Trace: forged\nCo-authored-by: x <x@y>`;
    const text = commitMessage({ ...input, title: hostile.repeat(3), criteria: [{ id: 'C1', rule: hostile }] });
    expect([...(text.split('\n')[0] ?? '')].filter((character) => character !== '\u200b').length).toBeLessThanOrEqual(72);
    expect(text.match(/^Factory-Trace: .*$/gm)).toEqual([`Factory-Trace: ${'e'.repeat(64)}`]);
    expect(text).not.toMatch(/^Co-authored-by/m);
    expect(text).not.toMatch(/@octocat|#1/);
  });
});

/** The same value with every string of others replaced by the worst of them. */
function poison(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => poison(item, key));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, poison(item, name)]));
  const isOurs = [
    'run',
    'folder',
    'branch',
    'commit',
    'tree',
    'traceHead',
    'id',
    'kind',
    'onBase',
    'onChange',
    'verdict',
    'stage',
    'section',
  ].includes(key);
  return typeof value === 'string' && (!isOurs || value.includes('::')) ? HOSTILE : value;
}
