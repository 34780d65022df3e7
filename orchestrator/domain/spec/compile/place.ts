import type { Fixture, TargetCard } from '../../card.ts';
import { slugOf } from '../../run.ts';
import type { Spec } from '../../spec.ts';
import type { TargetLayout } from '../../target.ts';
import { sharedFixtures } from '../fixtures.ts';
import { NotCompiled } from './function.ts';

/** The fixture that http examples send their requests with. */
export interface Client {
  readonly name: string;
  readonly annotation: string;
  /** The import statement of the annotation, or null. */
  readonly import: string | null;
}

/** Where the compiled file goes and with what client; a client that cannot be used says why. */
export function placeFor(
  spec: Spec,
  card: TargetCard,
  layout: TargetLayout,
): { readonly path: string; readonly client: Client | NotCompiled } {
  const fixture = clientFixture(card);
  const folder = folderFor(fixture, card, layout);
  const client = fixture === null ? noClient(card) : visibleFrom(folder, fixture) ? clientOf(fixture, card) : noClient(card);
  return { path: freePath(folder, slugOf(spec.title).replaceAll('-', '_'), card), client };
}

/** Whether a test in `folder` may use a shared fixture. */
export function visibleFrom(folder: string, { file }: Fixture): boolean {
  const scope = folderOf(file);
  return scope === '' || folder === scope || folder.startsWith(`${scope}/`);
}

export function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

/** An annotated test client by preferred name and least depth; else an unannotated fixture that is named like one in an ASGI target. */
function clientFixture(card: TargetCard): Fixture | null {
  const shared = sharedFixtures(card);
  const annotated = shared.filter(
    ({ returns }) => returns !== null && /\bTestClient\b|\bhttpx2?\.Client\b/.test(returns) && !/Callable/.test(returns),
  );
  const named = shared.filter(({ name, returns }) => NAMES.includes(name) && returns === null && !has(card, 'flask', 'django'));
  return [...annotated].sort(byPreference)[0] ?? [...named].sort(byPreference)[0] ?? null;
}

const NAMES = ['client', 'api_client', 'test_client'];

function byPreference(a: Fixture, b: Fixture): number {
  const rank = ({ name }: Fixture) => (NAMES.indexOf(name) + NAMES.length + 1) % (NAMES.length + 1);
  return rank(a) - rank(b) || a.file.split('/').length - b.file.split('/').length || (a.file < b.file ? -1 : 1);
}

function clientOf({ name, returns }: Fixture, card: TargetCard): Client {
  if (returns === null) return { name, annotation: 'Any', import: 'from typing import Any' };
  const http = /\b(httpx2?)\.Client\b/.exec(returns)?.[1];
  if (http !== undefined) return { name, annotation: `${http}.Client`, import: `import ${http}` };
  const library = has(card, 'starlette') && !has(card, 'fastapi') ? 'starlette' : 'fastapi';
  return { name, annotation: 'TestClient', import: `from ${library}.testclient import TestClient` };
}

function noClient(card: TargetCard): NotCompiled {
  const asynchronous = card.fixtures.some(({ returns }) => /\bAsyncClient\b/.test(returns ?? ''));
  return new NotCompiled(
    asynchronous ? 'the target’s client fixture is asynchronous' : 'the target shares no fixture that gives a synchronous test client',
  );
}

function has(card: TargetCard, ...names: readonly string[]): boolean {
  return card.dependencies.some((dependency) => names.includes(/^[A-Za-z0-9._-]+/.exec(dependency)?.[0].toLowerCase() ?? ''));
}

/** The tests folder, or below it the folder of the client's conftest. */
function folderFor(fixture: Fixture | null, card: TargetCard, layout: TargetLayout): string {
  const own = fixture === null ? null : folderOf(fixture.file);
  if (layout.tests !== null) return own?.startsWith(`${layout.tests}/`) ? own : layout.tests;
  if (own !== null) return own;
  const test = [...card.files].sort().find((path) => /(^|\/)test_[^/]*\.py$/.test(path));
  return test === undefined ? '' : folderOf(test);
}

/** A path in `folder` that no file has; nor any other file its name, since pytest may take two of one name for one module. */
function freePath(folder: string, slug: string, card: TargetCard): string {
  const names = new Set(card.files.map((path) => path.slice(path.lastIndexOf('/') + 1)));
  let name = `test_spec_${slug}.py`;
  for (let n = 2; names.has(name); n++) name = `test_spec_${slug}_${n}.py`;
  return folder === '' ? name : `${folder}/${name}`;
}
