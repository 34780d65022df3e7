/** The stages of the line, in order. PR is done by the host alone. */
export const STAGES = ['PLAN', 'SCOUT', 'BUILD', 'VALIDATE', 'TEST', 'REVIEW', 'PR'] as const;
export type Stage = (typeof STAGES)[number];

/**
 * Every kind of container the factory starts. A stage may use more than one (TEST writes with an agent and runs with a tool),
 * and a few serve no single stage: `holder` keeps a volume alive, `card` reads the base, `format` runs the formatter.
 */
export const CONTAINER_KINDS = [
  'plan',
  'scout',
  'build',
  'validate',
  'test-writing',
  'test-running',
  'review',
  'card',
  'format',
  'holder',
] as const;
export type ContainerKind = (typeof CONTAINER_KINDS)[number];

/** The stages that ask a model. */
export const MODEL_STAGES = ['PLAN', 'SCOUT', 'BUILD', 'TEST', 'REVIEW'] as const;
export type ModelStage = (typeof MODEL_STAGES)[number];
