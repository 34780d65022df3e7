import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Brief, briefSchema } from '../../domain/brief.ts';
import { type Spec, specSchema } from '../../domain/spec.ts';
import { type Review, reviewSchema } from '../../domain/turns.ts';

/** `demo.json`: one request, and the BUILDs that are tried on it. */
const demoFileSchema = z.strictObject({
  base: z.string(),
  target: z.string(),
  builds: z
    .array(
      z.strictObject({
        /** The folder that holds its source.patch. */
        name: z.string().regex(/^[a-z-]+$/),
        title: z.string().max(24),
        /** An attack of ours; else what a model built. */
        written_by_us: z.boolean(),
        why: z.string(),
      }),
    )
    .min(1),
});

export interface DemoBuild {
  readonly name: string;
  readonly title: string;
  readonly isAttack: boolean;
  readonly why: string;
  readonly sourcePatch: string;
}

/** What all builds of the demo share: request, Spec, tests and what REVIEW said of the honest one. */
export interface DemoData {
  readonly base: string;
  readonly target: string;
  readonly request: string;
  readonly spec: Spec;
  readonly brief: Brief;
  readonly testsPatch: string;
  readonly review: Review;
  readonly builds: readonly DemoBuild[];
}

export function readDemo(folder: string): DemoData {
  const text = (name: string) => readFileSync(join(folder, name), 'utf8');
  const data = (name: string): unknown => JSON.parse(text(name));
  const { base, target, builds } = demoFileSchema.parse(data('demo.json'));
  return {
    base,
    target,
    request: text('request.txt'),
    spec: specSchema.parse(data('spec.json')),
    brief: briefSchema.parse(data('brief.json')),
    testsPatch: text('tests.patch'),
    review: z.object({ review: reviewSchema }).parse(data('review.json')).review,
    builds: builds.map(({ name, title, written_by_us: isAttack, why }) => ({
      name,
      title,
      isAttack,
      why,
      sourcePatch: text(`${name}/source.patch`),
    })),
  };
}
