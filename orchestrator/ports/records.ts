import type { Json } from '../domain/json.ts';

/** The run's folder. Paths are relative to it. Duties: a file is whole or absent; its folders are made; what is written stays. */
export interface Records {
  /** The folder as a person may be told it (relative to the working directory where possible). */
  readonly folder: string;
  write(path: string, content: string | Uint8Array): void;
  writeJson(path: string, value: Json | object): void;
  /** Append to a log, flushed at once. */
  append(path: string, content: Uint8Array): void;
  read(path: string): Uint8Array | null;
}
