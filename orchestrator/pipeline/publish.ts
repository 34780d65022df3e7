import { createHash } from 'node:crypto';
import { commitMessage } from '../domain/commit-message.ts';
import { Failure } from '../domain/failure.ts';
import { hunksFileSchema } from '../domain/hunks.ts';
import { type JailProof, jailText } from '../domain/jail.ts';
import { type FilePatch, parsePatch, patchStat } from '../domain/patch.ts';
import { renderPr } from '../domain/pr.ts';
import { testReportSchema } from '../domain/report.ts';
import { renderSpecDocument } from '../domain/spec/document.ts';
import { renderSpec } from '../domain/spec/markdown.ts';
import { MODEL_STAGES, type Stage } from '../domain/stage.ts';
import { applyChanges } from '../domain/tree.ts';
import type { Citation } from '../domain/turns.ts';
import { type Fact, proofFileSchema, verdictOf, verdictSchema } from '../domain/verdict.ts';
import { type Asking, howReplayed } from './asking.ts';
import { type Course, caveats, howTakenOver, type Served } from './caveats.ts';
import { nameOf } from './chain.ts';
import type { RunOrder, World } from './order.ts';
import type { Planned, ProductName, Products, Reviewed, WrittenTests } from './products.ts';

/** Writes what each stage handed over into the run's folder as it is made, and in the end the PR in its local form. */
export interface Publishing {
  keep(name: ProductName, product: unknown): void;
  publish(products: Products, course: Course, jail: JailProof): Promise<{ branch: string; commit: string }>;
}

type PublishingWorld = Pick<World, 'records' | 'trace' | 'repository' | 'progress' | 'redactor' | 'images' | 'policies' | 'seccomp'> & {
  readonly order: RunOrder;
  readonly asking: Asking;
};

