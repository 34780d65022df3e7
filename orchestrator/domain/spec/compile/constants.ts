import type { Constant } from '../../spec.ts';
import { canLookUp, isOfEveryModule, lookUp } from '../look-up.ts';
import { layOut } from '../python/layout.ts';
import { INDENT } from './function.ts';
import { type Scope, variableOf } from './scope.ts';

/** The constants whose names are used. */
export function constantsIn(used: ReadonlySet<string>, constants: readonly Constant[]): Constant[] {
  return constants.filter(({ name }) => used.has(name));
}

/** `version = import_module("app").__version__` for each: looked up when the test runs, and again in every test. */
export function constantLines(constants: readonly Constant[], scope: Scope): string[] {
  return constants.map(({ name, of }) => ' '.repeat(INDENT) + layOut(lookUp(of, variableOf(name, scope).name), INDENT));
}

/** Why one of the used constants has no value that a test could compare with; null where all have one. */
export function unusableConstant(used: ReadonlySet<string>, constants: readonly Constant[]): string | null {
  for (const { name, of } of constantsIn(used, constants)) {
    if (constants.filter((other) => other.name === name).length > 1) return `two constants are called \`${name}\``;
    if (!canLookUp(of)) return `\`${of}\` names nothing that can be looked up in a module`;
    if (isOfEveryModule(of)) return `\`${of}\` is there in every module`;
  }
  return null;
}
