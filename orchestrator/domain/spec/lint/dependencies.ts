/** Whether the Spec keeps to the packages that the target has. */
import type { TargetCard } from '../../card.ts';
import type { Spec } from '../../spec.ts';
import type { SpecFinding } from '../finding.ts';

/** `allowed`: what the factory's settings let a Spec ask for; names are compared as package indexes do. */
export function lintDependencies({ dependencies = [] }: Spec, card: TargetCard, allowed: readonly string[]): SpecFinding[] {
  const onBase = new Set(card.dependencies.map(packageName));
  const permitted = new Set(allowed.map(packageName));
  return dependencies.flatMap(({ name }, at): SpecFinding[] => {
    const wanted = packageName(name);
    if (permitted.has(wanted)) return [];
    const where = `dependencies[${at}].name`;
    if (onBase.has(wanted)) {
      const message = `the target already has \`${name}\``;
      return [{ code: 'dependency_not_allowed', where, message, instead: 'drop the entry: what the target has may be used' }];
    }
    const message = `the change would need \`${name}\`, which the target does not have`;
    const instead =
      'say the rule so that the target’s own packages suffice, or refuse with the question whether the package may be added first';
    return [{ code: 'dependency_not_allowed', where, message, instead }];
  });
}

/** `Some_Package[extra]>=1.0` -> `some-package`. */
function packageName(requirement: string): string {
  const name = /^[A-Za-z0-9._-]*/.exec(requirement.trim())?.[0] ?? '';
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}
