import { Buffer } from 'node:buffer';
import { describe, expect, it, vi } from 'vitest';
import { openOutputs } from '../../../orchestrator/adapters/engine/docker/outputs.ts';

const bytes = (text: string) => Buffer.from(text);

async function chunks(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const chunk of stream) all.push(chunk);
  return all;
}

const text = async (stream: AsyncIterable<Uint8Array>) => Buffer.concat(await chunks(stream)).toString();

describe('outputs', () => {
  it('are kept for whoever reads late, each on its own', async () => {
    const outputs = openOutputs(100, () => {});
    outputs.push('stdout', bytes('a'));
    outputs.push('stderr', bytes('x'));
    outputs.push('stdout', bytes('b'));
    outputs.end();
    expect(await text(outputs.stderr)).toBe('x');
    expect(await text(outputs.stdout)).toBe('ab');
  });

  it('reach a reader that waits as they come', async () => {
    const outputs = openOutputs(100, () => {});
    const reader = outputs.stdout[Symbol.asyncIterator]();
    const next = reader.next();
    outputs.push('stdout', bytes('now'));
    expect(Buffer.from((await next).value).toString()).toBe('now');
    const last = reader.next();
    outputs.end();
    expect((await last).done).toBe(true);
  });

  it('are copies, so that a reused buffer does not change them', async () => {
    const outputs = openOutputs(100, () => {});
    const reused = bytes('old');
    outputs.push('stdout', reused);
    reused.fill('x');
    outputs.end();
    expect(await text(outputs.stdout)).toBe('old');
  });

  it('end at the cap, which both share, and say so once', async () => {
    const onFull = vi.fn();
    const outputs = openOutputs(5, onFull);
    outputs.push('stdout', bytes('abc'));
    outputs.push('stderr', bytes('de'));
    expect(onFull).not.toHaveBeenCalled();
    outputs.push('stderr', bytes('f'));
    outputs.push('stdout', bytes('g'));
    expect(onFull).toHaveBeenCalledTimes(1);
    expect(await text(outputs.stdout)).toBe('abc');
    expect(await text(outputs.stderr)).toBe('de');
  });

  it('printed byte by byte take few blocks', async () => {
    const outputs = openOutputs(200_000, () => {});
    for (let at = 0; at < 100_000; at += 1) outputs.push('stdout', bytes('x'));
    outputs.end();
    const read = await chunks(outputs.stdout);
    expect(read.length).toBeLessThan(10);
    expect(Buffer.concat(read).length).toBe(100_000);
  });

  it('of a lost engine are read to the last byte and then throw', async () => {
    const outputs = openOutputs(100, () => {});
    outputs.push('stdout', bytes('last words'));
    outputs.fail(new Error('lost'));
    const reader = outputs.stdout[Symbol.asyncIterator]();
    expect(Buffer.from((await reader.next()).value).toString()).toBe('last words');
    await expect(reader.next()).rejects.toThrow('lost');
    await expect(chunks(outputs.stderr)).rejects.toThrow('lost');
  });
});
