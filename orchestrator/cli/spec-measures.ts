import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tokensOf } from '../domain/forecast.ts';
import { refusalSchema } from '../domain/refusal.ts';
import { runResultSchema } from '../domain/run.ts';
import { compileExamples } from '../domain/spec/compile.ts';
import { lintSpec } from '../domain/spec/lint.ts';
import { specSchema } from '../domain/spec.ts';
import type { KnownTarget } from './target-card.ts';

interface Asked {
  readonly id: string;
  readonly kind: string;
  readonly expect: 'spec' | 'refusal';
  readonly request: string;
}

/** What one request became. */
interface MeasuredPlan extends Asked {
  /** `not run`, the reason of a refusal, a failure code, or `spec`. */
  readonly became: string;
  readonly criteria: number;
  /** Criteria with at least one example that compiled. */
  readonly compiled: number;
  readonly examples: number;
  readonly asData: number;
  readonly assumptions: number;
  /** Findings of today's linter. */
  readonly findings: readonly string[];
  /** Characters of the Spec's JSON over 4: an estimate. */
  readonly specTokens: number;
  /** Completions that PLAN took. */
  readonly turns: number;
  /** Completions of BUILD: none, or the plan was no plan. */
  readonly buildTurns: number;
}

/** The newest plan of each request in a folder of runs, measured against the target card given. */
export function measuredPlans(asked: readonly Asked[], folder: string, target: KnownTarget): MeasuredPlan[] {
  const runs = readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'result.json')))
    .map((name) => ({ folder: join(folder, name), request: readFileSync(join(folder, name, 'request.txt'), 'utf8').trim() }));
  return asked.map((one) => {
    const request = one.request.trim();
    const of = runs.filter((run) => run.request === request).map((run) => ({ ...run, result: resultOf(run.folder) }));
    const [last] = of.toSorted((a, b) => b.result.started_at.localeCompare(a.result.started_at));
    return last === undefined ? { ...one, became: 'not run', ...NOTHING } : { ...one, ...measure(last.folder, request, target) };
  });
}

const NOTHING = { criteria: 0, compiled: 0, examples: 0, asData: 0, assumptions: 0, findings: [], specTokens: 0, turns: 0, buildTurns: 0 };

function resultOf(folder: string) {
  return runResultSchema.parse(readJson(join(folder, 'result.json')));
}

function measure(folder: string, request: string, target: KnownTarget): Omit<MeasuredPlan, keyof Asked> {
  const recorded = readdirSync(join(folder, 'evidence/recording'));
  const turns = recorded.filter((name) => name.startsWith('PLAN-')).length;
  const buildTurns = recorded.filter((name) => name.startsWith('BUILD-')).length;
  const counted = { ...NOTHING, turns, buildTurns };
  const refusal = join(folder, 'evidence/refusal.json');
  if (existsSync(refusal)) return { ...counted, became: `refused: ${refusalSchema.parse(readJson(refusal)).reason}` };
  const file = join(folder, 'evidence/spec.json');
  if (!existsSync(file)) return { ...counted, became: resultOf(folder).code ?? 'nothing' };
  const spec = specSchema.parse(readJson(file));
  const { tests, prose } = compileExamples(spec, target);
  return {
    ...counted,
    became: 'spec',
    criteria: spec.acceptance_criteria.length,
    compiled: new Set(tests.flatMap(({ criteria }) => criteria)).size,
    examples: tests.length + prose.length,
    asData: tests.length,
    assumptions: spec.assumptions.length,
    findings: lintSpec(spec, { ...target, request, allowedDependencies: [] }).map(({ code, where }) => `${code} at ${where}`),
    specTokens: tokensOf(JSON.stringify(spec).length),
  };
}

/** The measures as a Markdown table, with what they come to. */
export function measuresTable(plans: readonly MeasuredPlan[]): string {
  const specs = plans.filter(({ became }) => became === 'spec');
  const refused = plans.filter(({ became }) => became.startsWith('refused'));
  const total = (of: (plan: MeasuredPlan) => number) => plans.reduce((sum, plan) => sum + of(plan), 0);
  const wrongly = refused.filter(({ expect }) => expect === 'spec').map(({ id }) => id);
  const missed = specs.filter(({ expect }) => expect === 'refusal').map(({ id }) => id);
  const sizes = specs.map(({ specTokens }) => specTokens).toSorted((a, b) => a - b);
  const rows = plans.map(
    (p) =>
      `| ${p.id} | ${p.kind} | ${p.expect} | ${p.became} | ${p.criteria} | ${p.compiled} | ${p.asData} of ${p.examples} | ${p.assumptions} | ${p.specTokens} | ${p.turns} | ${p.findings.join('; ') || '0'} |`,
  );
  return `| id | kind | expected | became | criteria | compiled | examples as data | assumptions | Spec tokens | PLAN's turns | findings of the linter |
|---|---|---|---|---|---|---|---|---|---|---|
${rows.join('\n')}

Criteria compiled: ${total((p) => p.compiled)} of ${total((p) => p.criteria)}${share(
    total((p) => p.compiled),
    total((p) => p.criteria),
  )}; examples as data: ${total((p) => p.asData)} of ${total((p) => p.examples)}. Median Spec: ${sizes[Math.floor((sizes.length - 1) / 2)] ?? 0} tokens (characters / 4; largest ${sizes.at(-1) ?? 0}).
Refused: ${refused.length}; refused though a Spec was expected: ${wrongly.join(', ') || 'none'}; compiled though a refusal was expected: ${missed.join(', ') || 'none'}. Completions of BUILD in all of them: ${total((p) => p.buildTurns)}.
`;
}

function share(part: number, whole: number): string {
  return whole === 0 ? '' : ` (${((100 * part) / whole).toFixed(0)} %)`;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
