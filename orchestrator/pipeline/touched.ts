import type { Change } from '../domain/tree.ts';

/** Files that a change leaves behind (added or modified), by path. */
export function touched(changes: readonly Change[]): string[] {
  return changes.filter(({ after }) => after !== null).map(({ path }) => path);
}
