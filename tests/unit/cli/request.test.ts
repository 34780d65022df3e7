import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkRequest, MAX_REQUEST_CHARS, readRequest } from '../../../orchestrator/cli/request.ts';
import { openRunFolder } from '../../../orchestrator/cli/run-folder.ts';
import { newRunId } from '../../../orchestrator/cli/run-id.ts';

describe('a request', () => {
  test.each([
    ['', 'request_empty'],
    [' \n\t ', 'request_empty'],
    ['x'.repeat(MAX_REQUEST_CHARS + 1), 'request_too_long'],
    ['a\u0000b', 'request_unreadable'],
    ['a\u001b[31mb', 'request_unreadable'],
    ['caf\uFFFD', 'request_unreadable'],
  ])('that is %j is refused as %s', (text, code) => {
    expect(() => checkRequest(text)).toThrow(expect.objectContaining({ code }));
  });

  test('keeps its words, line breaks, quotes and accents', () => {
    expect(checkRequest('  Añade "orden"\n\tpor `precio` $5  ')).toBe('Añade "orden"\n\tpor `precio` $5');
  });
});

describe('where a request comes from', () => {
  async function* stdin(...chunks: Uint8Array[]) {
    yield* chunks;
  }
  async function* nothing(): AsyncGenerator<Uint8Array> {
    yield Promise.reject(new Error('stdin was read'));
  }

  test.each([
    { words: ['sort', 'by price'], env: { REQ: 'no' }, request: 'sort by price' },
    { words: [], env: { REQ: 'from REQ' }, request: 'from REQ' },
    { words: [], env: {}, request: null },
    { words: ['-', 'and more'], env: {}, request: '- and more' },
  ])('$words with $env is $request, and stdin is left alone', async ({ words, env, request }) => {
    expect(await readRequest(words, env, nothing())).toBe(request);
  });

  test('a lone "-" is all of stdin, whatever stands in REQ', async () => {
    const [first, second] = [Buffer.from('añ').subarray(0, 2), Buffer.from('añ').subarray(2)];
    expect(await readRequest(['-'], { REQ: 'no' }, stdin(first, second))).toBe('añ');
    expect(await readRequest(['-'], {}, stdin())).toBe('');
  });

  test('bytes that are not UTF-8 are not read as something else', async () => {
    const request = await readRequest(['-'], {}, stdin(Uint8Array.of(0x63, 0xe9)));
    expect(() => checkRequest(request ?? '')).toThrow(expect.objectContaining({ code: 'request_unreadable' }));
  });

  test('no more of stdin is read than a request may have', async () => {
    let read = 0;
    async function* endless() {
      for (;;) {
        read += 1;
        yield new Uint8Array(8_000).fill(0x78);
      }
    }
    await expect(readRequest(['-'], {}, endless())).rejects.toMatchObject({ code: 'request_too_long' });
    expect(read).toBeLessThan(10);
  });
});

describe('a run’s folder', () => {
  test('is made, with its owner in it', () => {
    const runs = join(mkdtempSync(join(tmpdir(), 'factory-runs-')), 'not/yet/there');
    const { run, folder } = openRunFolder(runs, 'sort by price');
    expect(folder).toBe(join(runs, run));
    expect(readdirSync(folder)).toEqual(['owner']);
  });

  test('that cannot be made is disk, and nothing is left of it', () => {
    const place = mkdtempSync(join(tmpdir(), 'factory-runs-'));
    writeFileSync(join(place, 'file'), '');
    for (const runs of [join(place, 'file'), join(place, 'file/runs')]) {
      expect(() => openRunFolder(runs, 'sort by price')).toThrow(
        expect.objectContaining({ code: 'disk', detail: expect.stringContaining(runs) }),
      );
    }
    expect(readdirSync(place)).toEqual(['file']);
  });
});

describe('a run’s name', () => {
  test('is safe as a branch, a folder and a container, whatever was asked', () => {
    for (const request of ['Let GET /products take ?sort=price', '日本語', '../../etc; rm -rf $HOME', 'x'.repeat(500)]) {
      expect(newRunId(request, '/nowhere')).toMatch(/^[a-z0-9][a-z0-9-]{0,33}-[0-9a-f]{4}$/);
    }
  });

  test('tells what it was about', () => {
    expect(newRunId('Let GET /products take an optional ?sort=price', '/nowhere')).toMatch(/^products-sort-price-/);
  });
});
