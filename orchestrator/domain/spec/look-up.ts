/** Dotted names as statements of a test: the module is imported in the function, so that a name the base lacks fails that test alone. */
import { splitDotted } from './dotted.ts';
import type { Expression } from './python/layout.ts';
import { stringLiteral } from './python/literal.ts';
import { isPythonName } from './python/names.ts';

export const IMPORT_FOR_LOOK_UP = 'from importlib import import_module';

/** Whether the name can be looked up in a module: it has an attribute, and no part of that is a keyword. */
export function canLookUp(dotted: string): boolean {
  const { attributes } = splitDotted(dotted);
  return attributes.length > 0 && attributes.every(isPythonName);
}

/** Whether the name is there in any module, whatever the target's code says: `app:__name__`. */
export function isOfEveryModule(dotted: string): boolean {
  return OF_EVERY_MODULE.has(splitDotted(dotted).attributes[0] ?? '');
}

const OF_EVERY_MODULE: ReadonlySet<string> = new Set(
  `__annotations__ __builtins__ __cached__ __class__ __delattr__ __dict__ __dir__ __doc__ __eq__ __file__ __format__ __ge__ __getattribute__
  __getstate__ __gt__ __hash__ __init__ __init_subclass__ __le__ __loader__ __lt__ __module__ __name__ __ne__ __new__ __package__ __path__
  __reduce__ __reduce_ex__ __repr__ __setattr__ __sizeof__ __spec__ __str__ __subclasshook__`.split(/\s+/),
);

/** `slugify = import_module("app.text").slugify`. What stands in the module is `Any` to a type checker. */
export function lookUp(dotted: string, name: string): Expression {
  const { module, attributes } = splitDotted(dotted);
  return { open: `${name} = import_module(`, items: [stringLiteral(module)], close: `).${attributes.join('.')}` };
}
