import { Buffer } from 'node:buffer';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import type { ArchiveEntry } from '../../../domain/archive.ts';
import { Failure } from '../../../domain/failure.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Entries as a tar stream, made as it is read. Every parent folder is in it, since an engine would make a missing one as root's. */
export function packEntries(entries: Iterable<ArchiveEntry>, owner: Owner): Readable {
  return Readable.from(packed(entries, owner), { objectMode: false });
}

async function* packed(entries: Iterable<ArchiveEntry>, owner: Owner): AsyncGenerator<Uint8Array> {
  const archive = pack();
  const filled = (async () => {
    for (const entry of withParents(entries)) await add(archive, entry, owner);
    archive.finalize();
  })();
  filled.catch((error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))));
  yield* archive as AsyncIterable<Uint8Array>;
  await filled;
}

function add(archive: ReturnType<typeof pack>, entry: ArchiveEntry, { uid, gid }: Owner): Promise<void> {
  const header = { name: entry.path, mode: entry.mode & 0o7777, uid, gid, type: tarType(entry), linkname: entry.link };
  return new Promise((resolve, reject) => {
    archive.entry(header, Buffer.from(entry.content), (error) => (error ? reject(error) : resolve()));
  });
}

function tarType({ type, path }: ArchiveEntry): 'file' | 'directory' | 'symlink' | 'link' {
  if (type === 'hardlink') return 'link';
  if (type === 'other') throw new Failure('bug', `${JSON.stringify(path)} is of a kind that cannot be put into a container`);
  return type;
}

function* withParents(entries: Iterable<ArchiveEntry>): Generator<ArchiveEntry> {
  const made = new Set<string>();
  for (const entry of entries) {
    const segments = entry.path.replace(/\/$/, '').split('/');
    for (const [index] of segments.slice(1).entries()) {
      const path = segments.slice(0, index + 1).join('/');
      if (made.has(path)) continue;
      made.add(path);
      yield { path, type: 'directory', mode: 0o755, content: new Uint8Array(), link: '' };
    }
    made.add(segments.join('/'));
    yield entry;
  }
}
