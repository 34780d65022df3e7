import { Buffer } from 'node:buffer';

/** A header block by hand, for what no packer writes. */
export function header(name: string, flag: string, size = 0, over: { prefix?: string; size?: Buffer } = {}): Buffer {
  const made = Buffer.alloc(512);
  made.write(name, 0);
  made.write('0000644\0', 100);
  if (over.size === undefined) made.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  else over.size.copy(made, 124);
  made.write(flag, 156);
  made.write('ustar\u000000', 257);
  made.write(over.prefix ?? '', 345);
  return resum(made);
}

/** The same header with its sum right again. */
export function resum(made: Buffer): Buffer {
  made.write('        ', 148);
  const sum = made.reduce((total, byte) => total + byte, 0);
  made.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return made;
}

/** Content padded to whole blocks. */
export function block(content: string): Buffer {
  return Buffer.from(content.padEnd(Math.ceil(content.length / 512) * 512, '\0'));
}

/** One record of an extended header. */
export function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  const length = [1, 2, 3, 4].map((digits) => bytes + digits).find((total) => String(total).length + bytes === total);
  return `${length}${rest}`;
}
