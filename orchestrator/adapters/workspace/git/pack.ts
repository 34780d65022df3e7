import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import type { GitObject, ObjectFormat } from './objects.ts';

const TYPE = { tree: 2, blob: 3 } as const;

/** Objects as one pack stream, git's format version 2: how many objects go to git over one stdin, never over the disk. */
export function packOf(format: ObjectFormat, objects: readonly GitObject[]): Buffer {
  const header = Buffer.alloc(12);
  header.write('PACK', 'latin1');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects.length, 8);
  const body = Buffer.concat([header, ...objects.flatMap((object) => [entryHeader(object), deflateSync(object.content, { level: 1 })])]);
  return Buffer.concat([body, createHash(format).update(body).digest()]);
}

/** Type and size: four bits of the size in the first byte, then seven a byte, the low ones first. */
function entryHeader({ type, content }: GitObject): Buffer {
  const bytes = [(TYPE[type] << 4) | (content.length & 15)];
  for (let rest = Math.floor(content.length / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push((bytes.pop() as number) | 0x80, rest & 0x7f);
  }
  return Buffer.from(bytes);
}
