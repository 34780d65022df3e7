import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { demultiplexer } from '../../../orchestrator/adapters/engine/docker/frames.ts';

type Frame = readonly [name: 'stdout' | 'stderr', payload: Uint8Array];

function encode([name, payload]: Frame): Buffer {
  const header = Buffer.from([name === 'stdout' ? 1 : 2, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

function decode(chunks: readonly Uint8Array[]): { stdout: string; stderr: string; whole: boolean } {
  const outputs = { stdout: '', stderr: '' };
  const frames = demultiplexer((name, bytes) => {
    outputs[name] += Buffer.from(bytes).toString('latin1');
  });
  for (const chunk of chunks) frames.take(chunk);
  return { ...outputs, whole: frames.whole() };
}

function cut(stream: Buffer, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (stream.length + 1)), stream.length].sort((a, b) => a - b);
  return ends.map((end, at) => stream.subarray(ends[at - 1] ?? 0, end));
}

describe('the attached stream', () => {
  it('comes apart into both outputs wherever it is cut', () => {
    const frame = fc.tuple(fc.constantFrom('stdout' as const, 'stderr' as const), fc.uint8Array({ maxLength: 40 }));
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 12 }), (frames, places) => {
        const of = (wanted: string) =>
          Buffer.concat(frames.filter(([name]) => name === wanted).map(([, payload]) => payload)).toString('latin1');
        const decoded = decode(cut(Buffer.concat(frames.map(encode)), places));
        expect(decoded).toEqual({ stdout: of('stdout'), stderr: of('stderr'), whole: true });
      }),
    );
  });

  it('hands on the part of a frame that has arrived, and knows that the rest is missing', () => {
    const stream = encode(['stdout', Buffer.from('all of it')]);
    expect(decode([stream.subarray(0, 11)])).toEqual({ stdout: 'all', stderr: '', whole: false });
    expect(decode([stream.subarray(0, 4)])).toEqual({ stdout: '', stderr: '', whole: false });
  });

  it.each([
    { what: 'an unknown output', header: [3, 0, 0, 0, 0, 0, 0, 1] },
    { what: 'the input', header: [0, 0, 0, 0, 0, 0, 0, 1] },
    { what: 'text of a terminal', header: [...Buffer.from('\u0001hello w')] },
  ])('that starts with $what is refused, not guessed at', ({ header }) => {
    expect(() => decode([Buffer.from(header)])).toThrow(expect.objectContaining({ code: 'engine_failed' }));
  });
});
