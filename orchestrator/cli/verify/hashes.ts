import { createHash } from 'node:crypto';
import { type Check, fails, holds, judged, unknown } from './check.ts';
import type { KeptRun } from './kept-run.ts';
import { type TraceChain, traceChain } from './trace-chain.ts';

/** Names of the receipt's own hashes and the files that they are of; that of the Spec is of its JSON without white space. */
const FILE_OF: Readonly<Record<string, string>> = {
  request: 'request.txt',
  spec: 'evidence/spec.json',
  source: 'evidence/source.patch',
  tests: 'evidence/tests.patch',
  changelog: 'evidence/changelog.patch',
  change: 'change.patch',
};

/** Most files that are named one by one. */
const MOST_NAMED = 12;

/** Everything of a run's folder that a hash in it holds, looked at again. */
export function hashChecks(kept: KeptRun): { readonly checks: readonly Check[]; readonly trace: TraceChain } {
  const trace = traceChain(kept.bytes('trace.jsonl'), kept.run);
  const files = kept.receipt.seal === undefined ? unsealed(kept) : sealed(kept, kept.receipt.seal, trace);
  return { checks: [oneRun(kept), ...trace.checks, ...traceInPr(kept, trace), ...files], trace };
}

function oneRun({ receipt, result }: KeptRun): Check {
  const same =
    receipt.run === result.run && receipt.base === result.base && receipt.base_tree === result.base_tree && result.outcome === 'pr';
  return judged('receipt.json', same, 'is of the run and base of result.json', 'and result.json are of different runs, bases or ends');
}

/** The PR's text names the trace as it was when the commit was made. */
function traceInPr(kept: KeptRun, { hashes }: TraceChain): Check[] {
  if (hashes.length === 0) return [];
  const named = /trace `([0-9a-f]{64})`/.exec(kept.bytes('pr.md')?.toString('utf8') ?? '')?.[1];
  if (named === undefined) return [fails('pr.md', 'does not name the trace')];
  return [judged('pr.md', hashes.includes(named), 'names a line of this trace', 'names a line that this trace does not have')];
}

function sealed(kept: KeptRun, seal: NonNullable<KeptRun['receipt']['seal']>, { hashes }: TraceChain): Check[] {
  const wrong = Object.entries(seal.files).flatMap(([path, hash]) => {
    const bytes = kept.bytes(path);
    if (bytes === null) return [fails(path, 'is not there, and the receipt has its hash')];
    return sha256(bytes) === hash ? [] : [fails(path, 'is not what the receipt says: it was changed after the run had ended')];
  });
  const known = new Set([...Object.keys(seal.files), 'receipt.json', 'trace.jsonl']);
  const strangers = kept.files.filter((path) => !known.has(path));
  const whole = hashes.length === 0 ? [] : [endOfTrace(hashes, seal.trace_head)];
  const right = Object.keys(seal.files).length - wrong.length;
  return [
    ...whole,
    ...(wrong.length === 0 ? [holds('files', `${right} files are what the receipt says`)] : named(wrong)),
    ...(strangers.length === 0 ? [] : [unknown('files', `not the run’s, and left out: ${listed(strangers)}`)]),
  ];
}

function endOfTrace(hashes: readonly string[], head: string): Check {
  if (hashes.at(-1) === head) return holds('trace.jsonl', 'ends where the receipt says');
  return fails(
    'trace.jsonl',
    hashes.includes(head) ? 'has lines after the end that the receipt says' : 'its last line is not what the receipt says: it was changed',
  );
}

/** A receipt from before runs were sealed holds six hashes; what no hash holds is said. */
function unsealed(kept: KeptRun): Check[] {
  const checks = Object.entries(FILE_OF).map(([name, path]) => {
    const hash = kept.receipt.sha256[name];
    if (hash === undefined) return unknown(path, 'the receipt has no hash of it');
    const bytes = kept.bytes(path);
    if (bytes === null) return fails(path, 'is not there, and the receipt has its hash');
    const right = sha256(name === 'spec' ? compact(bytes) : bytes) === hash;
    return judged(path, right, 'is what the receipt says', 'is not what the receipt says: it was changed after the run had ended');
  });
  const held = new Set([...Object.values(FILE_OF), 'receipt.json', 'trace.jsonl']);
  const rest = kept.files.filter((path) => !held.has(path));
  return [
    ...checks,
    unknown('trace.jsonl', 'no hash holds its last line: the receipt is from before runs were sealed'),
    unknown('files', `no hash holds ${rest.length} others, among them ${listed(rest.filter((path) => !path.includes('/')))}`),
  ];
}

function compact(bytes: Buffer): string {
  try {
    return JSON.stringify(JSON.parse(bytes.toString('utf8')));
  } catch {
    return '';
  }
}

function named(wrong: readonly Check[]): Check[] {
  const more = wrong.length - MOST_NAMED;
  return [...wrong.slice(0, MOST_NAMED), ...(more > 0 ? [fails('files', `and ${more} more`)] : [])];
}

function listed(paths: readonly string[]): string {
  return paths.length <= 4 ? paths.join(', ') : `${paths.slice(0, 4).join(', ')}, …`;
}

function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
