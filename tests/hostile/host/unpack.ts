import { Buffer } from 'node:buffer';
import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { unpackFolder } from '../../../orchestrator/adapters/engine/docker/unpack.ts';
import { type ArchiveCaps, entriesToTree } from '../../../orchestrator/domain/archive.ts';
import { Failure } from '../../../orchestrator/domain/failure.ts';
import type { FileTree } from '../../../orchestrator/domain/tree.ts';
import { header, record } from '../../unit/engine/tar-blocks.ts';
import type { Outcome } from '../case.ts';

/** An entry of an archive that came out of a container; `flag` as in the format: 0 file, 1 hard link, 2 link, 5 folder, 6 pipe. */
export interface Entry {
  readonly path: string;
  readonly flag?: string;
  readonly text?: string;
  readonly link?: string;
  readonly mode?: number;
  /** What the header says, where that is not the truth. */
  readonly size?: number;
}

export const END = Buffer.alloc(1024);

/** The archive of one folder with these entries, end marker included. */
export function archiveOf(entries: readonly Entry[], end: Buffer = END): Buffer {
  const parts = entries.flatMap(({ path, flag = '0', text = '', link, mode, size }) => {
    const content = Buffer.from(text);
    const records = [
      ...(/^[ -~]{1,90}$/.test(path) ? [] : [record('path', `w/${path}`)]),
      ...(link === undefined ? [] : [record('linkpath', link)]),
    ].join('');
    const extended = records === '' ? [] : [header('w/PaxHeaders/x', 'x', Buffer.byteLength(records)), bytesOf(records)];
    const main = header(records.includes('path=w/') ? 'w/cut' : `w/${path}`, flag, size ?? content.length);
    if (mode !== undefined) setMode(main, mode);
    return [...extended, main, ...(content.length === 0 ? [] : [bytesOf(text)])];
  });
  return Buffer.concat([header('w/', '5'), ...parts, end]);
}

function bytesOf(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

function setMode(made: Buffer, mode: number): void {
  made.write(`${mode.toString(8).padStart(7, '0')}\0`, 100);
  made.write('        ', 148);
  const sum = made.reduce((total, byte) => total + byte, 0);
  made.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
}

/** As the factory takes it out: judged in memory. */
export async function taken(
  archive: Uint8Array | AsyncIterable<Uint8Array>,
  options: { base?: FileTree; caps?: ArchiveCaps } = {},
): Promise<FileTree> {
  const { base = new Map(), caps = { bytes: 1_000_000, entries: 1_000 } } = options;
  const source = archive instanceof Uint8Array ? chunksOf(archive) : archive;
  return entriesToTree(unpackFolder(source, caps), { base, caps });
}

export async function takenEnds(
  archive: Uint8Array | AsyncIterable<Uint8Array>,
  options: Parameters<typeof taken>[1] = {},
): Promise<Outcome> {
  return taken(archive, options).then(
    () => null,
    (error: unknown) => {
      if (error instanceof Failure) return error.code;
      throw error;
    },
  );
}

async function* chunksOf(archive: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < archive.length; at += 10_000) yield archive.subarray(at, at + 10_000);
}

/** As one would without a thought: every entry written below a folder, in order. Returns the paths that were written. */
export async function naiveUnpack(archive: Uint8Array, folder: string): Promise<string[]> {
  const written: string[] = [];
  const unpacking = extract();
  Readable.from([Buffer.from(archive)]).pipe(unpacking);
  for await (const entry of unpacking) {
    const { name, type, linkname, mode } = entry.header;
    const path = join(folder, name);
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (type === 'directory') mkdirSync(path, { recursive: true });
    else {
      mkdirSync(dirname(path), { recursive: true });
      if (type === 'symlink') symlinkSync(linkname ?? '', path);
      else if (type === 'link') linkSync(join(folder, linkname ?? ''), path);
      else if (type === 'file') writeFileSync(path, Buffer.concat(chunks));
      if (type === 'file' && mode !== undefined) chmodSync(path, mode);
    }
    written.push(path);
  }
  return written;
}
