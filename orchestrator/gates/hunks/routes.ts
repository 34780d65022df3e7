import type { CodeCard } from '../../domain/card.ts';
import { logicalLines } from '../python-lines.ts';

/** A method and a path that an app answers. */
export interface Route {
  /** Upper case; `*` where the registration does not say. */
  readonly method: string;
  /** As written: `/products/{product_id}`. */
  readonly path: string;
}

/** A route's registration as it stands in a file. */
export interface Registration extends Route {
  readonly line: number;
}

const DECORATED =
  /^@[\w.]+\.(get|post|put|patch|delete|head|options|trace|route|api_route|websocket|websocket_route)\((?:path=)?[rRuU]?"(\d+)"/;
const CALLED =
  /\.(add_(?:api_route|route|url_rule|websocket_route|api_websocket_route|get|post|put|patch|delete|view)|mount)\((?:path=|rule=)?[rRuU]?"(\d+)"/g;
const LISTED = /\b(?:re_)?path\((?:route=)?[rRuU]?"(\d+)"/g;
const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE']);

/** Routes that a Python file registers by words that frameworks know them by. */
export function registrationsIn(path: string, text: string): Registration[] {
  return logicalLines(text).flatMap(({ from, code, strings }) => {
    const tight = code.replace(/\s+/g, '');
    const decorated = DECORATED.exec(tight);
    const found = [
      ...(decorated === null ? [] : [decorated]),
      ...tight.matchAll(CALLED),
      ...(/(?:^|\/)urls\.py$/.test(path) ? [...tight.matchAll(LISTED)].map(([whole, index]) => [whole, '', index]) : []),
    ];
    return found.flatMap(([, word = '', index]) => {
      const route = strings[Number(index)];
      const method = word.replace(/^add_/, '').toUpperCase();
      return route === undefined || (word !== '' && !/^(?:\/|$)/.test(route))
        ? []
        : [{ method: METHODS.has(method) ? method : '*', path: route, line: from }];
    });
  });
}

/** Routes of the head that the base does not have, whatever their parameters are called. */
export function newRoutes(base: readonly Route[], head: readonly Route[]): Route[] {
  const known = new Set(base.map(keyOf));
  return head.filter((route) => !known.has(keyOf(route)));
}

/** The routes of a card, or why there are none. */
export function routesOf(card: Pick<CodeCard, 'routes'>): Route[] | { readonly unavailable: string } {
  return 'unavailable' in card.routes ? card.routes : card.routes.map(({ method, path }) => ({ method: method.toUpperCase(), path }));
}

/**
 * Whether a text speaks of a route: its path, whole or as the end of a longer one, with anything in the place of a parameter, and its method
 * somewhere. A path that is nothing but parameters cannot be told from others and counts as spoken of.
 */
export function speaksOf(text: string, { method, path }: Route): boolean {
  const segments = path.split('/').filter((segment) => segment !== '');
  if (segments.every(isParameter)) return true;
  const pattern = segments.map((segment) => `/${isParameter(segment) ? '[^/\\n]{1,80}?' : escaped(segment)}`).join('');
  return new RegExp(`${pattern}(?![\\w-]|/[\\w{<$-])`, 'i').test(text) && (method === '*' || new RegExp(`\\b${method}\\b`, 'i').test(text));
}

export function shownRoute({ method, path }: Route): string {
  return `${method === '*' ? 'a route for' : method} ${path === '' ? '(the path of its router)' : path}`;
}

function keyOf({ method, path }: Route): string {
  const segments = path.split('/').filter((segment) => segment !== '');
  return `${method} /${segments.map((segment) => (isParameter(segment) ? '{}' : segment)).join('/')}`;
}

function isParameter(segment: string): boolean {
  return /^[{<:(]/.test(segment);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
