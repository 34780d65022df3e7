import { Buffer } from 'node:buffer';
import { Failure } from '../../../domain/failure.ts';
import type { OutputName } from './outputs.ts';

const HEADER_BYTES = 8;

/** Takes an attached stream apart. */
export interface Demultiplexer {
  /** The next bytes of the stream, cut anywhere. Throws engine_failed on what is no frame. */
  take(chunk: Uint8Array): void;
  /** True where the stream may end: between two frames. */
  whole(): boolean;
}

/**
 * The engine sends both outputs over one stream in frames: a byte for which (1 stdout, 2 stderr), three zeros, the length of the payload
 * in four bytes, the payload. Payloads are handed on as they arrive, also in parts: no frame is ever held as a whole.
 */
export function demultiplexer(onPayload: (name: OutputName, bytes: Uint8Array) => void): Demultiplexer {
  const header = Buffer.alloc(HEADER_BYTES);
  let headerFilled = 0;
  let payloadLeft = 0;

  return {
    take(chunk) {
      let rest = chunk;
      while (rest.length > 0) {
        if (payloadLeft > 0) {
          const payload = rest.subarray(0, payloadLeft);
          payloadLeft -= payload.length;
          rest = rest.subarray(payload.length);
          onPayload(header[0] === 1 ? 'stdout' : 'stderr', payload);
          continue;
        }
        const part = rest.subarray(0, HEADER_BYTES - headerFilled);
        header.set(part, headerFilled);
        headerFilled += part.length;
        rest = rest.subarray(part.length);
        if (headerFilled === HEADER_BYTES) {
          payloadLeft = payloadLength(header);
          headerFilled = 0;
        }
      }
    },
    whole: () => headerFilled === 0 && payloadLeft === 0,
  };
}

function payloadLength(header: Buffer): number {
  const [name, ...zeros] = header.subarray(0, 4);
  if ((name !== 1 && name !== 2) || zeros.some((byte) => byte !== 0)) {
    throw new Failure('engine_failed', `the engine sent a stream that is not in frames (${header.toString('hex')})`);
  }
  return header.readUInt32BE(4);
}
