import type { FailureCode } from '../domain/failure.ts';
import type { Stage } from '../domain/stage.ts';
import type { ProductName, Products } from './products.ts';

/** The stages as the line runs them: TEST writes with an agent and runs with a tool. */
export type StageId = 'PLAN' | 'SCOUT' | 'BUILD' | 'VALIDATE' | 'TEST-writing' | 'TEST-running' | 'REVIEW';

/** Why work goes back. The line says to whom (see line.ts); a cause that is not there goes to nobody and ends the run with `code`. */
export type Cause = 'dispute' | 'test_disputed' | 'source' | 'tests' | 'verdict' | 'person';

/** Work that comes back to a stage, in the words of the tool or the reader that found fault with it. */
export interface Returned {
  readonly from: StageId;
  readonly cause: Cause;
  readonly code: FailureCode;
  /** One line for people. */
  readonly reason: string;
  /** The whole of it for the model. */
  readonly words: string;
}

export type Outcome<T> =
  | { readonly kind: 'done'; readonly product: T; readonly summary: string }
  | { readonly kind: 'returned'; readonly returned: Returned; readonly product?: T };

/** How often a stage was entered in this run, and with what it was returned, if it was. */
export interface Attempt {
  readonly number: number;
  readonly returned: Returned | null;
}

/** One station of the line: what it needs, what it gives, what it does. */
export interface StageDefinition<Need extends ProductName = ProductName, Give extends ProductName = ProductName> {
  readonly id: StageId;
  /** The name it has in traces and on the terminal. */
  readonly stage: Stage;
  readonly needs: readonly Need[];
  readonly gives: Give;
  run(needs: Pick<Products, Need>, attempt: Attempt): Promise<Outcome<Products[Give]>>;
}

/** A stage value with its types forgotten, so that the line can be a list. */
export function stage<Need extends ProductName, Give extends ProductName>(definition: StageDefinition<Need, Give>): StageDefinition {
  return definition as unknown as StageDefinition;
}
