import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../orchestrator/domain/verdict.ts';
import { openPublishing } from '../../../orchestrator/pipeline/publish.ts';
import { baseline, criterion, spec, tree } from './support.ts';

const HELD: Fact = { name: 'a', holds: true, evidence: 'seen' };
const BROKEN: Fact = { name: 'b', holds: false, code: 'tests_failed', evidence: 'seen' };
const SPEC = spec([criterion('C1')]);

/** The end of the line with these facts (none for null), on a repository that writes this tree; `made` are the branches that come of it. */
async function publish(facts: { validated?: Fact; tested?: Fact; reviewed?: Fact } | null = {}, written = 'expected') {
  const of = (name: 'validated' | 'tested' | 'reviewed') => (facts === null ? [] : [facts[name] ?? HELD]);
  const made: string[] = [];
  const repository = {
    patch: async () => '',
    diff: async () => '',
    treeId: async () => 'expected',
    publish: async (_base: unknown, _head: unknown, branch: string) => {
      made.push(branch);
      return { commit: 'c', tree: written };
    },
  };
  const world = {
    repository,
    records: { folder: 'runs/a', write: () => undefined, writeJson: () => undefined },
    trace: { write: () => undefined, head: () => 'h' },
    progress: { begin: () => undefined, end: () => undefined },
    redactor: { text: (text: string) => text },
    images: {},
    policies: {},
    seccomp: '{}',
    asking: {},
    order: { run: 'a', request: 'A number.', ground: { base: { commit: 'b', tree: 't' }, tree: tree({}) }, resumedFrom: null },
  };
  const products = {
    planned: { spec: SPEC, amended: null },
    source: [],
    tests: { changes: [], criteria: new Map() },
    tested: { head: tree({ 'app/a.py': 'x = 1\n' }), hunks: [], facts: of('tested') },
    validated: of('validated'),
    reviewed: { facts: of('reviewed'), proofs: [{ id: 'C1', kind: 'new', from: 'a', rule: 'b', tests: [], citations: [] }] },
    baseline: baseline(),
    brief: { superseded: [] },
  };
  const end = openPublishing(world as never).publish(products as never, {} as never, {} as never);
  return {
    made,
    said: await end.then(
      () => 'published',
      (error: Error) => error.message,
    ),
  };
}

describe('a branch', () => {
  it.each(['validated', 'tested', 'reviewed'])('is not made where a fact of what was %s does not hold', async (what) => {
    const { made, said } = await publish({ [what]: BROKEN });
    expect(said).toContain('a fact that does not hold');
    expect(made).toEqual([]);
  });

  it('is not made of no fact at all', async () => {
    const { made, said } = await publish(null);
    expect(said).toContain('a fact that does not hold');
    expect(made).toEqual([]);
  });

  it('of another tree than base, source, tests and changelog come to is no PR', async () => {
    expect((await publish({}, 'another')).said).toContain("the commit's target tree is another, expected expected");
  });
});
