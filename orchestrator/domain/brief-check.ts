import type { Brief } from './brief.ts';
import type { Spec } from './spec.ts';
import { type FileTree, readText } from './tree.ts';

export interface BriefCheckInput {
  readonly base: FileTree;
  /** Node ids of the base's tests. */
  readonly baseTests: readonly string[];
  readonly spec: Spec;
}

/** What a brief claims about the base and the Spec that is not so: a sentence for SCOUT each; an empty list means that it may be believed. */
export function checkBrief(brief: Brief, { base, baseTests, spec }: BriefCheckInput): string[] {
  const problems = [
    ...brief.problems.map((problem, at) => ({ ...problem, where: `problems[${at}]` })),
    ...(brief.dispute === null ? [] : [{ ...brief.dispute, where: 'dispute' }]),
  ];
  return [
    ...brief.edit.flatMap((range, at) => badRange(base, range.path, range.from, range.to, `edit[${at}]`)),
    ...brief.reuse.flatMap((range, at) => badRange(base, range.path, range.from, range.to, `reuse[${at}]`)),
    ...brief.create.flatMap(({ path }, at) => badNewPath(base, path, `create[${at}]`)),
    ...brief.superseded.flatMap(({ test, by }, at) => badSuperseded(test, by, baseTests, spec, `superseded[${at}]`)),
    ...problems.flatMap(({ path, line, about, where }) => [...badRange(base, path, line, line, where), ...badId(about, spec, where)]),
  ];
}

function badRange(base: FileTree, path: string, from: number, to: number, where: string): string[] {
  const shown = JSON.stringify(path);
  if (!base.has(path))
    return [`${where}: the base has no file ${shown}; name a file that list_dir or grep shows, relative to the target's folder.`];
  const text = readText(base, path);
  if (text === null) return [`${where}: ${shown} is no text file; name one whose lines can be read.`];
  const lines = countLines(text);
  if (from > to) return [`${where}: the range ${from}-${to} of ${shown} ends before it begins; write the first line in \`from\`.`];
  if (to > lines)
    return [
      `${where}: ${shown} has ${lines} ${lines === 1 ? 'line' : 'lines'}, so ${from}-${to} is not inside it; read the file and correct the range.`,
    ];
  return [];
}

/** Lines as an editor counts them; an empty file has one, so that it can be named for an edit. */
function countLines(text: string): number {
  return Math.max(1, text.split('\n').length - (text.endsWith('\n') ? 1 : 0));
}

function badNewPath(base: FileTree, path: string, where: string): string[] {
  const shown = JSON.stringify(path);
  const segments = path.split('/');
  if (
    path.startsWith('/') ||
    /[\\\p{Cc}]/u.test(path) ||
    segments.some((segment) => segment === '' || segment === '.' || segment === '..')
  ) {
    return [`${where}: ${shown} is no path inside the target; write it relative to the target's folder, without \`..\`.`];
  }
  if (base.has(path)) return [`${where}: ${shown} is already on the base; name its lines in \`edit\` instead.`];
  if ([...base.keys()].some((file) => file.startsWith(`${path}/`))) return [`${where}: ${shown} is a folder on the base; name a file.`];
  const parent = segments.slice(0, -1).map((_, at) => segments.slice(0, at + 1).join('/'));
  const file = parent.find((folder) => base.has(folder));
  return file === undefined ? [] : [`${where}: ${JSON.stringify(file)} is a file on the base, so nothing can be created below it.`];
}

function badSuperseded(test: string, by: string, baseTests: readonly string[], spec: Spec, where: string): string[] {
  const found: string[] = [];
  if (!baseTests.some((id) => id === test || id.startsWith(`${test}[`))) {
    found.push(
      `${where}: the base has no test ${JSON.stringify(test)}; write its node id, e.g. tests/test_x.py::test_y, or drop the entry.`,
    );
  }
  const criterion = spec.acceptance_criteria.find(({ id }) => id === by);
  if (criterion === undefined) found.push(...badId(by, spec, where));
  else if (criterion.kind !== 'changed') {
    found.push(
      `${where}: ${by} is \`${criterion.kind}\`, and only a \`changed\` criterion supersedes a test; say it in \`problems\` instead.`,
    );
  }
  return found;
}

function badId(id: string, spec: Spec, where: string): string[] {
  const known = [...spec.acceptance_criteria, ...spec.assumptions].map((entry) => entry.id);
  return known.includes(id) ? [] : [`${where}: the Spec has no ${id}; it has ${known.join(', ')}.`];
}
