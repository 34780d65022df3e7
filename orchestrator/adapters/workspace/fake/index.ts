/** A repository in memory, for tests of the line: the same answers as git's in shape, none of git. */
import { createHash } from 'node:crypto';
import { Failure } from '../../../domain/failure.ts';
import type { Base } from '../../../domain/target.ts';
import { type Change, diffTrees, type FileEntry, type FileTree } from '../../../domain/tree.ts';
import type { Repository } from '../../../ports/repository.ts';

/** One call of `publish` that went well. */
export interface Published {
  readonly base: Base;
  readonly head: FileTree;
  readonly branch: string;
  readonly message: string;
  readonly commit: string;
  readonly tree: string;
}

export interface FakeRepositoryOptions {
  /** The target's folder; default `target-app`. */
  readonly prefix?: string;
  /** Branch that is checked out; default `main`. */
  readonly branch?: string | null;
}

export interface FakeRepository extends Repository {
  readonly published: readonly Published[];
  /** The next call of this method, and only that, throws the failure. */
  failNext(method: keyof Repository, failure: Failure): void;
}

/** A repository whose base holds these files in the target's folder and nothing else. */
export function fakeRepository(files: FileTree, options: FakeRepositoryOptions = {}): FakeRepository {
  const { prefix = 'target-app', branch = 'main' } = options;
  const published: Published[] = [];
  const failures = new Map<keyof Repository, Failure>();
  const mayFail = (method: keyof Repository) => {
    const failure = failures.get(method);
    failures.delete(method);
    if (failure !== undefined) throw failure;
  };
  return {
    published,
    failNext: (method, failure) => failures.set(method, failure),
    async pin({ target, base }) {
      mayFail('pin');
      const commit = idOf('commit', hashTree(files));
      if (base !== null && base !== 'HEAD' && base !== branch && base !== commit) throw new Failure('base_missing', base);
      if (target !== null && target !== prefix) throw new Failure('target_missing', target);
      return { root: '/fake/repository', prefix, commit, rootTree: idOf('root', hashTree(files)), tree: hashTree(files), branch };
    },
    async readTree() {
      mayFail('readTree');
      return new Map(files);
    },
    async treeId(_base, tree) {
      mayFail('treeId');
      return hashTree(tree);
    },
    async diff(_base, from, to) {
      mayFail('diff');
      return wholeFileDiff(from, to, '');
    },
    async patch(base, from, to) {
      mayFail('patch');
      return wholeFileDiff(from, to, base.prefix === '' ? '' : `${base.prefix}/`);
    },
    async publish(base, head, name, message) {
      mayFail('publish');
      if (!/^factory\/[a-z0-9-]{1,48}$/.test(name)) throw new Failure('bug', `${JSON.stringify(name)} is no branch of the factory`);
      if (published.some((one) => one.branch === name)) throw new Failure('pr_not_made', `${name} exists`);
      const tree = hashTree(head);
      const commit = idOf('commit', `${base.commit} ${tree} ${message}`);
      published.push({ base, head: new Map(head), branch: name, message, commit, tree });
      return { commit, tree };
    },
  };
}

/** As long as a git id, and equal exactly for equal files. */
function hashTree(tree: FileTree): string {
  const hash = createHash('sha1');
  for (const [path, { mode, content }] of [...tree].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([path, mode, content.length])).update(content);
  }
  return hash.digest('hex');
}

function idOf(kind: string, text: string): string {
  return createHash('sha1').update(`${kind} ${text}`).digest('hex');
}

/** A valid diff that takes out every old line and puts in every new one, with as much context as both ends share. */
function wholeFileDiff(from: FileTree, to: FileTree, prefix: string): string {
  return diffTrees(from, to)
    .flatMap(typeChangeAsTwo)
    .map((change) => fileDiff(change, prefix))
    .join('');
}

/** A file that becomes a symlink, or the reverse, is deleted and added, as git says it. */
function typeChangeAsTwo(change: Change): Change[] {
  const { before, after } = change;
  if (before === null || after === null || (before.mode === '120000') === (after.mode === '120000')) return [change];
  return [
    { ...change, after: null },
    { ...change, before: null },
  ];
}

function fileDiff({ path, before, after }: Change, prefix: string): string {
  const [a, b] = [`a/${prefix}${path}`, `b/${prefix}${path}`];
  const old = linesOf(before);
  const fresh = linesOf(after);
  const head = [`diff --git ${a} ${b}`, ...modeLines(before, after)];
  if (old === null || fresh === null)
    return `${[...head, `Binary files ${before ? a : '/dev/null'} and ${after ? b : '/dev/null'} differ`].join('\n')}\n`;
  if (old.join('') === fresh.join('')) return `${head.join('\n')}\n`;
  const same = sharedLines(old, fresh);
  const hunk = [
    ...old.slice(0, same.first).map((line) => ` ${line}`),
    ...old.slice(same.first, old.length - same.last).map((line) => `-${line}`),
    ...fresh.slice(same.first, fresh.length - same.last).map((line) => `+${line}`),
    ...fresh.slice(fresh.length - same.last).map((line) => ` ${line}`),
  ].map((line) => (line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`));
  const range = (lines: readonly string[]) => `${lines.length === 0 ? 0 : 1},${lines.length}`;
  const names = [`--- ${before ? a : '/dev/null'}`, `+++ ${after ? b : '/dev/null'}`, `@@ -${range(old)} +${range(fresh)} @@`];
  return `${[...head, ...names].join('\n')}\n${hunk.join('')}`;
}

function sharedLines(a: readonly string[], b: readonly string[]): { first: number; last: number } {
  const most = Math.min(a.length, b.length);
  let first = 0;
  while (first < most && a[first] === b[first]) first += 1;
  let last = 0;
  while (last < most - first && a[a.length - 1 - last] === b[b.length - 1 - last]) last += 1;
  return { first, last };
}

function modeLines(before: FileEntry | null, after: FileEntry | null): string[] {
  if (before === null) return [`new file mode ${after?.mode}`];
  if (after === null) return [`deleted file mode ${before.mode}`];
  return before.mode === after.mode ? [] : [`old mode ${before.mode}`, `new mode ${after.mode}`];
}

/** Lines with their endings; null for what is not text. */
function linesOf(entry: FileEntry | null): string[] | null {
  if (entry === null) return [];
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(entry.content);
    return text.includes('\0') ? null : (text.match(/[^\n]*\n|[^\n]+$/g) ?? []);
  } catch {
    return null;
  }
}
