import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { pullBar } from '../../../orchestrator/cli/pull/bar.ts';
import { ollamaModels, serverName } from '../../../orchestrator/cli/pull/names.ts';
import { type ModelsWanted, pullModels } from '../../../orchestrator/cli/pull/pull-models.ts';
import { readSettings } from '../../../orchestrator/cli/settings.ts';
import { Failure } from '../../../orchestrator/domain/failure.ts';
import type { ModelServers } from '../../../orchestrator/ports/model-server.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** An Ollama that has these models; `fails`: what it says to a pull. */
async function ollama(models: string[], fails: string | null = null, came = 0): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      if (request.url === '/api/tags') return response.end(JSON.stringify({ models: models.map((name) => ({ name })) }));
      const { model } = JSON.parse(body) as { model: string };
      response.write(`${JSON.stringify({ status: 'pulling a', digest: 'a', total: 1_000, completed: came })}\n`);
      if (fails === null) models.push(model);
      return response.end(`${JSON.stringify(fails === null ? { status: 'success' } : { error: fails })}\n`);
    });
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An engine whose container of the server is at `address`; what was asked of it. */
function engine(address: string, over: Partial<ModelServers> = {}) {
  const did: string[] = [];
  const made = { address, image: 'ollama/ollama:latest', madeContainer: true, madeVolume: true };
  const servers: ModelServers = {
    find: async () => null,
    hasImage: async () => true,
    pullImage: async (image) => void did.push(`pull ${image}`),
    start: async (name) => {
      did.push(`start ${name}`);
      return made;
    },
    ended: async () => null,
    removeContainer: async (name) => void did.push(`rm ${name}`),
    removeVolume: async (name) => void did.push(`rm volume ${name}`),
    ...over,
  };
  return { did, made, servers };
}

const NOBODY = 'http://127.0.0.1:9';
const WANTED: ModelsWanted = { models: ['a:7b', 'b'], host: NOBODY, image: 'ollama/ollama:latest', limitS: 60, dockerHost: undefined };

async function pulled(wanted: Partial<ModelsWanted>, servers: ModelServers | null, endpoint = 'unix:///var/run/docker.sock') {
  let told = '';
  const err = (text: string) => {
    told += text;
  };
  const console = { err, tty: false, columns: 80 };
  const engineOf = async () => {
    if (servers === null) throw new Failure('engine_unreachable', 'nobody asked for an engine');
    return { servers, endpoint };
  };
  const ended = await pullModels({ ...WANTED, ...wanted }, { engine: engineOf, console, signal: new AbortController().signal }).catch(
    (error: unknown) => error as Failure,
  );
  return { ended, told };
}

describe('--pull', () => {
  test('uses the server that answers, and pulls there what it lacks and nothing else', async () => {
    const host = await ollama(['b:latest']);
    const { ended, told } = await pulled({ host }, null);
    expect(ended).toEqual({ host, closing: [] });
    expect(told).toContain(`Ollama at ${host} lacks a:7b`);
    expect(told).not.toContain('pull b');
    expect((await pulled({ host }, null)).told).toContain('nothing to pull');
  });

  test('starts a server where none answers, gets its image and the models, and says how to be rid of it', async () => {
    const host = await ollama([]);
    const { servers, did } = engine(host, { hasImage: async () => false });
    const { ended, told } = await pulled({}, servers);
    expect(did).toEqual(['pull ollama/ollama:latest', 'start factory-ollama']);
    expect(told).toMatch(/pull image ollama\/ollama:latest: done[\s\S]*pull a:7b: done[\s\S]*pull b: done/);
    const { closing, host: at } = ended as { closing: string[]; host: string };
    expect(at).toBe(host);
    expect(closing.join('\n')).toContain('docker stop factory-ollama');
    expect(closing.join('\n')).toContain('docker rm -f factory-ollama && docker volume rm factory-ollama');
    expect(closing.join('\n')).toContain('docker rmi ollama/ollama:latest');
  });

  test('uses the container that runs already, and leaves it where a pull fails', async () => {
    const host = await ollama([], 'no such host');
    const { servers, did, made } = engine(host);
    const { ended } = await pulled({}, { ...servers, find: async () => ({ ...made, madeContainer: false, madeVolume: false }) });
    expect(ended).toMatchObject({ code: 'model_pull_failed', detail: expect.stringContaining('no such host') });
    expect(did).toEqual([]);
  });

  test.each([
    ['nothing', 0, ['start factory-ollama', 'rm factory-ollama', 'rm volume factory-ollama']],
    ['half a model', 500, ['start factory-ollama', 'rm factory-ollama']],
  ] as const)('that fails when %s has come removes what it made, but nothing that came', async (_, came, all) => {
    const { servers, did } = engine(await ollama([], 'no such host', came));
    const { ended, told } = await pulled({}, servers);
    expect(ended).toMatchObject({ code: 'model_pull_failed' });
    expect(did).toEqual(all);
    expect(told.includes('kept in the volume')).toBe(came > 0);
  });

  test('removes a server that does not run, and tells its last words', async () => {
    const { servers, did } = engine(NOBODY, { ended: async () => 'it ended with exit code 1: no such thing' });
    const { ended } = await pulled({}, servers);
    expect(ended).toMatchObject({ code: 'model_pull_failed', detail: expect.stringContaining('exit code 1: no such thing') });
    expect(did).toContain('rm factory-ollama');
  });

  test('ends at its limit', async () => {
    const { servers, did } = engine(NOBODY);
    const { ended } = await pulled({ limitS: 0.3 }, servers);
    expect(ended).toMatchObject({ code: 'model_pull_failed', detail: expect.stringContaining('not done within 0.3 s (pull_timeout_s') });
    expect(did).toContain('rm factory-ollama');
  });

  test.each(['tcp://10.1.2.3:2375', 'https://docker.example:2376', 'tcp://127.evil.example:1', 'ssh://me@box'])(
    'starts nothing on %s, whose loopback is not this machine’s',
    async (endpoint) => {
      const { servers, did } = engine(NOBODY);
      const { ended } = await pulled({}, servers, endpoint);
      expect(ended).toMatchObject({ code: 'model_pull_failed', detail: expect.stringContaining('not on this machine') });
      expect(did).toEqual([]);
    },
  );

  test('has nothing to do where no stage asks Ollama', async () => {
    const { ended, told } = await pulled({ models: [] }, null);
    expect(ended).toEqual({ host: NOBODY, closing: [] });
    expect(told).toContain('nothing to pull');
  });
});

