import { z } from 'zod';
import { type ProtectedList, protectingGroup } from './protection.ts';

/** Where a target says what is its own: in its folder, read from the base commit and nowhere else. No stage may change it. */
export const TARGET_FILE = '.factory-target.yaml';

const plainPath = z
  .string()
  .min(1)
  .max(300)
  .refine((path) => path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'), {
    error: 'a path is relative to the target, with / and without . or ..',
  });

/** `.factory-target.yaml`: closed; no provider, policy or budget can stand in it. */
export const targetFileSchema = z.strictObject({
  protected_paths: z
    .strictObject({
      /** Globs of more paths that no stage may change: `*` is anything but `/`, `**` anything. */
      add: z.array(plainPath).max(100).default([]),
      /** Exact paths that may be changed although policies/protected.yaml lists them in a group that is not `core`. */
      allow: z
        .array(plainPath.refine((path) => !path.includes('*'), { error: 'exact paths only, no *' }))
        .max(100)
        .default([]),
    })
    .prefault({}),
});
export type TargetFile = z.infer<typeof targetFileSchema>;

/** The allowed paths that nobody may allow, each with the reason. */
export function forbiddenAllowances({ protected_paths }: TargetFile, list: ProtectedList): { path: string; why: string }[] {
  const core = [...list.everyone, ...list.source].filter((group) => group.core);
  return protected_paths.allow.flatMap((path) => {
    const group = protectingGroup(path, core);
    return group === null ? [] : [{ path, why: group.why }];
  });
}
