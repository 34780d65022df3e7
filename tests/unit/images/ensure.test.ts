import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureImages } from '../../../orchestrator/cli/setup/ensure.ts';
import { TRUST_MARK } from '../../../orchestrator/cli/setup/host.ts';
import { Failure } from '../../../orchestrator/domain/failure.ts';
import type { ContainerKind } from '../../../orchestrator/domain/stage.ts';
import { type FileTree, textFile } from '../../../orchestrator/domain/tree.ts';
import type { BuildRequest, ImageStore } from '../../../orchestrator/ports/images.ts';

const PULLED = 'debian:trixie-slim';
const target = (lock: string): FileTree => new Map([['requirements.lock', textFile(lock)]]);

/** An engine that remembers what was asked of it. `images` are there from the start. */
function fakeStore(options: { images?: Record<string, string>; pulls?: boolean; broken?: ContainerKind } = {}) {
  const images = new Map(Object.entries(options.images ?? { [PULLED]: 'sha256:base' }));
  const asked: string[] = [];
  const builds: (BuildRequest & { files: Map<string, string> })[] = [];
  const store: ImageStore = {
    find: async (reference) => images.get(reference) ?? null,
    pull: async (reference) => {
      asked.push(`pull ${reference}`);
      if (options.pulls) images.set(reference, 'sha256:pulled');
      return options.pulls ?? false;
    },
    import: async (tar, reference) => {
      asked.push(`import ${reference}`);
      const names = [...(await unpacked(tar)).keys()];
      images.set(reference, `sha256:${names.length}-files`);
    },
    build: async (request, onLine) => {
      asked.push(`begin ${request.target}`);
      builds.push({ ...request, files: await unpacked(request.context) });
      [
        'Step 1/3 : FROM x AS made',
        'Step 2/3 : RUN cached',
        ' ---> Using cache',
        'Step 3/3 : RUN  make  it',
        ' ---> Running in 0a1b',
      ].forEach(onLine);
      await new Promise((resolve) => setTimeout(resolve, 5));
      asked.push(`end ${request.target}`);
      if (request.target === options.broken) throw new Failure('image_build_failed', 'the last lines');
      images.set(request.reference, `sha256:${request.target}`);
      return `sha256:${request.target}`;
    },
  };
  return { store, asked, builds, images };
}

async function unpacked(tar: AsyncIterable<Uint8Array>): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const reader = extract();
  Readable.from(tar)
    .once('error', (error) => reader.destroy(error))
    .pipe(reader);
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    files.set(entry.header.name, Buffer.concat(chunks).toString());
  }
  return files;
}

function ensure<K extends ContainerKind>(
  store: ImageStore,
  kinds: readonly K[],
  more: { tree?: FileTree; env?: Record<string, string>; architecture?: string; onLine?: (line: string) => void } = {},
) {
  const { tree = target('a==1'), env = {}, architecture = 'amd64', onLine = () => undefined } = more;
  return ensureImages({ store, architecture, tree, kinds, onLine, env });
}

