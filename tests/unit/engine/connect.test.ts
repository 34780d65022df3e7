import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { candidates } from '../../../orchestrator/adapters/engine/docker/candidates.ts';
import { connect } from '../../../orchestrator/adapters/engine/docker/connect.ts';
import type { System } from '../../../orchestrator/adapters/engine/docker/system.ts';
import { type SmallEngine, silence, smallEngine } from './small-engine.ts';

let home: string;
const engines: SmallEngine[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.die();
  rmSync(home, { recursive: true, force: true });
});

async function engine(): Promise<string> {
  const one = await smallEngine();
  engines.push(one);
  return one.socket;
}

function write(path: string, content: unknown): void {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), typeof content === 'string' ? content : JSON.stringify(content));
}

function writeContext(name: string, host: string): string {
  const id = createHash('sha256').update(name).digest('hex');
  write(`.docker/contexts/meta/${id}/meta.json`, { Name: name, Endpoints: { docker: { Host: host } } });
  return id;
}

/** Where products put their sockets, below the user's own folder. */
const USUAL: readonly { product: string; platform: NodeJS.Platform; path: string; env?: (home: string) => Record<string, string> }[] = [
  { product: 'rootless Docker', platform: 'linux', path: 'run/docker.sock', env: (folder) => ({ XDG_RUNTIME_DIR: `${folder}/run` }) },
  { product: 'rootless Docker without a session', platform: 'linux', path: '.docker/run/docker.sock' },
  {
    product: 'rootless Podman',
    platform: 'linux',
    path: 'run/podman/podman.sock',
    env: (folder) => ({ XDG_RUNTIME_DIR: `${folder}/run` }),
  },
  { product: 'Docker Desktop', platform: 'linux', path: '.docker/desktop/docker.sock' },
  { product: 'Docker Desktop', platform: 'darwin', path: '.docker/run/docker.sock' },
  { product: 'Colima', platform: 'darwin', path: '.colima/default/docker.sock' },
  { product: 'Colima in its newer place', platform: 'linux', path: '.config/colima/default/docker.sock' },
  {
    product: 'Colima in a place of its own',
    platform: 'darwin',
    path: 'c/default/docker.sock',
    env: (folder) => ({ COLIMA_HOME: `${folder}/c` }),
  },
  { product: 'OrbStack', platform: 'darwin', path: '.orbstack/run/docker.sock' },
  { product: 'Rancher Desktop', platform: 'darwin', path: '.rd/docker.sock' },
  { product: 'Podman', platform: 'darwin', path: 't/podman/podman-machine-default-api.sock', env: (folder) => ({ TMPDIR: `${folder}/t` }) },
  { product: 'Podman with its helper', platform: 'darwin', path: '.local/share/containers/podman/machine/podman.sock' },
];

/** A machine whose own sockets are where no test puts any, whatever runs on the real one. */
function system(platform: NodeJS.Platform): System {
  return { platform, uid: 4_999, run: join(home, 'machine') };
}

describe('the place of an engine', () => {
  it('that is named on the command line wins over every other', async () => {
    const [named, other] = [await engine(), await engine()];
    const { endpoint } = await connect({ host: `unix://${named}`, env: { HOME: home, DOCKER_HOST: `unix://${other}` } });
    expect(endpoint).toBe(`unix://${named}`);
    expect(engines[0]?.asked).toEqual(['GET /_ping']);
    expect(engines[1]?.asked).toEqual([]);
  });

  it('in DOCKER_HOST wins over the current context', async () => {
    const [named, other] = [await engine(), await engine()];
    writeContext('mine', `unix://${other}`);
    write('.docker/config.json', { currentContext: 'mine' });
    const { endpoint } = await connect({ env: { HOME: home, DOCKER_HOST: `unix://${named}` } });
    expect(endpoint).toBe(`unix://${named}`);
  });

  it('of the current context is found', async () => {
    const socket = await engine();
    writeContext('mine', `unix://${socket}`);
    write('.docker/config.json', { currentContext: 'mine' });
    expect((await connect({ env: { HOME: home } })).endpoint).toBe(`unix://${socket}`);
  });

  it('of the context in DOCKER_CONTEXT is found, also under another DOCKER_CONFIG', async () => {
    const socket = await engine();
    writeContext('mine', `unix://${socket}`);
    const env = { HOME: '/nowhere', DOCKER_CONFIG: join(home, '.docker'), DOCKER_CONTEXT: 'mine' };
    expect((await connect({ env })).endpoint).toBe(`unix://${socket}`);
  });

  it.each(['tcp://127.0.0.1:1', 'tcp://['])('is the same when the process itself has DOCKER_HOST=%s', async (ambient) => {
    const socket = await engine();
    const before = process.env.DOCKER_HOST;
    process.env.DOCKER_HOST = ambient;
    try {
      const { docker } = await connect({ host: `unix://${socket}`, env: {} });
      expect(String(await docker.ping())).toBe('OK');
      expect(process.env.DOCKER_HOST).toBe(ambient);
    } finally {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
    }
  });

  it.each(USUAL)('of $product on $platform is found when docker’s own are not there', async ({ platform, path, env }) => {
    const one = await smallEngine();
    engines.push(one);
    const socket = join(home, path);
    mkdirSync(dirname(socket), { recursive: true });
    symlinkSync(one.socket, socket);
    const found = await connect({ env: { HOME: home, ...env?.(home) }, system: system(platform) });
    expect(found.endpoint).toBe(`unix://${socket}`);
  });

  it('is the first of several that answer', async () => {
    const [mine, colima] = [await engine(), await engine()];
    writeContext('mine', `unix://${mine}`);
    write('.docker/config.json', { currentContext: 'mine' });
    mkdirSync(join(home, '.colima/default'), { recursive: true });
    symlinkSync(colima, join(home, '.colima/default/docker.sock'));
    expect((await connect({ env: { HOME: home }, system: system('linux') })).endpoint).toBe(`unix://${mine}`);
    expect(engines[1]?.asked).toEqual([]);
  });
});

