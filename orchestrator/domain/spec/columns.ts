/** What stands in the places of an example that a column of its table may fill: the path of a request and the status of an answer. */
import type { Json } from '../json.ts';
import type { HttpExample } from '../spec.ts';
import { soleName } from './template.ts';

type Table = Readonly<Record<string, readonly Json[]>>;

/** The paths of a request, one a row where a column gives them; what is no path stays what it is. */
export function pathsOf(path: string, table: Table): readonly Json[] {
  return valuesOf(path, table);
}

/** The statuses that an example expects, one a row where a column gives them. */
export function statusesOf({ then, table = {} }: HttpExample): readonly Json[] {
  return typeof then.status === 'number' ? [then.status] : valuesOf(then.status, table);
}

function valuesOf(text: string, table: Table): readonly Json[] {
  const name = soleName(text);
  return name !== null && Object.hasOwn(table, name) ? (table[name] ?? []) : [text];
}
