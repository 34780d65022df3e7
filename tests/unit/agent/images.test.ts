import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

/** The program of one image without its libraries: its files, and its text. */
async function programOf(kind: string): Promise<{ files: string[]; text: string }> {
  const { metafile, outputFiles } = await build({
    entryPoints: [`images/agent/${kind}.ts`],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
  const files = Object.keys(metafile.inputs).filter((path) => path.startsWith('images/'));
  return { files, text: outputFiles[0]?.text ?? '' };
}

const LOOKING = /tools\/(read|read-file|grep|list-dir)\.ts$/;
const WRITING = /tools\/(write|write-file|replace-text|delete-file|writable)\.ts$/;
/** The ways that node has of changing a file system. */
const CHANGING =
  /write(File|v)?Sync|createWriteStream|appendFile|renameSync|unlinkSync|mkdirSync|rmSync|rmdirSync|chmodSync|linkSync|truncateSync|fs\/promises|child_process/;

describe('the program of an image', () => {
  it.each([
    ['plan', false, false],
    ['scout', true, false],
    ['build', true, true],
    ['test-writing', true, true],
    ['review', true, false],
  ])('of %s holds looks: %s, tools that write: %s', async (kind, looks, writes) => {
    const { files, text } = await programOf(kind);
    expect(files).toContain('images/agent/loop.ts');
    expect([files.some((path) => LOOKING.test(path)), files.some((path) => WRITING.test(path))]).toEqual([looks, writes]);
    expect([text.includes('node:fs'), CHANGING.test(text)]).toEqual([looks, writes]);
  });
});
