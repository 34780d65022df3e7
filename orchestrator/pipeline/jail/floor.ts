import type { ContainerKind } from '../../domain/stage.ts';

/** Stands in a path for the target's test folder. */
const TESTS = '<tests>';

/**
 * Where each kind may write of what is mounted, whatever its policy says: a policy can take from this list, never add to it. That tests
 * and source have different writers, and that whoever looks cannot change, is decided here.
 */
const MAY_WRITE: Readonly<Record<ContainerKind, readonly string[]>> = {
  plan: [],
  scout: [],
  build: ['/work'],
  validate: [],
  'test-writing': [`/work/${TESTS}`],
  'test-running': ['/out'],
  review: [],
  card: ['/out'],
  format: ['/w'],
  holder: ['/v'],
};

/** What lies inside one of these and must not be written to all the same. */
const MAY_NOT_WRITE: Readonly<Partial<Record<ContainerKind, readonly string[]>>> = {
  build: [`/work/${TESTS}`],
  'test-writing': ['/work'],
};

/** The mount points a container of the kind may write to at all. */
export function mayWrite(kind: ContainerKind, testsFolder: string | null): readonly string[] {
  return placed(MAY_WRITE[kind], testsFolder);
}

/** The paths that separate BUILD from TEST. Empty where the target's tests are no folder of their own. */
export function mayNotWrite(kind: ContainerKind, testsFolder: string | null): readonly string[] {
  return testsFolder === null ? [] : placed(MAY_NOT_WRITE[kind] ?? [], testsFolder);
}

function placed(paths: readonly string[], testsFolder: string | null): string[] {
  return paths.flatMap((path) => {
    if (!path.includes(TESTS)) return [path];
    return testsFolder === null ? [] : [path.replace(TESTS, testsFolder)];
  });
}
