import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packEntries } from '../../../orchestrator/adapters/engine/docker/pack.ts';
import { unpackFolder } from '../../../orchestrator/adapters/engine/docker/unpack.ts';
import type { ArchiveEntry } from '../../../orchestrator/domain/archive.ts';
import { block, header, record, resum } from './tar-blocks.ts';

const CAPS = { bytes: 100_000, entries: 100 };
const END = Buffer.alloc(1024);

describe('an archive that goes in', () => {
  it('names every folder above a file, once, before what lies in it, all with one owner', async () => {
    const archive = await bytesOf(packEntries([file('a/b/one', '1'), file('a/b/two', '2'), file('a/three', '3')], { uid: 7, gid: 8 }));
    expect(headersOf(archive)).toEqual([
      { name: 'a', type: '5', mode: 0o755, uid: 7, gid: 8 },
      { name: 'a/b', type: '5', mode: 0o755, uid: 7, gid: 8 },
      { name: 'a/b/one', type: '0', mode: 0o644, uid: 7, gid: 8 },
      { name: 'a/b/two', type: '0', mode: 0o644, uid: 7, gid: 8 },
      { name: 'a/three', type: '0', mode: 0o644, uid: 7, gid: 8 },
    ]);
  });

  it('leaves a folder’s own entry as it is', async () => {
    const archive = await bytesOf(packEntries([{ ...file('a', ''), type: 'directory', mode: 0o700 }, file('a/b', '')], { uid: 1, gid: 1 }));
    expect(headersOf(archive).map(({ name, mode }) => ({ name, mode }))).toEqual([
      { name: 'a', mode: 0o700 },
      { name: 'a/b', mode: 0o644 },
    ]);
  });

  it('refuses what is neither file, folder nor link', async () => {
    const packed = bytesOf(packEntries([{ ...file('fifo', ''), type: 'other' }], { uid: 1, gid: 1 }));
    await expect(packed).rejects.toMatchObject({ code: 'bug' });
  });
});

