import type { Expression } from '../python/layout.ts';

/** The inside of a test function, before it has a name. */
export interface TestBody {
  readonly decorator: Expression | null;
  readonly parameters: readonly Parameter[];
  /** Statements, indented by four; '' is an empty line. */
  readonly lines: readonly string[];
  /** Import statements it needs. */
  readonly imports: readonly string[];
}

export interface Parameter {
  readonly name: string;
  readonly annotation: string;
}

/** Why an example stays prose. */
export class NotCompiled {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Columns that a body's statements begin at. */
export const INDENT = 4;
