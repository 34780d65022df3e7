/** One entry of an archive that goes into or comes out of a container, engine-neutral. */
export interface ArchiveEntry {
  /** Relative to the folder that was asked for; as the archive has it, unchecked. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';
  /** Permission bits, e.g. 0o644, setuid and the like included. */
  readonly mode: number;
  readonly content: Uint8Array;
  /** Target of a link; '' otherwise. */
  readonly link: string;
}

/** What may be taken out of a container at most. */
export interface ArchiveCaps {
  readonly bytes: number;
  readonly entries: number;
}
