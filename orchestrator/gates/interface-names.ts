/**
 * Whether an error says that one of these names does not exist: an ImportError, ModuleNotFoundError or AttributeError naming it, its module, or
 * the class on the way to it. Names are as in a Spec's `interface`: `app.services.pricing:discount`.
 */
export function namesInterface(message: string, names: readonly string[]): boolean {
  const said = [...missingNames(message)];
  return names.some((name) => said.some((parts) => isOnTheWay(parts, name.split(/[.:]/))));
}

/** Every dotted name that the text says is missing, as parts; those of objects without a module begin with `?`. */
function* missingNames(message: string): Generator<string[]> {
  for (const [, module = ''] of message.matchAll(/ModuleNotFoundError: No module named '([\w.]{1,200})'/g)) yield module.split('.');
  for (const [, name = '', module = ''] of message.matchAll(
    /ImportError: cannot import name '(\w{1,100})' from (?:partially initialized module )?'([\w.]{1,200})'/g,
  )) {
    yield [...module.split('.'), name];
  }
  for (const [, module = '', name = ''] of message.matchAll(
    /AttributeError: (?:partially initialized )?module '([\w.]{1,200})' has no attribute '(\w{1,100})'/g,
  )) {
    yield [...module.split('.'), name];
  }
  for (const [, owner = '', name = ''] of message.matchAll(
    /AttributeError: (?:type object )?'(\w{1,100})'(?: object)? has no attribute '(\w{1,100})'/g,
  )) {
    yield ['?', owner, name];
  }
}

function isOnTheWay(missing: readonly string[], name: readonly string[]): boolean {
  if (missing[0] !== '?') return missing.length <= name.length && missing.every((part, i) => part === name[i]);
  return name.some((part, i) => part === missing[1] && name[i + 1] === missing[2]);
}