describe('an archive that comes out', () => {
  it('is what went in, wherever its stream is cut into chunks', async () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'Z', '.', ' ', 'é', '✓', '😀', '-'), minLength: 1, maxLength: 120 });
    const content = fc.uint8Array({ maxLength: 1500 });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, content, { minKeys: 1, maxKeys: 5 }), fc.integer({ min: 1, max: 700 }), async (files, size) => {
        const sent = Object.entries(files).map(([path, bytes]) => ({ ...file(`w/${path}`, ''), content: bytes }));
        const archive = await bytesOf(packEntries(sent, { uid: 1, gid: 1 }));
        const back = await unpack(archive, CAPS, size);
        expect(plain(back)).toEqual(plain(sent.map((entry) => ({ ...entry, path: entry.path.slice(2) }))));
      }),
      { numRuns: 60 },
    );
  });

  it('keeps links, modes with their special bits, and empty folders', async () => {
    const entries: ArchiveEntry[] = [
      { ...file('w/run', 'x'), mode: 0o4755 },
      { ...file('w/empty', ''), type: 'directory', mode: 0o700 },
      { ...file('w/soft', ''), type: 'symlink', mode: 0o777, link: '/etc/passwd' },
      { ...file('w/hard', ''), type: 'hardlink', link: 'w/run' },
    ];
    const back = await unpack(await bytesOf(packEntries(entries, { uid: 1, gid: 1 })));
    expect(back.map(({ path, type, mode, link }) => ({ path, type, mode, link }))).toEqual([
      { path: 'run', type: 'file', mode: 0o4755, link: '' },
      { path: 'empty', type: 'directory', mode: 0o700, link: '' },
      { path: 'soft', type: 'symlink', mode: 0o777, link: '/etc/passwd' },
      { path: 'hard', type: 'hardlink', mode: 0o644, link: 'run' },
    ]);
  });

  it.each([
    { what: 'a device', flag: '3' },
    { what: 'a pipe', flag: '6' },
    { what: 'a sparse file', flag: 'S' },
    { what: 'a kind nobody knows', flag: 'Z' },
  ])('shows $what as something else and passes over what it carries', async ({ flag }) => {
    const back = await unpack(
      Buffer.concat([header('w/', '5'), header('w/odd', flag, 600), Buffer.alloc(1024, 'x'), header('w/next', '0'), END]),
    );
    expect(back.map(({ path, type, content }) => [path, type, content.length])).toEqual([
      ['odd', 'other', 0],
      ['next', 'file', 0],
    ]);
  });

  it('reads long names however they are written', async () => {
    const long = `w/${'n'.repeat(200)}`;
    const gnu = [header('././@LongLink', 'L', long.length + 1), block(`${long}\0`), header('w/cut', '0', 1), block('g')];
    const pax = [
      header('w/PaxHeaders/x', 'x', record('path', long).length),
      block(record('path', long)),
      header('w/cut', '0', 1),
      block('p'),
    ];
    const ustar = [header('file', '0', 1, { prefix: 'w/deep' }), block('u')];
    const back = await unpack(Buffer.concat([header('w/', '5'), ...gnu, ...pax, ...ustar, END]));
    expect(back.map(({ path, content }) => [path, Buffer.from(content).toString()])).toEqual([
      [long.slice(2), 'g'],
      [long.slice(2), 'p'],
      ['deep/file', 'u'],
    ]);
  });

  it('takes a size from an extended header before the field, and one in binary', async () => {
    const sized = record('size', '3');
    const pax = [header('w/PaxHeaders/x', 'x', sized.length), block(sized), header('w/a', '0', 0), block('abc')];
    const binary = header('w/b', '0', 0, { size: Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]) });
    const back = await unpack(Buffer.concat([header('w/', '5'), ...pax, binary, block('de'), END]));
    expect(back.map(({ content }) => Buffer.from(content).toString())).toEqual(['abc', 'de']);
  });

  it('cut short anywhere is export_truncated, never a smaller tree', async () => {
    // The first file ends in zeros, which look like an end marker.
    const entries = [{ ...file('w/zeros', ''), content: new Uint8Array(2048) }, file('w/last', 'x')];
    const archive = await bytesOf(packEntries(entries, { uid: 1, gid: 1 }));
    expect(await unpack(archive)).toHaveLength(2);
    for (let end = 0; end < archive.length; end += end % 512 === 0 ? 511 : 1) {
      await expect(unpack(archive.subarray(0, end)), `cut at ${end}`).rejects.toMatchObject({ code: 'export_truncated' });
    }
  });

  it('past the caps is refused before its content is read', async () => {
    const big = Buffer.concat([header('w/', '5'), header('w/big', '0', 1_000_000_000)]);
    await expect(unpack(big)).rejects.toMatchObject({ code: 'export_too_large' });
    const sparse = Buffer.concat([header('w/', '5'), header('w/sparse', 'S', 1_000_000_000)]);
    await expect(unpack(sparse)).rejects.toMatchObject({ code: 'export_too_large' });
    const many = Buffer.concat([header('w/', '5'), ...Array.from({ length: 101 }, (_, at) => header(`w/${at}`, '0')), END]);
    await expect(unpack(many)).rejects.toMatchObject({ code: 'export_too_large' });
  });

  it('without end is given up, and its source told', async () => {
    let given = 0;
    let told = false;
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        yield header('w/', '5');
        for (;;) {
          given += 1;
          yield header(`w/${given}`, '0');
        }
      } finally {
        told = true;
      }
    }
    await expect(collect(unpackFolder(endless(), CAPS))).rejects.toMatchObject({ code: 'export_too_large' });
    expect(given).toBe(101);
    expect(told).toBe(true);
  });

  it.each([
    { what: 'noise', archive: Buffer.alloc(2048, 'noise') },
    { what: 'a file instead of a folder', archive: Buffer.concat([header('w', '0'), END]) },
    { what: 'nothing at all but an end', archive: END },
    { what: 'an entry beside its folder', archive: Buffer.concat([header('w/', '5'), header('x/a', '0'), END]) },
    { what: 'a broken sum', archive: Buffer.concat([header('w/', '5'), header('w/a', '0').fill('x', 0, 1), END]) },
    { what: 'half an end marker', archive: Buffer.concat([header('w/', '5'), Buffer.alloc(512), header('w/a', '0'), END]) },
    { what: 'a huge extended header', archive: Buffer.concat([header('w/', '5'), header('w/x', 'x', 900_000_000)]) },
    { what: 'a bent extended header', archive: Buffer.concat([header('w/', '5'), header('w/x', 'x', 9), block('99 path=a'), END]) },
  ])('that holds $what is engine_failed', async ({ archive }) => {
    await expect(unpack(archive)).rejects.toMatchObject({ code: 'engine_failed' });
  });

  it('shows a name that is no UTF-8 with a mark that no rule lets in', async () => {
    const bad = header('w/a?b', '0');
    bad[3] = 0xff;
    const [entry] = await unpack(Buffer.concat([header('w/', '5'), resum(bad), END]));
    expect(entry?.path).toBe('a\ufffdb');
  });
});

function file(path: string, content: string): ArchiveEntry {
  return { path, type: 'file', mode: 0o644, content: new TextEncoder().encode(content), link: '' };
}

function unpack(archive: Uint8Array, caps = CAPS, chunk = 1000): Promise<ArchiveEntry[]> {
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < archive.length; at += chunk) yield archive.subarray(at, at + chunk);
  }
  return collect(unpackFolder(source(), caps));
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await collect(stream));
}

function plain(entries: readonly ArchiveEntry[]): unknown[] {
  return entries.map(({ path, type, mode, content }) => ({ path, type, mode, content: Buffer.from(content).toString('hex') }));
}

function headersOf(archive: Buffer): { name: string; type: string; mode: number; uid: number; gid: number }[] {
  const octal = (at: number, from: number) => Number.parseInt(archive.toString('latin1', at + from, at + from + 6), 8);
  const found = [];
  for (let at = 0; archive[at] !== 0; ) {
    const size = Number.parseInt(archive.toString('latin1', at + 124, at + 135), 8);
    found.push({
      name: archive.toString('utf8', at, archive.indexOf(0, at)),
      type: String.fromCharCode(archive[at + 156] ?? 0),
      mode: octal(at, 100),
      uid: octal(at, 108),
      gid: octal(at, 116),
    });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}
