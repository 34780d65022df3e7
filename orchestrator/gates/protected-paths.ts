import { type Protection, protectedBecause, protectingGroup } from '../domain/protection.ts';
import type { TargetLayout } from '../domain/target.ts';
import type { Change, FileEntry } from '../domain/tree.ts';
import type { Fact } from '../domain/verdict.ts';
import { broken, held } from './fact.ts';
import { STDLIB_MODULES } from './stdlib-modules.ts';
import { keepsOtherTests } from './superseded-edits.ts';
import { counted, named, trimmedWords } from './words.ts';

export interface ProtectedPathOptions {
  /** Whose patch it is. */
  readonly role: 'source' | 'tests' | 'changelog';
  readonly layout: TargetLayout;
  readonly protection: Protection;
  /** Base tests, by id, whose own functions TEST may rewrite or take out. */
  readonly superseded?: readonly string[];
  /** The file of the Spec's compiled examples: the host's, nobody else's. */
  readonly compiled?: string;
  /** Top-level modules of installed packages, which no new module may shadow. */
  readonly installed?: readonly string[];
}

/** Only paths that this role may change are changed, and to plain text files: else protected_path, each with its reason. */
export function protectedPathFact(changes: readonly Change[], options: ProtectedPathOptions): Fact {
  const name = 'only_allowed_paths_change';
  const found = changes.flatMap((change) => {
    const why = objection(change, options);
    return why === null ? [] : [{ path: change.path, why }];
  });
  if (found.length === 0) return held(name, `${counted(changes.length, 'path')} changed, all of them allowed`);
  const sentences = found.map(({ path, why }) => `${path} ${why}`);
  return broken(name, 'protected_path', `${counted(found.length, 'path')} may not be changed: ${named(sentences, 3)}`, {
    where: found.map(({ path }) => ({ path })),
    words: trimmedWords([...sentences, 'Put these paths back as they were on the base.']),
  });
}

function objection(change: Change, options: ProtectedPathOptions): string | null {
  const content = badContent(change);
  if (content !== null) return content;
  if (options.role === 'changelog') return changelogObjection(change, options.layout);
  return (
    protectedBecause(change.path, options.protection) ??
    (options.role === 'source' ? sourceObjection(change, options) : testsObjection(change, options))
  );
}

/** What a file is, whatever its name says: links, programs and bytes that are no text never come from a model. */
function badContent({ before, after }: Change): string | null {
  if (after === null) return before?.mode === '120000' ? 'is a link' : null;
  if (after.mode === '120000' || before?.mode === '120000') return 'is a link';
  if (after.mode === '100755' && before?.mode !== '100755') return 'would become executable';
  return isText(after) ? null : 'is not a text file';
}

function isText({ content }: FileEntry): boolean {
  try {
    return !new TextDecoder('utf-8', { fatal: true }).decode(content).includes('\0');
  } catch {
    return false;
  }
}

function changelogObjection({ path, after }: Change, layout: TargetLayout): string | null {
  if (after === null) return 'would be deleted';
  return path === (layout.changelog ?? 'CHANGELOG.md') ? null : 'is not the changelog';
}

function sourceObjection(change: Change, { layout, protection, installed = [] }: ProtectedPathOptions): string | null {
  const { path, before, after } = change;
  if (layout.tests !== null && isUnder(path, layout.tests)) return 'belongs to the tests';
  if (path === layout.changelog) return 'is the changelog, which the factory writes';
  const testLike = protectingGroup(insideSource(path, layout), protection.list.source);
  if (testLike !== null) return testLike.why;
  if (before !== null || after === null || !/\.pyi?$/i.test(path)) return null;
  if (!layout.sources.some((source) => belongsTo(path, source)))
    return `stands outside of what is measured and checked (${layout.sources.join(', ')})`;
  const module = topModule(path, layout);
  if (module === null) return null;
  return STDLIB_MODULES.has(module) || installed.includes(module) ? `would stand in for the installed module ${module}` : null;
}

function testsObjection({ path, before, after }: Change, { layout, superseded = [], compiled }: ProtectedPathOptions): string | null {
  if (path === compiled) return 'holds the compiled examples, which the factory writes';
  if (layout.tests !== null && !isUnder(path, layout.tests)) return `stands outside of ${layout.tests}/`;
  if (!/(^|\/)test_[A-Za-z0-9_]+\.py$/.test(path)) return before === null ? 'is no new test file (test_*.py)' : 'is no test file';
  if (before === null) return null;
  const own = superseded.filter((id) => id.startsWith(`${path}::`)).map((id) => id.slice(path.length + 2).replace(/\[.*$/s, ''));
  if (own.length === 0) return 'is a test file of the base: write new tests in a new file';
  return after !== null && keepsOtherTests(before, after, own) ? null : 'changes more of a base test file than the superseded tests';
}

/** The top-level module that a new file brings, or null where the module is one of the target's already. */
function topModule(path: string, { sources }: TargetLayout): string | null {
  const roots = sources
    .map((source) => (isImportRoot(source) ? source : folderOf(source)))
    .filter((root) => root === '' || isUnder(path, root));
  const root = roots.reduce((longest, one) => (one.length > longest.length ? one : longest), '');
  const first = path.slice(root === '' ? 0 : root.length + 1).split('/')[0] ?? '';
  return sources.includes(root === '' ? first : `${root}/${first}`) ? null : first.replace(/\.pyi?$/i, '');
}

function isImportRoot(source: string): boolean {
  return /^(.*\/)?(src|lib|python)$/.test(source);
}

/** A new module may stand in a source folder, or beside single-file modules where these are what is measured. */
function belongsTo(path: string, source: string): boolean {
  if (source === '' || source === '.') return true;
  return isUnder(path, source) || (source.endsWith('.py') && folderOf(path) === folderOf(source));
}

/** A path as its source folder sees it: a package of the target that has always been called `test_runner` is no test. */
function insideSource(path: string, { sources }: TargetLayout): string {
  const source = sources.find((one) => path.startsWith(`${one}/`));
  return source === undefined ? path : path.slice(source.length + 1);
}

function isUnder(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}
