import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../orchestrator/adapters/engine/docker/connect.ts';
import { dockerEngine } from '../../orchestrator/adapters/engine/docker/docker.ts';
import { factory, left } from './line/factory.ts';
import { type EngineProxy, engineProxy } from './remote/proxy.ts';
import { imageFor } from './stage-images.ts';

const root = join(import.meta.dirname, '../..');
const bundled = readFileSync(join(root, 'runs/bundled'), 'utf8').trim();
const isRoot = process.getuid?.() === 0;
/** A user that no file of this machine belongs to, and that /etc/passwd does not know. */
const USER = 64_999;

/** Everything of the program that does not come with a clone as it is committed: what is being tested, and what it was built to. */
const PROGRAM = ['build', 'images', 'orchestrator', 'policies', 'prompts', 'package.json', 'package-lock.json'];

/**
 * Words before a command that take the engine's disk and every socket out of its sight, and then all of root's rights. Other libraries than
 * this repository's own are not there for the user: they are laid into the clone, read-only.
 */
const away = (storage: string, clone: string) => [
  ...['unshare', '--mount', 'sh', '-ec'],
  [
    'if [ -d "$1" ]; then mount -t tmpfs -o size=64k,mode=755 tmpfs "$1"; fi',
    'mount --bind "$2" "$3"',
    'mount -o remount,ro,bind "$3"',
    'mount -t tmpfs -o size=64k,mode=755 tmpfs /run',
    'shift 3',
    `exec setpriv --reuid ${USER} --regid ${USER} --clear-groups --no-new-privs --bounding-set=-all "$@"`,
  ].join('\n'),
  ...['sh', storage, join(root, 'node_modules'), join(clone, 'node_modules')],
];

describe.skipIf(!isRoot)(
  `an engine elsewhere, as a user without rights${isRoot ? '' : ' (skipped: only root can become another user and hide folders)'}`,
  () => {
    let home: string;
    let clone: string;
    let storage: string;
    let proxy: EngineProxy;

    beforeAll(async () => {
      await imageFor('holder');
      home = mkdtempSync(join(tmpdir(), 'factory-remote-'));
      clone = join(home, 'clone');
      execFileSync('git', ['clone', '--quiet', root, clone]);
      for (const path of PROGRAM) {
        rmSync(join(clone, path), { recursive: true, force: true });
        cpSync(join(root, path), join(clone, path), { recursive: true });
      }
      mkdirSync(join(clone, 'node_modules'));
      execFileSync('chown', ['-R', `${USER}:${USER}`, home]);
      const { docker, endpoint } = await connect({ env: process.env });
      storage = (await dockerEngine(docker, endpoint).info()).about?.storageFolder ?? '/var/lib/docker';
      proxy = await engineProxy(endpoint);
    });
    afterAll(() => {
      proxy.close();
      rmSync(home, { recursive: true, force: true });
    });

    test('sees nothing of the engine on this machine', () => {
      const look = 'id -u; ls -A "$1" /run; test ! -e /var/run/docker.sock; touch node_modules/x 2>&1 || true';
      const said = execFileSync('unshare', [...away(storage, clone).slice(1), 'sh', '-ec', look, 'sh', storage], {
        cwd: clone,
        encoding: 'utf8',
      });
      expect(said).toMatch(/^touch: .*Read-only file system$/m);
      // Both folders are there and empty: a name, an empty line between them, and no more.
      expect(said.replace(/^touch: .*\n/m, '')).toBe(`${USER}\n/run:\n\n${storage}:\n`);
    });

    test('goes down the whole line over TCP, to the very tree that was recorded', async () => {
      const runs = join(home, 'runs');
      mkdirSync(runs);
      execFileSync('chown', [`${USER}:${USER}`, runs]);
      const env = { HOME: home, TMPDIR: home, XDG_RUNTIME_DIR: '', DOCKER_HOST: proxy.url, OLLAMA_HOST: 'http://127.0.0.1:9999' };
      const start = { through: away(storage, clone), main: join(clone, 'build/orchestrator/cli/main.js') };
      const ended = await factory(
        ['-C', clone, '--replay', 'bundled'],
        env,
        (child) => onTestFinished(() => void child.kill('SIGTERM')),
        runs,
        start,
      );

      expect(ended, ended.stderr).toMatchObject({ exitCode: 0, result: { outcome: 'pr', cost_usd: 0 } });
      expect(ended.stderr).toContain(`at ${proxy.url}`);
      const { run, branch } = ended.result as { run: string; branch: string };
      const recorded = JSON.parse(readFileSync(join(root, 'runs', bundled, 'receipt.json'), 'utf8'));
      const git = (...args: string[]) =>
        execFileSync('git', ['-c', `safe.directory=${clone}`, '-C', clone, ...args], { encoding: 'utf8' }).trim();
      expect(git('rev-parse', `${branch}:target-app`)).toBe(recorded.head_tree);
      expect(left(run)).toEqual([]);
      expect(execFileSync('find', [home, '-user', 'root'], { encoding: 'utf8' })).toBe('');

      const requests = proxy.requests();
      const created = requests.filter(({ method, path }) => method === 'POST' && path.startsWith('/containers/create'));
      console.log(`over TCP: ${requests.length} requests on ${proxy.connections()} connections, ${created.length} containers`);
      const names = created.map(({ path }) => new URLSearchParams(path.replace(/^.*\?/, '')).get('name'));
      const evidence = readdirSync(join(runs, run, 'evidence')).flatMap((name) => /^0*(\d+-[a-z-]+)-\d+$/.exec(name)?.[1] ?? []);
      expect(evidence.length).toBeGreaterThan(10);
      expect(names).toEqual(expect.arrayContaining(evidence.map((name) => `factory-${run}-${name}`)));
      for (const { body } of created) {
        const { HostConfig } = body as { HostConfig: { Binds?: unknown[]; VolumesFrom?: unknown[]; Mounts?: { Type: string }[] } };
        expect(HostConfig.Binds ?? []).toEqual([]);
        expect(HostConfig.VolumesFrom ?? []).toEqual([]);
        for (const { Type } of HostConfig.Mounts ?? []) expect(['volume', 'tmpfs']).toContain(Type);
      }
      // What is made without a registry (by debootstrap) would be imported.
      expect(requests.filter(({ path }) => path.includes('fromSrc'))).toEqual([]);
    }, 900_000);
  },
);
