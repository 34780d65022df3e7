import { Buffer } from 'node:buffer';

export type OutputName = 'stdout' | 'stderr';

/** What a container printed and nobody has read yet, and the two ends of each pipe. */
export interface Outputs {
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  /** Take bytes over; they are copied. What is past the cap is dropped. */
  push(name: OutputName, bytes: Uint8Array): void;
  /** No more will come; what waits is still read. */
  end(): void;
  /** The same, but reading past the last byte throws. */
  fail(error: unknown): void;
}

/**
 * Both outputs of a container, read at once from the engine and kept until somebody reads them, at most `capBytes` in total. Past the cap
 * both end and `onFull` is called once. The engine is never made to wait: one that cannot hand on a dead container's last 64 kB within
 * two seconds throws them away and reports exit 0 (seen on 20.10). So the cap is also the memory that this can take.
 */
export function openOutputs(capBytes: number, onFull: () => void): Outputs {
  const pipes = { stdout: openPipe(), stderr: openPipe() };
  let left = capBytes;

  return {
    stdout: pipes.stdout.bytes,
    stderr: pipes.stderr.bytes,
    push(name, bytes) {
      if (left < 0) return;
      pipes[name].push(bytes.subarray(0, left));
      left -= bytes.length;
      if (left >= 0) return;
      pipes.stdout.end(null);
      pipes.stderr.end(null);
      onFull();
    },
    end() {
      for (const pipe of Object.values(pipes)) pipe.end(null);
    },
    fail(error) {
      for (const pipe of Object.values(pipes)) pipe.end({ error });
    },
  };
}

interface Pipe {
  readonly bytes: AsyncIterable<Uint8Array>;
  push(bytes: Uint8Array): void;
  end(how: { readonly error: unknown } | null): void;
}

/** A program may print one byte at a time; kept one by one they would take a hundred times their size. */
const BLOCK_BYTES = 16 * 1024;

function openPipe(): Pipe {
  const blocks: { readonly bytes: Buffer; filled: number }[] = [];
  let ended: { readonly error: unknown } | 'well' | null = null;
  let wake: () => void = () => {};

  async function* read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const block = blocks.shift();
      if (block !== undefined) yield block.bytes.subarray(0, block.filled);
      else if (ended === 'well') return;
      else if (ended !== null) throw ended.error;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  return {
    bytes: { [Symbol.asyncIterator]: read },
    push(bytes) {
      if (ended !== null || bytes.length === 0) return;
      const last = blocks.at(-1);
      const fits = last === undefined ? 0 : Math.min(last.bytes.length - last.filled, bytes.length);
      if (last !== undefined && fits > 0) {
        last.bytes.set(bytes.subarray(0, fits), last.filled);
        last.filled += fits;
      }
      if (fits < bytes.length) {
        const rest = bytes.subarray(fits);
        const block = Buffer.alloc(Math.max(rest.length, BLOCK_BYTES));
        block.set(rest);
        blocks.push({ bytes: block, filled: rest.length });
      }
      wake();
    },
    end(how) {
      ended ??= how ?? 'well';
      wake();
    },
  };
}