describe('an engine over TCP', () => {
  const overTcp = async (address: string) => {
    const server = createServer((_, response) => response.end('OK'));
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    servers.push(server);
    return (server.address() as AddressInfo).port;
  };
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  it.each([
    { scheme: 'tcp://', host: '127.0.0.1', address: '127.0.0.1' },
    { scheme: 'http://', host: '127.0.0.1', address: '127.0.0.1' },
    // As docker itself takes it.
    { scheme: '', host: '127.0.0.1', address: '127.0.0.1' },
    { scheme: 'tcp://', host: '[::1]', address: '::1' },
  ])('is found at $scheme$host', async ({ scheme, host, address }) => {
    const endpoint = `${scheme}${host}:${await overTcp(address)}`;
    const { docker, endpoint: found } = await connect({ env: { HOME: home, DOCKER_HOST: endpoint } });
    expect(found).toBe(endpoint);
    expect(String(await docker.ping())).toBe('OK');
  });
});

describe('no engine', () => {
  it('is a failure that lists what was tried and what each said', async () => {
    const host = `unix://${home}/none.sock`;
    await expect(connect({ host, env: {} })).rejects.toMatchObject({
      code: 'engine_unreachable',
      detail: expect.stringMatching(/none\.sock \(--docker-host\): .*ENOENT/),
    });
  });

  it.each([
    { platform: 'linux', says: 'systemctl start docker' },
    { platform: 'darwin', says: 'colima start' },
  ] as const)('anywhere is told a line a place, with what to do on $platform', async ({ platform, says }) => {
    writeContext('mine', `unix://${home}/mine.sock`);
    write('.docker/config.json', { currentContext: 'mine' });
    const env = { HOME: home, DOCKER_HOST: '', DOCKER_CONTEXT: '' };
    const failure: { code: string; detail: string } = await connect({ env, system: system(platform) }).then(
      Promise.reject,
      (error) => error,
    );
    const [first, ...lines] = failure.detail.split('\n');
    const places = candidates(null, env, system(platform)).map(({ endpoint, source }) => `  ${endpoint} (${source}): not there (ENOENT)`);
    expect([first, ...lines.slice(0, -1)]).toEqual(['tried', ...places]);
    expect(places[0]).toContain('(docker context mine)');
    expect(places.length).toBeGreaterThan(6);
    expect(lines.at(-1)).toContain(says);
  });

  it('behind a current context that does not exist is told so, and the search goes on', async () => {
    write('.docker/config.json', { currentContext: 'gone' });
    const [first, ...others] = candidates(null, { HOME: home });
    expect(first).toMatchObject({ endpoint: 'context gone', named: false });
    expect(others[0]?.endpoint).toBe('unix:///var/run/docker.sock');
  });

  it('for this user, where there is one for others, is a failure of its own', async () => {
    const socket = await engine();
    chmodSync(socket, 0o000);
    chmodSync(dirname(socket), 0o755);
    const failed = asNobody(() => connect({ env: { DOCKER_HOST: `unix://${socket}` }, system: system('linux') }));
    await expect(failed).rejects.toMatchObject({
      code: 'engine_forbidden',
      detail: expect.stringMatching(/this user may not use it \(EACCES\)[\s\S]*usermod -aG docker/),
    });
  });

  it('in a folder that may not be looked into is none', async () => {
    const socket = await engine();
    const closed = join(home, 'closed');
    mkdirSync(closed);
    symlinkSync(socket, join(closed, 'docker.sock'));
    chmodSync(closed, 0o000);
    const failed = asNobody(() => connect({ env: { DOCKER_HOST: `unix://${closed}/docker.sock` }, system: system('linux') }));
    await expect(failed).rejects.toMatchObject({ code: 'engine_unreachable', detail: expect.stringContaining('EACCES') });
  });

  it('where a person named one is not replaced by another that answers', async () => {
    writeContext('mine', `unix://${await engine()}`);
    write('.docker/config.json', { currentContext: 'mine' });
    const env = { HOME: home, DOCKER_HOST: `unix://${home}/none.sock` };
    await expect(connect({ env })).rejects.toMatchObject({ code: 'engine_unreachable' });
    expect(engines[0]?.asked).toEqual([]);
  });

  it.each([
    { named: 'ssh://me@host', words: /ssh is not supported.*unix:\/\// },
    { named: 'nonsense', words: /not an address/ },
    { named: 'tcp://[', words: /Invalid URL/ },
    { named: 'tcp://127.0.0.1:1', words: /ECONNREFUSED/ },
  ])('at $named is told in its own words', async ({ named, words }) => {
    await expect(connect({ env: { HOME: home, DOCKER_HOST: named } })).rejects.toMatchObject({
      code: 'engine_unreachable',
      detail: expect.stringMatching(words),
    });
  });

  it('behind a context that does not exist is told so', async () => {
    await expect(connect({ env: { HOME: home, DOCKER_CONTEXT: 'gone' } })).rejects.toMatchObject({
      detail: expect.stringMatching(/context gone .*no such docker context/),
    });
  });

  it('behind a socket that never answers is given up', async () => {
    const mute = await smallEngine({ 'GET /_ping': silence });
    engines.push(mute);
    await expect(connect({ host: `unix://${mute.socket}`, env: {}, pingMs: 100 })).rejects.toMatchObject({
      detail: expect.stringContaining('no answer within 0.1 s'),
    });
  });
});

describe('the search', () => {
  it('goes from the current context to the usual sockets, each once', () => {
    writeContext('mine', 'unix:///var/run/docker.sock');
    write('.docker/config.json', { currentContext: 'mine' });
    const places = candidates(null, { HOME: home, XDG_RUNTIME_DIR: '/run/user/1000' }).map(({ endpoint }) => endpoint);
    expect(places[0]).toBe('unix:///var/run/docker.sock');
    expect(new Set(places).size).toBe(places.length);
    for (const usual of [`${home}/.docker/run`, `${home}/.colima/default`, `${home}/.orbstack/run`, '/run/user/1000']) {
      expect(places).toContain(`unix://${usual}/docker.sock`);
    }
    expect(places).toContain('unix:///run/user/1000/podman/podman.sock');
  });

  it('on Windows goes through the named pipes', () => {
    const env = { USERPROFILE: home };
    expect(candidates(null, env, { ...system('win32'), uid: null }).map(({ endpoint }) => endpoint)).toEqual([
      'npipe:////./pipe/docker_engine',
      'npipe:////./pipe/dockerDesktopLinuxEngine',
      'npipe:////./pipe/podman-machine-default',
    ]);
  });

  it('ends at docker’s own place when DOCKER_CONTEXT asks for the default', () => {
    writeContext('mine', 'unix:///mine.sock');
    write('.docker/config.json', { currentContext: 'mine' });
    const found = candidates(null, { HOME: home, DOCKER_CONTEXT: 'default' }, system('linux'));
    expect(found).toEqual([{ endpoint: `unix://${home}/machine/docker.sock`, tls: null, source: 'DOCKER_CONTEXT', named: true }]);
  });

  it.each([{ content: '{ half' }, { content: '[]' }, { content: '{"currentContext":7}' }])(
    'goes on where docker’s own configuration is $content',
    ({ content }) => {
      write('.docker/config.json', content);
      expect(candidates(null, { HOME: home })[0]?.endpoint).toBe('unix:///var/run/docker.sock');
    },
  );

  it('takes the TLS files of a context, or those of DOCKER_CERT_PATH where TLS is asked for', () => {
    const id = writeContext('far', 'tcp://far:2376');
    write(`.docker/contexts/tls/${id}/docker/ca.pem`, 'x');
    expect(candidates(null, { HOME: home, DOCKER_CONTEXT: 'far' })[0]?.tls).toBe(join(home, '.docker/contexts/tls', id, 'docker'));
    const env = { HOME: home, DOCKER_HOST: 'tcp://far:4243', DOCKER_CERT_PATH: '/certs' };
    expect(candidates(null, env)[0]?.tls).toBeNull();
    expect(candidates(null, { ...env, DOCKER_TLS_VERIFY: '1' })[0]?.tls).toBe('/certs');
    expect(candidates(null, { ...env, DOCKER_HOST: 'tcp://far:2376' })[0]?.tls).toBe('/certs');
  });
});

/** The same as a user who is not root, so that the modes of files count. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
