import { z } from 'zod';

const nameGlobs = z
  .array(
    z
      .string()
      .min(1)
      .max(100)
      .regex(/^[^/]+$/, 'a glob of names holds no `/`'),
  )
  .max(100);

/** A kind of path that is not to be changed, in any folder. Globs know `*` (anything but `/`) and ignore case. */
const protectedGroupSchema = z
  .strictObject({
    /** Goes on after the path: `decides dependencies`. */
    why: z.string().min(1).max(100),
    /** True where no target may lift it: it decides what runs, what is collected or what judges. */
    core: z.boolean().default(false),
    /** Globs of file names. */
    files: nameGlobs.default([]),
    /** Globs of folder names: everything below them is meant. */
    folders: nameGlobs.default([]),
  })
  .refine(({ files, folders }) => files.length + folders.length > 0, { error: 'a group without files and folders protects nothing' });
export type ProtectedGroup = z.infer<typeof protectedGroupSchema>;

/** `policies/protected.yaml`. */
export const protectedListSchema = z.strictObject({
  /** Protected from every stage. */
  everyone: z.array(protectedGroupSchema).min(1).max(50),
  /** Protected from BUILD besides. */
  source: z.array(protectedGroupSchema).min(1).max(50),
});
export type ProtectedList = z.infer<typeof protectedListSchema>;

/** The list, and what the target's own file on the base makes of it. */
export interface Protection {
  readonly list: ProtectedList;
  /** Globs of paths (`*` anything but `/`, `**` anything) that are protected here too. */
  readonly add: readonly string[];
  /** Paths that may be changed although the list has them in a group that is not core. Nothing else of them is lifted. */
  readonly allow: readonly string[];
}

/** Why no stage may change a path, or null: the target's own file can add any path, and lift of the list what is not core. */
export function protectedBecause(path: string, { list, add, allow }: Protection): string | null {
  if (add.some((glob) => isPathMeant(path, glob))) return 'is protected by the target’s own file';
  const lifted = allow.includes(path);
  return protectingGroup(path, lifted ? list.everyone.filter(({ core }) => core) : list.everyone)?.why ?? null;
}

/** The first group that protects a path, or null. */
export function protectingGroup(path: string, groups: readonly ProtectedGroup[]): ProtectedGroup | null {
  const parts = path.split('/');
  const file = parts.at(-1) ?? '';
  const above = parts.slice(0, -1);
  const fits = (globs: readonly string[], name: string) => globs.some((glob) => compiled(glob).test(name));
  return groups.find(({ files, folders }) => fits(files, file) || above.some((folder) => fits(folders, folder))) ?? null;
}

/** Whether a glob of paths means this path, however its letters are cased. */
export function isPathMeant(path: string, glob: string): boolean {
  return compiled(glob).test(path);
}

const known = new Map<string, RegExp>();

function compiled(glob: string): RegExp {
  const regex = known.get(glob) ?? new RegExp(`^${escaped(glob).replaceAll('\\*\\*', '.*').replaceAll('\\*', '[^/]*')}$`, 'isu');
  known.set(glob, regex);
  return regex;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
