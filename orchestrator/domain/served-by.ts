/** Whose replies figures come from, the most telling first. Figures of one are never shown with those of another. */
export const SERVED_CLASSES = ['live model', 'relay', 'replay', 'unknown', 'no model'] as const;

/**
 * `live model`: a model answered, and was counted by its server. `relay`: somebody stood in for one; token counts are estimates, times are
 * theirs. `replay`: a recording answered. `unknown`: nothing says that it was a model. `no model`: none answered.
 */
export type ServedClass = (typeof SERVED_CLASSES)[number];

/**
 * Who one reply came from, by its `served_by`: `<provider>/<model>`, `relay/<name>`, `replay of <served_by>`. A name that says relay anywhere is
 * one, whichever provider carried it; a fake's, and whatever is not written so, is unknown: neither is ever taken for a model.
 */
export function classOfServedBy(servedBy: string): Exclude<ServedClass, 'no model'> {
  if (/^replay\b/i.test(servedBy)) return 'replay';
  if (/(^|[/:@])relay(?![a-z0-9])/i.test(servedBy)) return 'relay';
  return /^(?!fake\/)[a-z][a-z0-9-]{0,40}\/[^\s/][^\s]{0,200}$/.test(servedBy) ? 'live model' : 'unknown';
}

/** Whose replies a run's figures are: the least telling of all that answered in it decides. */
export function classOfRun(run: { readonly served_by: readonly string[]; readonly replayed: string | null }): ServedClass {
  const classes = new Set<ServedClass>(run.served_by.map(classOfServedBy));
  if (run.replayed !== null || classes.has('replay')) return 'replay';
  if (classes.has('unknown')) return 'unknown';
  if (classes.has('relay')) return 'relay';
  return classes.has('live model') ? 'live model' : 'no model';
}
