import { z } from 'zod';
import type { TargetCard } from './card.ts';
import { exampleLines } from './spec/example-text.ts';
import type { Example } from './spec.ts';

/** `evidence/refusal.json`: why PLAN refused, what has to be answered, and what an example looks like that would compile. */
export const refusalSchema = z.strictObject({
  reason: z.string().max(60),
  /** Q1, Q2 … in order. */
  questions: z.array(z.string().min(1).max(300)).min(1).max(5),
  example: z.array(z.string().max(400)).max(20),
});
export type Refusal = z.infer<typeof refusalSchema>;

/** A rule and an example that compile, about the target's first route where it has one: to show the form, not a feature. */
export function exampleThatCompiles(card: Pick<TargetCard, 'routes'>): string[] {
  const route = 'unavailable' in card.routes ? undefined : (card.routes.find(({ method }) => method === 'GET') ?? card.routes[0]);
  if (route === undefined) {
    const call: Example = { type: 'call', call: 'package.module:function', args: [[1, 2, 6]], then: { returns: 3 } };
    return ['WHEN function is called with 1, 2 and 6 THE API SHALL return 3', ...exampleLines(call)];
  }
  const path = route.path.replace(/\{[^}]*\}/g, '1').slice(0, 200);
  const method = (METHODS as readonly string[]).includes(route.method) ? (route.method as (typeof METHODS)[number]) : 'GET';
  const example: Example = { type: 'http', when: { method, path, query: { limit: 0 } }, then: { status: 422 } };
  return [`WHEN ${method} ${path} is asked with limit 0 THE API SHALL answer 422`, ...exampleLines(example)];
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
