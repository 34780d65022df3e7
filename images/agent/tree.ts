import type { StartMessage } from '../../orchestrator/protocol/messages.ts';

/** What the tools of one agent may reach, as the host said in `start`. */
export interface Tree {
  /** Name -> absolute folder. With one root paths are relative to it; with several a path's first segment names its root. */
  readonly roots: Readonly<Record<string, string>>;
  /** Most bytes that one look may answer with. */
  readonly maxReadBytes: number;
  /** A larger file is neither read nor written. */
  readonly maxFileBytes: number;
  /** The one folder that may be written to, or null where the mounts alone decide. */
  readonly writeUnder: string | null;
}

export function treeOf(start: StartMessage): Tree {
  return {
    roots: start.roots,
    maxReadBytes: start.max_read_bytes,
    maxFileBytes: start.max_file_bytes,
    writeUnder: start.write_under ?? null,
  };
}