describe('what is pulled', () => {
  test('is what Ollama is asked for by the stages at work, once each', () => {
    const settings = readSettings({ model: ['openai:x,m:7b', 'REVIEW=m:7b,n', 'TEST=t'] }, {}, '/nonexistent');
    expect(ollamaModels(settings, ['PLAN', 'BUILD', 'REVIEW'])).toEqual(['m:7b', 'n']);
  });

  test.each([
    ['ollama/ollama:latest', 'factory-ollama'],
    ['ollama/ollama:0.6.2', 'factory-ollama'],
    [`ollama/ollama@sha256:${'a'.repeat(64)}`, 'factory-ollama'],
    ['mirror.example:5000/ollama', expect.stringMatching(/^factory-ollama-[0-9a-f]{8}$/)],
  ])('from %s has its own name on the engine', (image, name) => expect(serverName(image)).toEqual(name));

  test('is never every tag of an image, and never a flag', () => {
    const imageOf = (image: string) => readSettings({}, { FACTORY_OLLAMA_IMAGE: image }, '/nonexistent').ollama_image;
    expect(imageOf('mirror.example:5000/ollama')).toBe('mirror.example:5000/ollama:latest');
    expect(imageOf('ollama/ollama:0.6')).toBe('ollama/ollama:0.6');
    expect(() => imageOf('--privileged')).toThrow(
      expect.objectContaining({ code: 'config_invalid', detail: expect.stringContaining('FACTORY_OLLAMA_IMAGE') }),
    );
  });
});

describe('the bar', () => {
  const drawn = (tty: boolean, steps: readonly number[]) => {
    let text = '';
    let now = 0;
    const err = (words: string) => {
      text += words;
    };
    const clock = () => {
      now += 200;
      return now;
    };
    const bar = pullBar({ err, tty, columns: 60 }, 'm:7b\u001b[2J', clock);
    for (const percent of steps) bar.show({ status: 'x', doneBytes: percent * 47e6, totalBytes: 4.7e9 });
    bar.end('done');
    return text;
  };

  test('in a pipe is a line a tenth, each once, and nothing that moves', () => {
    const lines = drawn(false, [0, 5, 11, 12, 19, 20, 55, 54, 100, 100]).split('\n');
    expect(lines.slice(1, -2).map((line) => line.replace(/.*\\x1b\[2J */, ''))).toEqual([
      '11 %  517 MB of 4.7 GB',
      '20 %  940 MB of 4.7 GB',
      '55 %  2.6 GB of 4.7 GB',
      '100 %  4.7 GB of 4.7 GB',
    ]);
    for (const moving of ['\r', '\u001b']) expect(lines.join('')).not.toContain(moving);
  });

  test('on a terminal is one line that is never wider', () => {
    const [before = '', after] = drawn(true, [0, 50, 99]).split('\n');
    const frames = before.split('\r\u001b[2K').filter((frame) => frame !== '');
    expect(frames).toHaveLength(4);
    expect(frames[1]).toContain('[##########..........]  50 %');
    for (const frame of frames.slice(0, 3)) expect(frame.length).toBeLessThan(60);
    expect(after).toBe('');
  });
});
