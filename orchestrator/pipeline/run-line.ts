import { Failure } from '../domain/failure.ts';
import { REWORK } from './line.ts';
import type { ProductName, Products } from './products.ts';
import type { Attempt, Cause, Returned, StageDefinition, StageId } from './stage.ts';

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

/**
 * Take the products given down the line until every stage has done its work.
 * Throws the `Failure` of a stage, of an exhausted budget, or of a cause that goes to nobody. What was made so far is handed to `keep` as
 * it is made, so that a failed run still has it.
 */
export async function runLine(
  line: readonly StageDefinition[],
  given: Partial<Products>,
  options: { reworkBudget: number; watcher: LineWatcher; keep: (name: ProductName, product: unknown) => void; signal: AbortSignal },
): Promise<LineEnd> {
  const { watcher, keep, signal } = options;
  const made = new Map<ProductName, { value: unknown; version: number }>();
  for (const [name, value] of Object.entries(given)) made.set(name as ProductName, { value, version: 0 });
  const lastNeeds = new Map<StageId, string>();
  const attempts = new Map<StageId, number>();
  const taken = new Map<Cause, number>();
  let reworks = 0;
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
    if (outcome.product !== undefined) {
      version += 1;
      made.set(stage.gives, { value: outcome.product, version });
      keep(stage.gives, outcome.product);
    }
    if (outcome.kind === 'done') {
      i += 1;
      continue;
    }

    const back = outcome.returned;
    const edge = REWORK[back.cause];
    if (edge === null) throw new Failure(back.code, back.reason);
    const times = (taken.get(back.cause) ?? 0) + 1;
    if (times > edge.most) throw new Failure(edge.otherwise, `${back.code}: ${back.reason}`);
    if (reworks >= options.reworkBudget) {
      throw new Failure(
        'budget_reworks',
        `${options.reworkBudget} of ${options.reworkBudget} used; the last finding was ${back.code}: ${back.reason}`,
      );
    }
    taken.set(back.cause, times);
    reworks += 1;
    watcher.rework(back, edge.to, reworks, options.reworkBudget);
    returned = back;
    i = line.findIndex(({ id }) => id === edge.to);
    if (i < 0) throw new Failure('bug', `the line has no stage ${edge.to}`);
  }
  return { products: Object.fromEntries([...made].map(([name, { value }]) => [name, value])) as unknown as Products, reworks };
}

async function runStage(stage: StageDefinition, needs: Products, attempt: Attempt, watcher: LineWatcher) {
  try {
    const outcome = await stage.run(needs, attempt);
    if (outcome.kind === 'done') watcher.end(stage, attempt, { ok: true, text: outcome.summary, code: null });
    else watcher.end(stage, attempt, { ok: false, text: outcome.returned.reason, code: outcome.returned.code });
    return outcome;
  } catch (error) {
    const code = error instanceof Failure ? error.code : 'bug';
    watcher.end(stage, attempt, { ok: false, text: error instanceof Failure ? error.detail : String(error), code });
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
