/** Bytes to messages and back. Used on the host and inside the container; believes nothing that it reads. */
import type { z } from 'zod';
import { Failure } from '../domain/failure.ts';
import { json } from '../domain/json.ts';
import { describeIssues } from './issues.ts';
import type { AgentMessage, HostMessage } from './messages.ts';

/** One message as the line that carries it, newline included. */
export function encodeLine(message: AgentMessage | HostMessage): string {
  return `${JSON.stringify(message)}\n`;
}

/**
 * The messages in a stream of bytes, each checked against `schema`.
 *
 * Throws `protocol_line_too_long` as soon as a line has passed `maxLineBytes`, `protocol_invalid` for a line that is not such a message.
 */
export async function* readMessages<T>(chunks: AsyncIterable<Uint8Array>, schema: z.ZodType<T>, maxLineBytes: number): AsyncGenerator<T> {
  for await (const line of splitLines(chunks, maxLineBytes)) yield parseLine(line, schema);
}

/**
 * The lines in a stream of bytes, without their `\n`. Only `\n` ends a line; what follows the last one is not a line and is dropped.
 * Holds at most `maxLineBytes` of an unfinished line, however it is cut into chunks, and throws `protocol_line_too_long` past that.
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>, maxLineBytes: number): AsyncGenerator<Uint8Array> {
  let held = new Uint8Array(0);
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      refuseOver(maxLineBytes, length + end - from);
      const tail = chunk.subarray(from, end);
      yield length === 0 ? tail : joined(held.subarray(0, length), tail);
      length = 0;
      from = end + 1;
    }
    const rest = chunk.subarray(from);
    refuseOver(maxLineBytes, length + rest.length);
    // One growing buffer, not a list of chunks: a million chunks of a byte each must not cost a million objects.
    if (length + rest.length > held.length) held = grown(held, length, Math.min(maxLineBytes, 2 * (length + rest.length)));
    held.set(rest, length);
    length += rest.length;
  }
}

/** One line as a message, or `protocol_invalid`: not UTF-8, not JSON, `__proto__`, a number past all bounds, nested too deeply, not the schema. */
export function parseLine<T>(line: Uint8Array, schema: z.ZodType<T>): T {
  const value = decodeJson(line);
  if (typeof value !== 'object' || value === null) throw new Failure('protocol_invalid', 'a line is not a JSON object');
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') throw new Failure('protocol_invalid', 'a line has the key __proto__');
    const checked = json.safeParse(item);
    if (!checked.success) throw new Failure('protocol_invalid', describeIssues(checked.error, 300));
  }
  const message = schema.safeParse(value);
  if (!message.success) throw new Failure('protocol_invalid', describeIssues(message.error, 300));
  return message.data;
}

const NEWLINE = 0x0a;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeJson(line: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(line));
  } catch (cause) {
    const what = cause instanceof SyntaxError ? 'not JSON' : 'not UTF-8';
    throw new Failure('protocol_invalid', `a line of ${line.length} bytes is ${what}`, { cause });
  }
}

function refuseOver(maxLineBytes: number, length: number): void {
  if (length > maxLineBytes) throw new Failure('protocol_line_too_long', `a line of more than ${maxLineBytes} bytes`);
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const line = new Uint8Array(head.length + tail.length);
  line.set(head);
  line.set(tail, head.length);
  return line;
}

function grown(held: Uint8Array, length: number, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(size);
  larger.set(held.subarray(0, length));
  return larger;
}
