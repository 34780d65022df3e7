import { Failure } from '../domain/failure.ts';
import type { Intervention } from '../domain/order-file.ts';
import { type Edges, REWORK } from './line.ts';
import type { ProductName, Products } from './products.ts';
import { openReworks, type Setback } from './rework.ts';
import type { Attempt, Outcome, Returned, StageDefinition, StageId } from './stage.ts';

/** What the line tells whoever watches it. */
export interface LineWatcher {
  begin(stage: StageDefinition, attempt: Attempt): void;
  end(stage: StageDefinition, attempt: Attempt, result: { ok: boolean; text: string; code: string | null }): void;
  /** Work goes back; `used` of `budget` reworks are spent with this one. */
  rework(returned: Returned, to: StageId, used: number, budget: number): void;
}

export interface LineEnd {
  readonly products: Products;
  readonly reworks: number;
}

export interface LineOptions {
  readonly reworkBudget: number;
  readonly watcher: LineWatcher;
  /** Gets what was made as it is made, so that a failed run still has it. */
  readonly keep: (name: ProductName, product: unknown) => void;
  readonly signal: AbortSignal;
  /** Who gets work back; by default as the line says. */
  readonly edges?: Edges;
  /** Where people stepped in, in the order of the ends that they are for. */
  readonly interventions?: readonly Intervention[];
}

/**
 * Take the products given down the line until every stage has done its work. Throws the `Failure` of a stage, of an exhausted budget, or of a
 * cause that goes to nobody.
 */
export async function runLine(line: readonly StageDefinition[], given: Partial<Products>, options: LineOptions): Promise<LineEnd> {
  const { watcher, keep, signal, edges = REWORK, interventions = [] } = options;
  const reworks = openReworks(line, { edges, budget: options.reworkBudget, interventions });
  const made = new Map<ProductName, { value: unknown; version: number }>();
  for (const [name, value] of Object.entries(given)) made.set(name as ProductName, { value, version: 0 });
  const lastNeeds = new Map<StageId, string>();
  const attempts = new Map<StageId, number>();
  let version = 0;
  let returned: Returned | null = null;

  for (let i = 0; i < line.length; ) {
    signal.throwIfAborted();
    const stage = at(line, i);
    const needs = stage.needs.map((name) => `${name}@${need(made, stage, name).version}`).join(' ');
    if (returned === null && lastNeeds.get(stage.id) === needs) {
      i += 1;
      continue;
    }
    const attempt: Attempt = { number: (attempts.get(stage.id) ?? 0) + 1, returned };
    attempts.set(stage.id, attempt.number);
    lastNeeds.set(stage.id, needs);
    returned = null;

    watcher.begin(stage, attempt);
    const outcome = await runStage(stage, pick(made, stage), attempt, watcher);
    if ('product' in outcome && outcome.product !== undefined) {
      version += 1;
      made.set(stage.gives, { value: outcome.product, version });
      keep(stage.gives, outcome.product);
    }
    if (outcome.kind === 'done') {
      i += 1;
      continue;
    }

    const rework = reworks.back(stage, outcome);
    const { to, used, budget } = rework;
    returned = rework.returned;
    watcher.rework(returned, to, used, budget);
    i = line.findIndex(({ id }) => id === to);
    if (i < 0) throw new Failure('bug', `the line has no stage ${to}`);
  }
  return {
    products: Object.fromEntries([...made].map(([name, { value }]) => [name, value])) as unknown as Products,
    reworks: reworks.used,
  };
}

async function runStage(
  stage: StageDefinition,
  needs: Products,
  attempt: Attempt,
  watcher: LineWatcher,
): Promise<Outcome<unknown> | Setback> {
  try {
    const outcome = await stage.run(needs, attempt);
    if (outcome.kind === 'done') watcher.end(stage, attempt, { ok: true, text: outcome.summary, code: null });
    else watcher.end(stage, attempt, { ok: false, text: outcome.returned.reason, code: outcome.returned.code });
    return outcome;
  } catch (error) {
    const code = error instanceof Failure ? error.code : 'bug';
    watcher.end(stage, attempt, { ok: false, text: error instanceof Failure ? error.detail : String(error), code });
    if (error instanceof Failure) return { kind: 'failed', failure: error };
    throw error;
  }
}

type Made = Map<ProductName, { value: unknown; version: number }>;

function pick(made: Made, stage: StageDefinition): Products {
  return Object.fromEntries(stage.needs.map((name) => [name, need(made, stage, name).value])) as unknown as Products;
}

function need(made: Made, stage: StageDefinition, name: ProductName) {
  const product = made.get(name);
  if (product === undefined) throw new Failure('bug', `${stage.id} needs ${name}, which no stage before it gives`);
  return product;
}

function at(line: readonly StageDefinition[], i: number): StageDefinition {
  const stage = line[i];
  if (stage === undefined) throw new Failure('bug', `the line has no stage at ${i}`);
  return stage;
}