describe('the images that a run needs', () => {
  test('are built once, labelled, and said in short lines', async () => {
    const { store, builds } = fakeStore();
    const lines: string[] = [];
    const images = await ensure(store, ['validate'], { onLine: (line) => lines.push(line) });
    expect(images.validate).toEqual({ reference: expect.stringMatching(/^factory\/validate:[0-9a-f]{12}$/), id: 'sha256:validate' });
    expect(builds).toHaveLength(1);
    expect(builds[0]).toMatchObject({ target: 'validate', labels: { 'factory.image': 'validate' }, args: { BASE: PULLED } });
    expect(lines).toEqual([
      `image validate: building ${images.validate.reference}`,
      'image validate: made: make it …',
      expect.stringMatching(/^image validate: ready in /),
    ]);
  });

  test('are neither built nor spoken of when they are there', async () => {
    const { store, asked } = fakeStore();
    const first = await ensure(store, ['holder', 'validate']);
    asked.length = 0;
    const lines: string[] = [];
    expect(await ensure(store, ['holder', 'validate'], { onLine: (line) => lines.push(line) })).toEqual(first);
    expect([...asked, ...lines]).toEqual([]);
  });

  test('are only the kinds that were asked for', async () => {
    const { store, builds } = fakeStore();
    expect(Object.keys(await ensure(store, ['holder', 'holder']))).toEqual(['holder']);
    expect(builds.map((build) => build.target)).toEqual(['holder']);
  });

  test('are named by what goes in: the target’s lock, the base and the architecture, and not the host’s certificates', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'factory-ensure-'));
    writeFileSync(join(folder, 'ca.pem'), 'COMPANY');
    const name = async (more: Parameters<typeof ensure>[2], images: Record<string, string> = { [PULLED]: 'sha256:base' }) =>
      (await ensure(fakeStore({ images }).store, ['card'], more)).card.reference;
    const usual = await name({});
    expect(await name({ tree: target('a==1') })).toBe(usual);
    expect(await name({ tree: new Map([...target('a==1'), ['app/main.py', textFile('new')]]) })).toBe(usual);
    expect(await name({ env: { PIP_CERT: join(folder, 'ca.pem') } })).toBe(usual);
    const others = [
      await name({ tree: target('a==2') }),
      await name({ architecture: 'arm64' }),
      await name({}, { [PULLED]: 'sha256:newer' }),
    ];
    expect(new Set([usual, ...others]).size).toBe(4);
    rmSync(folder, { recursive: true });
  });

  test('the holder does not change with the target', async () => {
    const one = await ensure(fakeStore().store, ['holder'], { tree: target('a==1') });
    expect(await ensure(fakeStore().store, ['holder'], { tree: target('a==2') })).toEqual(one);
  });

  test('a build gets the stages, files and arguments of its own kind only', async () => {
    const { store, builds } = fakeStore();
    await ensure(store, ['scout', 'test-running'], { env: { PIP_INDEX_URL: 'http://index', https_proxy: 'http://proxy' } });
    const [scout, testRunning] = builds;
    expect([...(scout?.files.keys() ?? [])].filter((name) => !name.endsWith('/'))).toEqual(['Dockerfile', 'target', 'agents/scout.mjs']);
    expect(scout?.args).toEqual({ BASE: PULLED, https_proxy: 'http://proxy' });
    expect(testRunning?.files.get('target/requirements.lock')).toBe('a==1');
    expect(testRunning?.files.get('host/ca.pem')).toBe(TRUST_MARK);
    expect(testRunning?.files.get('Dockerfile')).not.toMatch(/nodejs|agents\//);
    expect(testRunning?.args).toEqual({ BASE: PULLED, https_proxy: 'http://proxy', PIP_INDEX_URL: 'http://index' });
  });

  test('the first build is alone, since it makes what the others share; then the two families go side by side', async () => {
    const { store, asked } = fakeStore();
    await ensure(store, ['holder', 'plan', 'review', 'validate', 'card']);
    expect(asked.slice(0, 4)).toEqual(['begin holder', 'end holder', 'begin plan', 'begin validate']);
    expect(asked.indexOf('end plan')).toBeLessThan(asked.indexOf('begin review'));
    expect(asked.indexOf('end validate')).toBeLessThan(asked.indexOf('begin card'));
  });

  test('a build that fails is the run’s end, after the builds beside it have ended', async () => {
    const { store, asked } = fakeStore({ broken: 'plan' });
    await expect(ensure(store, ['holder', 'plan', 'validate'])).rejects.toMatchObject({
      code: 'image_build_failed',
      detail: 'the last lines',
    });
    expect(asked.filter((what) => what.startsWith('begin')).length).toBe(asked.filter((what) => what.startsWith('end')).length);
  });
});

