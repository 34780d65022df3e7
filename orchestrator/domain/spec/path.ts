/** One step of a path into a JSON answer. */
export type Segment =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'each' }
  | { readonly kind: 'length' };

export type ParsedPath = { readonly ok: true; readonly segments: readonly Segment[] } | { readonly ok: false; readonly reason: string };

/**
 * Reads `$.items[0].name`, `$.items[-1]`, `$.items[*].name`, `$['a b']`, `$.items.length` (or `.length()`; only at the end, elsewhere
 * `length` is a key). Everything else is refused with a reason.
 */
export function parsePath(text: string): ParsedPath {
  if (!text.startsWith('$')) return { ok: false, reason: 'a path begins with `$`' };
  const segments: Segment[] = [];
  let rest = text.slice(1);
  while (rest !== '') {
    const step = nextSegment(rest);
    if (step === null)
      return { ok: false, reason: `\`${rest.slice(0, 40)}\` is none of .key, [0], [-1], [*], ['key'] and a final .length` };
    segments.push(step.segment);
    rest = rest.slice(step.taken);
  }
  if (segments.at(-1)?.kind === 'length' && segments.at(-2)?.kind === 'each') {
    return { ok: false, reason: '`[*].length` is not said: write `.length` without `[*]` for the number of elements' };
  }
  return { ok: true, segments };
}

/** A Python expression for what `segments` name in `root`, e.g. `[item["name"] for item in body["items"]]`. */
export function pathExpression(root: string, segments: readonly Segment[], string: (text: string) => string): string {
  const loops: string[] = [];
  let value = root;
  segments.forEach((segment, at) => {
    if (segment.kind === 'key') value += `[${string(segment.key)}]`;
    else if (segment.kind === 'index') value += `[${segment.index}]`;
    else if (segment.kind === 'length') value = `len(${value})`;
    else if (at < segments.length - 1 || loops.length > 0) {
      const item = LOOP_NAMES[loops.length] ?? `item_${loops.length}`;
      loops.push(`for ${item} in ${value}`);
      value = item;
    }
  });
  return loops.length === 0 ? value : `[${value} ${loops.join(' ')}]`;
}

/** Names that `pathExpression` may bind. */
export const LOOP_NAMES = ['item', 'inner', 'element', 'part'] as const;

/** A Python condition that holds when what `segments` name is not there; null where absence cannot be said (`$`, `[*]` or `.length` at the end). */
export function absenceCondition(root: string, segments: readonly Segment[], string: (text: string) => string): string | null {
  const last = segments.at(-1);
  const parents = segments.slice(0, -1);
  if (last?.kind === 'index' && last.index >= 0 && parents.every(({ kind }) => kind !== 'each')) {
    return `len(${pathExpression(root, parents, string)}) <= ${last.index}`;
  }
  if (last?.kind !== 'key') return null;
  const key = string(last.key);
  const each = parents.findLastIndex(({ kind }) => kind === 'each');
  if (each === -1) return `${key} not in ${pathExpression(root, parents, string)}`;
  const items = pathExpression(root, parents.slice(0, each + 1), string);
  const name = /\bfor inner in\b/.test(items) ? 'element' : 'item';
  return `all(${key} not in ${pathExpression(name, parents.slice(each + 1), string)} for ${name} in ${items})`;
}

function nextSegment(rest: string): { readonly segment: Segment; readonly taken: number } | null {
  const length = /^\.length(\(\))?$/.exec(rest);
  if (length !== null) return { segment: { kind: 'length' }, taken: rest.length };
  const key = /^\.([A-Za-z_][A-Za-z0-9_-]*)/.exec(rest);
  if (key?.[1] !== undefined) return { segment: { kind: 'key', key: key[1] }, taken: key[0].length };
  const index = /^\[(-?\d{1,6})\]/.exec(rest);
  if (index?.[1] !== undefined) return { segment: { kind: 'index', index: Number(index[1]) }, taken: index[0].length };
  if (rest.startsWith('[*]')) return { segment: { kind: 'each' }, taken: 3 };
  const quoted = /^\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/.exec(rest);
  const name = quoted?.[1] ?? quoted?.[2];
  if (quoted !== null && name !== undefined) {
    return { segment: { kind: 'key', key: name.replace(/\\(.)/g, '$1') }, taken: quoted[0].length };
  }
  return null;
}
