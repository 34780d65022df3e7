import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { candidates } from '../../../orchestrator/adapters/engine/docker/candidates.ts';
import { connect } from '../../../orchestrator/adapters/engine/docker/connect.ts';
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

  it('is the same when the process itself has another DOCKER_HOST', async () => {
    const socket = await engine();
    const before = process.env.DOCKER_HOST;
    process.env.DOCKER_HOST = 'tcp://127.0.0.1:1';
    try {
      const { docker } = await connect({ host: `unix://${socket}`, env: {} });
      expect(String(await docker.ping())).toBe('OK');
    } finally {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
    }
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
