import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Failure } from '../../domain/failure.ts';
import { parseBoundedYaml } from '../bounded-yaml.ts';

const name = z.string().min(1).max(120);

/** A set of requests that were named before they were run, and the runs of each, the first attempt first. */
const setSchema = z.strictObject({
  name,
  /** One sentence about the set. */
  about: z.string().min(1).max(600).optional(),
  requests: z
    .array(z.strictObject({ id: name, runs: z.array(z.string().regex(/^[a-z0-9-]{1,60}$/)).max(50) }))
    .min(1)
    .max(100),
});
export type NamedSet = z.infer<typeof setSchema>;

export const SETS_FILE = 'docs/milestone.yaml';

/** The sets of `docs/milestone.yaml`, one or a list of them; none where there is no such file. Throws config_invalid for one that does not hold. */
export function namedSets(root: string): NamedSet[] {
  const path = join(root, SETS_FILE);
  if (!existsSync(path)) return [];
  try {
    return z
      .union([z.array(setSchema), setSchema.transform((set) => [set])])
      .parse(parseBoundedYaml(readFileSync(path, 'utf8'), { aliases: 0 }));
  } catch (error) {
    throw new Failure('config_invalid', `${SETS_FILE}: ${error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message}`);
  }
}
