import type { TargetCard } from '../card.ts';

/** Whether the base is known to answer this method and path; false where the routes are not known. */
export function hasRoute(card: TargetCard, method: string, path: string): boolean {
  if ('unavailable' in card.routes) return false;
  const wanted = segments(path);
  return card.routes.some((route) => {
    const known = segments(route.path);
    return (
      route.method.toUpperCase() === method &&
      known.length === wanted.length &&
      known.every((segment, at) => segment === wanted[at] || segment.startsWith('{'))
    );
  });
}

function segments(path: string): string[] {
  return (path.split('?')[0] ?? '').split('/').filter((segment) => segment !== '');
}