describe('the base that all images stand on', () => {
  let rootfs: string;
  beforeAll(() => {
    rootfs = mkdtempSync(join(tmpdir(), 'factory-rootfs-'));
    for (const path of [
      'bin/sh',
      'usr/share/doc/a/changelog',
      'usr/share/doc/a/copyright',
      'usr/share/doc/a/README',
      'var/lib/apt/lists/big',
    ]) {
      mkdirSync(join(rootfs, path, '..'), { recursive: true });
      writeFileSync(join(rootfs, path), path);
    }
    chmodSync(join(rootfs, 'bin/sh'), 0o755);
  });
  afterAll(() => rmSync(rootfs, { recursive: true }));

  test('is pulled where a registry answers', async () => {
    const { store, asked, builds } = fakeStore({ images: {}, pulls: true });
    await ensure(store, ['holder']);
    expect(asked).toEqual([`pull ${PULLED}`, 'begin holder', 'end holder']);
    expect(builds[0]?.args.BASE).toBe(PULLED);
  });

  test('is made of a root filesystem where none does, without what no container reads, and made once', async () => {
    const { store, asked, builds, images } = fakeStore({ images: {} });
    await ensure(store, ['holder'], { env: { FACTORY_ROOTFS: rootfs, PATH: process.env.PATH ?? '' } });
    expect(asked[0]).toBe(`pull ${PULLED}`);
    expect(asked[1]).toMatch(/^import factory\/base:[0-9a-f]{12}$/);
    expect(builds[0]?.args.BASE).toMatch(/^factory\/base:/);
    // ./ bin bin/sh usr usr/share usr/share/doc usr/share/doc/a …/copyright var var/lib var/lib/apt var/lib/apt/lists
    expect(images.get(builds[0]?.args.BASE ?? '')).toBe('sha256:12-files');
    asked.length = 0;
    await ensure(store, ['validate']);
    expect(asked).toEqual(['begin validate', 'end validate']);
  });

  test('that cannot be made says why', async () => {
    const { store } = fakeStore({ images: {} });
    const env = { FACTORY_ROOTFS: join(rootfs, 'nowhere'), PATH: process.env.PATH ?? '' };
    await expect(ensure(store, ['holder'], { env })).rejects.toMatchObject({
      code: 'base_image_missing',
      detail: expect.stringMatching(/no registry gives debian:trixie-slim[\s\S]*nowhere/),
    });
  });

  test.each([
    { who: 'somebody who is not root', id: '1000', why: 'making a base image needs root' },
    { who: 'root without debootstrap', id: '0', why: 'making a base image needs debootstrap (apt-get install debootstrap)' },
  ])('that $who can neither pull nor make is one sentence, and nothing is imported or built', async ({ id, why }) => {
    const tools = mkdtempSync(join(tmpdir(), 'factory-tools-'));
    writeFileSync(join(tools, 'id'), `#!/bin/sh\necho ${id}\n`, { mode: 0o755 });
    symlinkSync(execFileSync('sh', ['-c', 'command -v bash'], { encoding: 'utf8' }).trim(), join(tools, 'bash'));
    const { store, images, asked } = fakeStore({ images: {} });
    await expect(ensure(store, ['holder'], { env: { PATH: tools } })).rejects.toMatchObject({
      code: 'base_image_missing',
      detail: `no registry gives debian:trixie-slim and it cannot be made here: ${why}`,
    });
    expect([...images]).toEqual([]);
    expect(asked.filter((what) => what.startsWith('begin'))).toEqual([]);
    rmSync(tools, { recursive: true });
  });

  test('is looked for only where it is not there: what was pulled by hand or by another run is taken', async () => {
    const { store, asked } = fakeStore({ images: { [PULLED]: 'sha256:by-hand' } });
    await ensure(store, ['holder'], { env: { PATH: '/nowhere' } });
    expect(asked).toEqual(['begin holder', 'end holder']);
  });
});
