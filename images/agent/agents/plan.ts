import type { PlanReply } from '../../../orchestrator/domain/spec.ts';
import { planTurnSchema } from '../../../orchestrator/domain/turns.ts';
import type { Agent } from '../loop.ts';

/** Holds no tool: every reply is its work. */
export const plan: Agent<PlanReply> = {
  name: 'plan',
  tools: [],
  schema: planTurnSchema,
  act: (reply) => ({ next: null, did: reply.outcome }),
};
