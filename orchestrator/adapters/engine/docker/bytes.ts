import { Buffer } from 'node:buffer';

/** Takes a stream of chunks in pieces of one's own size. */
export interface ByteReader {
  /** The next `count` bytes; null when the stream ends before them. */
  take(count: number): Promise<Buffer | null>;
  /** Pass over `count` bytes without keeping them; false when the stream ends before them. */
  skip(count: number): Promise<boolean>;
  /** Tell the source that no more is wanted. */
  close(): Promise<void>;
}

export function byteReader(source: AsyncIterable<Uint8Array>): ByteReader {
  const chunks = source[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();

  /** At most `count` bytes, at least one; null at the end. */
  async function some(count: number): Promise<Uint8Array | null> {
    while (rest.length === 0) {
      const next = await chunks.next();
      if (next.done === true) return null;
      rest = next.value;
    }
    const part = rest.subarray(0, count);
    rest = rest.subarray(part.length);
    return part;
  }

  return {
    async take(count) {
      const taken = Buffer.alloc(count);
      for (let filled = 0; filled < count; ) {
        const part = await some(count - filled);
        if (part === null) return null;
        taken.set(part, filled);
        filled += part.length;
      }
      return taken;
    },
    async skip(count) {
      for (let left = count; left > 0; ) {
        const part = await some(left);
        if (part === null) return false;
        left -= part.length;
      }
      return true;
    },
    async close() {
      await chunks.return?.();
    },
  };
}