export function openPublishing(world: PublishingWorld): Publishing {
  const { records, trace, repository, order, asking, progress } = world;
  const { ground, run } = order;

  const told = new Set<Fact>();
  /** Each fact once, when the product that it is about is kept. */
  function tell(stage: Stage, facts: readonly Fact[]): void {
    for (const { name, holds, code, ms } of facts.filter((fact) => !told.has(fact)))
      trace.write({ type: 'fact', stage, attempt: 0, data: { name, holds, code: code ?? null, ms: ms ?? null } });
    for (const fact of facts) told.add(fact);
  }

  function keep(name: ProductName, product: unknown): void {
    if (name === 'validated') tell('VALIDATE', product as Products['validated']);
    else if (name === 'tests' || name === 'tested') tell('TEST', (product as WrittenTests).facts);
    else if (name === 'reviewed') tell('REVIEW', (product as Reviewed).facts);
    if (name === 'planned') {
      const { spec, compiled, amended } = product as Planned;
      records.writeJson('evidence/spec.json', spec);
      records.write('spec.md', renderSpecDocument(order.request, spec));
      if (amended !== null) records.writeJson('evidence/amended.json', amended);
      records.write(`evidence/${compiled.path.split('/').at(-1) ?? 'examples.py'}`, compiled.content);
    } else if (name === 'brief') records.writeJson('evidence/brief.json', product as object);
    else if (name === 'validated') records.writeJson('evidence/validate.json', product as object);
    else if (name === 'tests') {
      const { onBase, criteria, byGuards = [], facts } = product as WrittenTests;
      const told = { on_base: Object.fromEntries(onBase), criteria: Object.fromEntries(criteria), by_guards: byGuards, facts };
      records.writeJson('evidence/tests.json', told);
    } else if (name === 'tested') {
      const { facts, report, hunks, steps, hunksMs } = product as Products['tested'];
      if (hunks.length > 0) records.writeJson('evidence/hunks.json', hunksFileSchema.parse({ hunks, steps, ms: hunksMs }));
      records.writeJson('evidence/test-report.json', { facts, report: testReportSchema.parse(report) });
    } else if (name === 'reviewed') {
      const { review, facts } = product as Products['reviewed'];
      records.writeJson('evidence/review.json', { review, facts });
    }
  }

  async function publish(products: Products, { reworks, words }: Course, jail: JailProof): Promise<{ branch: string; commit: string }> {
    const began = Date.now();
    progress.begin('PR', '');
    const { planned, source, tests, tested, reviewed, baseline } = products;
    const branch = `factory/${run}`;
    const tree = ground.tree;
    const withSource = applyChanges(tree, source);
    const withTests = applyChanges(withSource, tests.changes);
    const [sourcePatch, testsPatch, changelogPatch, patch, diff, expected] = await Promise.all([
      repository.patch(ground.base, tree, withSource),
      repository.patch(ground.base, withSource, withTests),
      repository.patch(ground.base, withTests, tested.head),
      repository.patch(ground.base, tree, tested.head),
      repository.diff(ground.base, tree, tested.head),
      repository.treeId(ground.base, tested.head),
    ]);
    records.write('evidence/source.patch', sourcePatch);
    records.write('evidence/tests.patch', testsPatch);
    records.write('evidence/changelog.patch', changelogPatch);
    records.write('change.patch', patch);
    records.writeJson('proof.json', proofFileSchema.parse({ run, criteria: reviewed.proofs }));

    const verdict = verdictSchema.parse(verdictOf([...products.validated, ...tested.facts, ...reviewed.facts]));
    if (!verdict.green) throw new Failure('bug', 'the line came to its end with a fact that does not hold');
    const { facts } = verdict;
    records.writeJson('evidence/verdict.json', verdict);
    records.writeJson('receipt.json', {
      run,
      base: ground.base.commit,
      base_tree: ground.base.tree,
      head_tree: expected,
      sha256: Object.fromEntries(
        Object.entries({
          request: order.request,
          spec: JSON.stringify(planned.spec),
          source: sourcePatch,
          tests: testsPatch,
          changelog: changelogPatch,
          change: patch,
        }).map(([name, text]) => [name, createHash('sha256').update(text).digest('hex')]),
      ),
      images: Object.fromEntries(Object.entries(world.images).map(([kind, image]) => [kind, image])),
      policies_sha256: createHash('sha256').update(JSON.stringify(world.policies)).update(world.seccomp).digest('hex'),
      facts: facts.map(({ name, holds, evidence }) => ({ name, holds, evidence })),
    });
    const traceHead = trace.head();
    const { spec } = planned;
    const message = commitMessage({
      run,
      title: spec.title,
      section: spec.changelog.section,
      criteria: spec.acceptance_criteria.map(({ id, rule }) => ({ id, rule })),
      traceHead,
      baseTree: ground.base.tree,
    });
    const { commit, tree: written } = await repository.publish(ground.base, tested.head, branch, world.redactor.text(message));
    if (written !== expected) throw new Failure('pr_not_made', `the commit's target tree is ${written}, expected ${expected}`);

    const total = asking.total();
    records.write(
      'pr.md',
      renderPr({
        run,
        folder: records.folder,
        branch,
        base: ground.base,
        title: spec.title,
        section: spec.changelog.section,
        request: order.request,
        intent: spec.intent,
        assumptions: spec.assumptions,
        outOfScope: spec.out_of_scope,
        spec: renderSpec(spec),
        notCovered: spec.not_covered,
        files: filesOf(parsePatch(diff)),
        proof: reviewed.proofs,
        facts,
        hunks: { hunks: tested.hunks, criteria: tests.criteria },
        review: reviewOf(reviewed, asking),
        superseded: [...spec.supersedes, ...products.brief.superseded],
        flaky: baseline.flaky,
        stages: stageCosts(asking),
        ms: Date.now() - order.startedAt,
        reworks,
        replayed: order.resumedFrom === null ? howReplayed(total) : null,
        traceHead,
        ...(order.resumedFrom === null ? {} : { answered: howTakenOver(order.resumedFrom, total) }),
        jail: jailText(jail),
        jailProof: jail,
        caveats: caveats({ order, planned, words, served: servedBy(asking) }),
      }),
    );
    const ms = Date.now() - began;
    trace.write({
      type: 'stage',
      stage: 'PR',
      attempt: 1,
      model: null,
      served_by: null,
      tokens_in: null,
      tokens_out: null,
      ms,
      eval_ok: true,
      retries: 0,
      cost_usd: 0,
      code: null,
      detail: branch,
    });
    progress.end({
      stage: 'PR',
      ok: true,
      ms,
      tokensIn: null,
      tokensOut: null,
      costUsd: null,
      asked: false,
      text: `${branch}   ${records.folder}/pr.md`,
    });
    return { branch, commit };
  }

  return { keep, publish };
}

function filesOf(patches: readonly FilePatch[]) {
  return patches.map((patch) => {
    const { added, deleted } = patchStat([patch]);
    return { path: patch.path, kind: patch.kind, added, deleted };
  });
}

function reviewOf({ review }: Reviewed, asking: Asking) {
  return {
    verdict: review.verdict,
    servedBy: asking.stageTotal('REVIEW').servedBy.join(', '),
    criteria: review.criteria.map(({ citations, ...criterion }) => ({ ...criterion, citations: citations.map(citationText) })),
    notes: review.findings.filter(({ about }) => about === null),
  };
}

function citationText(citation: Citation): string {
  return citation.kind === 'test' ? citation.test : `${citation.path}:${citation.line} (${citation.kind})`;
}

function servedBy(asking: Asking): Served {
  const first = { build: nameOf(asking.settings('BUILD')), review: nameOf(asking.settings('REVIEW')) };
  return { first, build: asking.stageTotal('BUILD').servedBy, review: asking.stageTotal('REVIEW').servedBy };
}

function stageCosts(asking: Asking) {
  return MODEL_STAGES.map((stage) => {
    const { servedBy, tokensIn, tokensOut, estimated, costUsd, ms } = asking.stageTotal(stage);
    return {
      stage,
      attempts: asking.attempts(stage),
      model: asking.attempts(stage) === 0 ? null : asking.settings(stage).model,
      servedBy: servedBy.join(', ') || null,
      tokensIn,
      tokensOut,
      estimated,
      costUsd,
      ms,
    };
  });
}
