import type { TargetCard } from '../card.ts';
import type { TargetLayout } from '../target.ts';

/** A dotted name split into what is imported and what is looked up in it. */
export interface Dotted {
  readonly module: string;
  /** Attributes after the module, at least one; empty only for a name without any dot. */
  readonly attributes: readonly string[];
}

/** `a.b:c.d` -> module `a.b`, attributes `c`, `d`; without a colon the last name is the attribute. */
export function splitDotted(name: string): Dotted {
  const [module = '', attributes] = name.split(':');
  if (attributes !== undefined) return { module, attributes: attributes.split('.') };
  const at = module.lastIndexOf('.');
  return at === -1 ? { module, attributes: [] } : { module: module.slice(0, at), attributes: [module.slice(at + 1)] };
}

/** Whether an entry of `interface` is `dotted` or holds it. */
export function sameName(entry: string, dotted: string): boolean {
  const [a, b] = [entry.replace(':', '.'), dotted.replace(':', '.')];
  return b === a || b.startsWith(`${a}.`);
}

/** Whether the base has a dotted name, as far as the card tells; `unknown` where the module's file is there but has no outline. */
export function onBase(dotted: string, card: TargetCard, layout: TargetLayout): 'yes' | 'no' | 'unknown' {
  const { module, attributes } = splitDotted(dotted);
  const paths = moduleFiles(module, layout);
  const outline = card.outline.find(({ path }) => paths.includes(path));
  if (outline === undefined) return card.files.some((path) => paths.includes(path)) ? 'unknown' : 'no';
  return outline.symbols.some(({ name }) => name === attributes.join('.')) ? 'yes' : 'no';
}

/** The same of a value: `code` where the name is that of a function or class, or of something in a function. What a value holds in itself no card tells. */
export function valueOnBase(dotted: string, card: TargetCard, layout: TargetLayout): 'yes' | 'no' | 'unknown' | 'code' {
  const { module, attributes } = splitDotted(dotted);
  const paths = moduleFiles(module, layout);
  const outline = card.outline.find(({ path }) => paths.includes(path));
  if (outline === undefined) return onBase(dotted, card, layout);
  const kinds = attributes.map((_, at) => {
    const name = attributes.slice(0, at + 1).join('.');
    return outline.symbols.find((symbol) => symbol.name === name)?.kind;
  });
  if (kinds[0] === undefined) return 'no';
  const isCode = kinds.at(-1) === 'class' || kinds.includes('function');
  return isCode ? 'code' : 'yes';
}

function moduleFiles(module: string, layout: TargetLayout): string[] {
  const path = module.replaceAll('.', '/');
  const roots = new Set([
    '',
    ...layout.sources.filter((source) => source.includes('/')).map((source) => source.slice(0, source.lastIndexOf('/') + 1)),
  ]);
  return [...roots].flatMap((root) => [`${root}${path}.py`, `${root}${path}/__init__.py`]);
}
