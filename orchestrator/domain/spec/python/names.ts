/**
 * A name of an example (`sortBy`, `class`, `id`) as a Python name that a linter leaves alone: snake case, no keyword, no built-in, nothing
 * in `taken`. The same name and the same `taken` always give the same result.
 */
export function pythonName(name: string, taken: ReadonlySet<string>): string {
  const plain = snakeCase(name) || 'value';
  const safe = RESERVED.has(plain) ? `${plain}_` : plain;
  if (!taken.has(safe)) return safe;
  for (let n = 2; ; n++) {
    const numbered = `${plain}_${n}`;
    if (!taken.has(numbered)) return numbered;
  }
}

/** `WHEN sort is unknown THE API SHALL answer 422` -> `sort_is_unknown_answer_422`: words of a rule for a function's name. */
export function functionWords(rule: string): string {
  const words = rule
    .normalize('NFKD')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '' && !FILLER.has(word));
  let name = '';
  for (const word of words) {
    if (name.length + word.length > 55) break;
    name += name === '' ? word : `_${word}`;
  }
  return name || 'example';
}

function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/^[_0-9]+|_+$/g, '');
}

const FILLER = new Set('when while where if then the a an shall api system service app application it its'.split(' '));

/** Whether it can stand as a parameter, an attribute or a keyword argument. */
export function isPythonName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !KEYWORDS.has(name) && name !== '__debug__';
}

const KEYWORDS: ReadonlySet<string> = new Set(
  `and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or
  pass raise return try while with yield False None True`.split(/\s+/),
);

const BUILTINS = `abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex copyright credits
  delattr dict dir divmod enumerate eval exec exit filter float format frozenset getattr globals hasattr hash help hex id input int
  isinstance issubclass iter len license list locals map max memoryview min next object oct open ord pow print property quit range repr
  reversed round set setattr slice sorted staticmethod str sum super tuple vars zip`;

/** Names that the compiled functions use themselves, and pytest's own fixture that no parameter may be called. */
const OWN = `request response body params ended scene item inner element part pytest sys os subprocess import_module set_the_scene
  result true false none match case type`;

const RESERVED: ReadonlySet<string> = new Set([...KEYWORDS, ...BUILTINS.split(/\s+/), ...OWN.split(/\s+/)]);
