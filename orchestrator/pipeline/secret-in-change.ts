import { Failure } from '../domain/failure.ts';
import type { Redactor } from '../domain/redact.ts';
import { type Change, diffTrees, type FileTree } from '../domain/tree.ts';
import type { ProductName, Products } from './products.ts';

/**
 * A change is handed on as it is or not at all: one that brings a secret of this machine into a file (content or name) is
 * `secret_in_change`, as soon as a stage hands it over. A file that held it on the base already is the target's own affair.
 */
export function assertNoSecret(name: ProductName, product: unknown, base: FileTree, redactor: Redactor): void {
  for (const { path, before, after } of changesOf(name, product, base)) {
    const secret = redactor.find(new TextEncoder().encode(path)) ?? (after === null ? null : redactor.find(after.content));
    if (secret !== null && !(before !== null && redactor.find(before.content) === secret))
      throw new Failure('secret_in_change', `${redactor.text(path)} holds the value of ${secret}`);
  }
}

function changesOf(name: ProductName, product: unknown, base: FileTree): readonly Change[] {
  if (name === 'source') return product as Products['source'];
  if (name === 'tests') return (product as Products['tests']).changes;
  return name === 'tested' ? diffTrees(base, (product as Products['tested']).head) : [];
}
