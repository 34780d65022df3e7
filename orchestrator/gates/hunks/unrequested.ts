import { type HunkOutcome, hunksIn, type SourceHunk, type SplitFile } from '../../domain/hunks.ts';
import { applyChanges, type FileTree, readText } from '../../domain/tree.ts';
import { dependenciesOf } from '../config.ts';
import { linesNaming, publicDefinitions } from './names.ts';
import { newRoutes, type Registration, type Route, registrationsIn, shownRoute, speaksOf } from './routes.ts';

export interface UnrequestedInput {
  readonly files: readonly SplitFile[];
  readonly outcomes: readonly HunkOutcome[];
  readonly base: FileTree;
  /** Routes that the app itself says it has; null where it does not say. */
  readonly routes: { readonly base: readonly Route[]; readonly head: readonly Route[] } | null;
  /** Request, Spec and new tests: what speaks of a route or a name there is asked for. */
  readonly asked: string;
  /** Request and Spec alone: what the tests' writer makes up is not asked for. */
  readonly spec: string;
}

/** Something that the change adds and nobody asked for. */
export interface Unrequested {
  readonly what: string;
  readonly path: string | null;
  readonly line: number | null;
  readonly hunk: SourceHunk | null;
}

/** New routes, dependencies and public names of the source patch that no test misses, and new routes that nothing speaks of, proven or not. */
export function unrequested(input: UnrequestedInput): Unrequested[] {
  const head = applyChanges(input.base, input.files);
  const idle = idleHunks(input);
  const perHunk = (hunk: SourceHunk) => {
    const routes = routesOf(hunk, input, head);
    return routes.length > 0 ? routes : namesOf(hunk, idle, input, head);
  };
  const found = [...unnamedRoutes(input, head), ...idle.flatMap(perHunk), ...dependencies(input, head)];
  const seen = new Set<string>();
  return found.filter(({ what }) => !seen.has(what) && seen.add(what) !== undefined);
}

/** Hunks that were taken out and not missed. One that could not be taken out is listed, and accuses nobody. */
function idleHunks({ files, outcomes }: UnrequestedInput): SourceHunk[] {
  const idle = new Set(outcomes.filter(({ state, ms }) => state === 'unproven' && ms !== null).map(({ id }) => id));
  return hunksIn(files).filter(({ id }) => idle.has(id));
}

/** By what the app says of itself, and by the words in the files: a route can be kept out of either. */
function unnamedRoutes({ files, routes, base, asked }: UnrequestedInput, head: FileTree): Unrequested[] {
  const told = routes === null ? [] : newRoutes(routes.base, routes.head);
  const written = files.flatMap((file) => newRegistrations(file, base, head).map((route) => ({ route, path: file.path })));
  const spoken = (route: Route) => speaksOf(asked, route);
  return [
    ...told
      .filter((route) => !spoken(route))
      .map((route) => {
        const place = written.find((one) => route.path.endsWith(one.route.path));
        return { what: unspoken(route), path: place?.path ?? null, line: place?.route.line ?? null, hunk: null };
      }),
    ...written
      .filter(({ route }) => !spoken(route) && !told.some((one) => !spoken(one) && one.path.endsWith(route.path)))
      .map(({ route, path }) => ({ what: unspoken(route), path, line: route.line, hunk: null })),
  ];
}

function unspoken(route: Route): string {
  return `${shownRoute(route)} is new, and neither the Spec nor a new test speaks of it`;
}

/** Registrations that this file brings: not ones that only stand in another place now. */
function newRegistrations({ path, after }: SplitFile, base: FileTree, head: FileTree): Registration[] {
  if (after === null || !path.endsWith('.py')) return [];
  const keyOf = ({ method, path: route }: Route) => `${method} ${route}`;
  const before = new Set(
    [...base.keys()].filter((one) => one.endsWith('.py')).flatMap((one) => registrationsIn(one, readText(base, one) ?? '').map(keyOf)),
  );
  return registrationsIn(path, readText(head, path) ?? '').filter((route) => !before.has(keyOf(route)));
}

function routesOf(hunk: SourceHunk, { base }: UnrequestedInput, head: FileTree): Unrequested[] {
  const file = { path: hunk.path, before: base.get(hunk.path) ?? null, after: head.get(hunk.path) ?? null, parts: [] };
  return newRegistrations(file, base, head)
    .filter(({ line }) => isIn(line, hunk))
    .map((route) => ({ what: `${hunk.id} adds ${shownRoute(route)}, and no new test misses it`, path: hunk.path, line: route.line, hunk }));
}

/** Names nobody uses: one that proven or older code needs is part of what was asked for, whether or not a test can tell. */
function namesOf(hunk: SourceHunk, idle: readonly SourceHunk[], { base, spec }: UnrequestedInput, head: FileTree): Unrequested[] {
  if (!hunk.path.endsWith('.py')) return [];
  const old = new Set(publicDefinitions(readText(base, hunk.path) ?? '').map(({ name }) => name));
  return publicDefinitions(readText(head, hunk.path) ?? '')
    .filter(({ line, name }) => isIn(line, hunk) && !old.has(name) && !isWordOf(spec, name) && !isUsed(name, idle, head))
    .map(({ name, line }) => ({ what: `${hunk.id} adds the public name ${name}, and no new test misses it`, path: hunk.path, line, hunk }));
}

function isUsed(name: string, idle: readonly SourceHunk[], head: FileTree): boolean {
  return [...head.keys()]
    .filter((path) => path.endsWith('.py'))
    .some((path) =>
      linesNaming(readText(head, path) ?? '', name).some((line) => !idle.some((hunk) => hunk.path === path && isIn(line, hunk))),
    );
}

function dependencies({ base, outcomes }: UnrequestedInput, head: FileTree): Unrequested[] {
  const known = new Set(dependenciesOf(base).map(distribution));
  const proven = new Set(outcomes.filter(({ state }) => state === 'proven').map(({ path }) => path));
  return dependenciesOf(head)
    .filter((one) => !known.has(distribution(one)))
    .map((one) => ({ what: `${distribution(one)} is a new dependency, and no new test misses it`, path: null, line: null, hunk: null }))
    .filter(() => !['pyproject.toml', 'requirements.txt'].some((path) => proven.has(path)));
}

/** `fastapi` of `FastAPI>=0.165`. */
function distribution(requirement: string): string {
  return (/^[A-Za-z0-9._-]+/.exec(requirement.trim())?.[0] ?? requirement).toLowerCase().replace(/[-_.]+/g, '-');
}

function isIn(line: number, { new: { from, count } }: SourceHunk): boolean {
  return line >= from && line < from + count;
}

function isWordOf(text: string, name: string): boolean {
  return new RegExp(`(?<!\\w)${name}(?!\\w)`, 'u').test(text);
}
