import type { Redactor } from '../domain/redact.ts';
import { tee } from './tee.ts';

/** The same bytes; what passes goes to `append` too, without secrets, also where one lies across two chunks. */
export async function* logged(
  source: AsyncIterable<Uint8Array>,
  redactor: Redactor,
  append: (chunk: Uint8Array) => void,
): AsyncIterable<Uint8Array> {
  const log = redactor.stream();
  const keep = (chunk: Uint8Array) => {
    if (chunk.length > 0) append(chunk);
  };
  try {
    yield* tee(source, (chunk) => keep(log.push(chunk)));
  } finally {
    keep(log.end());
  }
}
