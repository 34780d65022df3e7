import type { Json } from '../domain/json.ts';

/** Results worth keeping between runs, by a key that says all they depend on. Losing one costs time, never truth. */
export interface Keep {
  /** null when there is none, or it cannot be read. */
  get(key: string): Json | null;
  put(key: string, value: Json): void;
  getBytes(key: string): Uint8Array | null;
  putBytes(key: string, value: Uint8Array): void;
}
