import type { Buffer } from 'node:buffer';
import type { ArchiveCaps, ArchiveEntry } from '../../../domain/archive.ts';
import { Failure } from '../../../domain/failure.ts';
import { type ByteReader, byteReader } from './bytes.ts';

const BLOCK = 512;
/** Names and the like that come ahead of an entry; a path of Linux has 4,096 bytes. */
const EXTENSION_BYTES = 64 * 1024;

/**
 * The entries of an engine's archive of one folder, in its order, paths relative to that folder, unjudged. The folder itself is left out.
 * An entry's content is read when it is asked for, so one file at a time is in memory. Throws `export_too_large` before it reads more
 * content or more entries than the caps, `export_truncated` when the archive stops before its end marker (a cut between two entries is
 * found only so), `engine_failed` for what is no archive of a folder.
 *
 * Not done with tar-stream, which takes a missing end marker for an end and a folder's worth of headers for one write.
 */
export async function* unpackFolder(source: AsyncIterable<Uint8Array>, caps: ArchiveCaps): AsyncGenerator<ArchiveEntry> {
  const reader = byteReader(source);
  try {
    const root = await readHeader(reader);
    if (root === null || root.type !== 'directory') throw new Failure('engine_failed', 'the engine did not send the archive of a folder');
    const prefix = `${root.path.replace(/\/$/, '')}/`;
    let left = caps;
    for (let header = await readHeader(reader); header !== null; header = await readHeader(reader)) {
      left = { bytes: left.bytes - header.size, entries: left.entries - 1 };
      if (left.bytes < 0) throw new Failure('export_too_large', `more than ${caps.bytes} bytes`);
      if (left.entries < 0) throw new Failure('export_too_large', `more than ${caps.entries} files and folders`);
      yield relative(await readEntry(reader, header), prefix);
    }
  } finally {
    await reader.close();
  }
}

/** A header with the extensions before it applied. Numbers are checked, texts are as they came. */
interface Header {
  readonly path: string;
  readonly type: ArchiveEntry['type'];
  readonly mode: number;
  /** Bytes of content that follow. */
  readonly size: number;
  readonly link: string;
}

/** null at the end marker. */
async function readHeader(reader: ByteReader): Promise<Header | null> {
  let known: Partial<Header> = {};
  for (;;) {
    const block = await whole(reader.take(BLOCK));
    if (isZero(block)) {
      if (!isZero(await whole(reader.take(BLOCK)))) throw malformed('an end marker that is not one');
      return null;
    }
    checkSum(block);
    const flag = String.fromCharCode(block[156] ?? 0);
    const size = known.size ?? number(block.subarray(124, 136));
    if ('xLKg'.includes(flag)) {
      known = { ...known, ...extension(flag, await readContent(reader, number(block.subarray(124, 136)), EXTENSION_BYTES)) };
      continue;
    }
    const path = known.path ?? nameOf(block);
    return {
      path,
      type: typeOf(flag, path),
      mode: number(block.subarray(100, 108)) & 0o7777,
      size,
      link: known.link ?? text(block.subarray(157, 257)),
    };
  }
}

/** A file with its bytes. What other kinds carry, a sparse file's map for one, is passed over. */
async function readEntry(reader: ByteReader, { path, type, mode, size, link }: Header): Promise<ArchiveEntry> {
  const isLink = type === 'symlink' || type === 'hardlink';
  if (type === 'file') {
    const { buffer, byteOffset, length } = await readContent(reader, size, size);
    return { path, type, mode, content: new Uint8Array(buffer, byteOffset, length), link: '' };
  }
  if (!(await reader.skip(padded(size)))) throw truncated();
  return { path, type, mode, content: new Uint8Array(), link: isLink ? link : '' };
}

function relative(entry: ArchiveEntry, prefix: string): ArchiveEntry {
  if (!entry.path.startsWith(prefix)) throw malformed('an entry that lies outside its folder');
  const path = entry.path.slice(prefix.length);
  const link = entry.type === 'hardlink' && entry.link.startsWith(prefix) ? entry.link.slice(prefix.length) : entry.link;
  return { ...entry, path: entry.type === 'directory' ? path.replace(/\/$/, '') : path, link };
}

async function readContent(reader: ByteReader, size: number, cap: number): Promise<Buffer> {
  if (size > cap) throw malformed(`an extension of ${size} bytes`);
  const content = await whole(reader.take(size));
  if (!(await reader.skip(padded(size) - size))) throw truncated();
  return content;
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

async function whole(taken: Promise<Buffer | null>): Promise<Buffer> {
  const bytes = await taken;
  if (bytes === null) throw truncated();
  return bytes;
}

function typeOf(flag: string, path: string): ArchiveEntry['type'] {
  if (flag === '5') return 'directory';
  // Archives of old mark a folder by its name alone.
  if (flag === '0' || flag === '\0') return path.endsWith('/') ? 'directory' : 'file';
  if (flag === '1') return 'hardlink';
  if (flag === '2') return 'symlink';
  return 'other';
}

/** The name field, with the ustar prefix before it. */
function nameOf(block: Buffer): string {
  const name = text(block.subarray(0, 100));
  const isUstar = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? text(block.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function extension(flag: string, content: Buffer): Partial<Header> {
  if (flag === 'L') return { path: text(content) };
  if (flag === 'K') return { link: text(content) };
  // What holds for all following entries (comments, as a rule) holds nothing that is used here.
  if (flag === 'g') return {};
  const records = paxRecords(content);
  const path = records.get('path');
  const link = records.get('linkpath');
  const size = records.get('size');
  if (size !== undefined && !/^[0-9]{1,15}$/.test(size)) throw malformed('a size that is no number');
  return {
    ...(path === undefined ? {} : { path }),
    ...(link === undefined ? {} : { link }),
    ...(size === undefined ? {} : { size: Number(size) }),
  };
}

/** Records of the form `<length> <key>=<value>\n`, the length counting all of it in bytes. */
function paxRecords(content: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const digits = space < 0 ? '' : content.toString('latin1', at, space);
    const end = at + Number(digits);
    if (!/^[1-9][0-9]{0,6}$/.test(digits) || end > content.length || content[end - 1] !== 0x0a)
      throw malformed('an extended header that is not one');
    const record = content.subarray(space + 1, end - 1);
    const equals = record.indexOf(0x3d);
    if (equals < 1) throw malformed('an extended header without a key');
    records.set(record.toString('utf8', 0, equals), record.toString('utf8', equals + 1));
    at = end;
  }
  return records;
}

function number(field: Buffer): number {
  // Too large for octal digits: the rest of the field is the number itself.
  if ((field[0] ?? 0) >= 0x80) {
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, (field[0] ?? 0) & 0x7f);
    if (!Number.isSafeInteger(value)) throw malformed('a number past all bounds');
    return value;
  }
  const digits = text(field).trim();
  if (!/^[0-7]*$/.test(digits)) throw malformed('a number that is not octal');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

function checkSum(block: Buffer): void {
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (sum !== number(block.subarray(148, 156))) throw malformed('a header whose sum is wrong');
}

/** Up to the first NUL, which ends a field. What is no UTF-8 becomes U+FFFD, which is no name that is let in. */
function text(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

function truncated(): Failure {
  return new Failure('export_truncated', 'the archive stops before its end marker');
}

function malformed(what: string): Failure {
  return new Failure('engine_failed', `the engine sent an archive with ${what}`);
}
