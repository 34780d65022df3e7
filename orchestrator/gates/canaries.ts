import type { FileEntry } from '../domain/tree.ts';
import { textFile } from '../domain/tree.ts';

/** A planted test file whose one test must fail. */
export interface CanaryFile {
  readonly path: string;
  readonly entry: FileEntry;
  /** Node id of the failing test. */
  readonly test: string;
}

export interface Canaries {
  readonly first: CanaryFile;
  readonly last: CanaryFile;
}

const THINGS = [
  'basket',
  'batch',
  'carrier',
  'ledger',
  'margin',
  'parcel',
  'pallet',
  'quota',
  'rebate',
  'receipt',
  'refund',
  'shelf',
  'tariff',
  'voucher',
];
const STATES = [
  'after_expiry',
  'after_merge',
  'at_midnight',
  'for_two_lines',
  'in_one_step',
  'on_retry',
  'when_empty',
  'when_full',
  'with_offset',
];
const TRAITS = ['count', 'limit', 'order', 'rounding', 'size', 'total', 'weight', 'width'];

/** A function that the last canary calls wherever its file is loaded. */
export interface CalledByCanary {
  /** Absolute path in the container. */
  readonly file: string;
  readonly name: string;
}

/**
 * Two test files that look like any other, to run first and last: an ordinary assertion in each must fail. `random` gives 0 <= n < 1 and
 * should not be guessable; `folder` is where the tests stand (`.` for the target's own folder); `taken` are paths not to use. The last one
 * calls `called` first: when it runs, what the tests need has been loaded, and nothing is loaded for its sake.
 */
export function canaries(
  random: () => number,
  folder: string,
  taken: ReadonlySet<string> = new Set(),
  called: readonly CalledByCanary[] = [],
): Canaries {
  const first = canary(random, folder, taken);
  return { first, last: canary(random, folder, new Set([...taken, first.path]), called) };
}

/** A name as a programmer would choose it: `basket_limit_on_retry`. */
export function plausibleName(random: () => number): string {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)] as string;
  return `${pick(THINGS)}_${pick(TRAITS)}_${pick(STATES)}`;
}

function canary(random: () => number, folder: string, taken: ReadonlySet<string>, called: readonly CalledByCanary[] = []): CanaryFile {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)] as string;
  const number = (below: number) => Math.floor(random() * below);
  const thing = pick(THINGS);
  const trait = pick(TRAITS);
  const state = pick(STATES);
  const name = freeName(`test_${thing}_${trait}_${state}`, folder, taken);
  const path = folder === '.' || folder === '' ? `${name}.py` : `${folder}/${name}.py`;
  const values = [number(40) + 1, number(40) + 1, number(40) + 1];
  const wrong = values.reduce((sum, value) => sum + value, 0) + 1 + number(9);
  const test = `test_${trait}_${state}`;
  const plain = `def ${test}() -> None:\n    ${thing} = [${values.join(', ')}]\n    assert sum(${thing}) == ${wrong}\n`;
  const text = called.length === 0 ? plain : callingText(test, thing, called, wrong);
  return { path, entry: textFile(text), test: `${path}::${test}` };
}

/** The functions return positive numbers, so no number of calls makes this one pass. */
function callingText(test: string, thing: string, called: readonly CalledByCanary[], wrong: number): string {
  const names = called.map(({ file, name }) => `        ${JSON.stringify(file)}: ${JSON.stringify(name)},`);
  return [
    ...['import sys', 'from types import ModuleType', '', ''],
    ...[`def ${test}() -> None:`, `    ${thing} = {`, ...names, '    }'],
    '    loaded = [module.__dict__ for module in list(sys.modules.values()) if isinstance(module, ModuleType)]',
    `    found = [(module, ${thing}.get(str(module.get("__file__")))) for module in loaded]`,
    '    sizes = [module[name]() for module, name in found if name in module]',
    `    assert sum(sizes) == -${wrong}`,
    '',
  ].join('\n');
}

function freeName(wanted: string, folder: string, taken: ReadonlySet<string>): string {
  const isTaken = (name: string) => taken.has(folder === '.' || folder === '' ? `${name}.py` : `${folder}/${name}.py`);
  let name = wanted;
  for (let n = 2; isTaken(name); n += 1) name = `${wanted}_${n}`;
  return name;
}
