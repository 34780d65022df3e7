import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serverName } from '../../orchestrator/cli/pull/names.ts';
import { testImage } from './image.ts';

/** Stands in for Ollama's image: the same wire, no model, and what it was asked to pull kept where the models would be. */
const IMAGE = 'factory-test/ollama:standin';
const NAME = serverName(IMAGE);
/** An image that nobody has, whatever registry there is. */
const NOWHERE = 'factory-test/not-there:none';
const MODEL = 'small:1b';

const SERVER = `
import json, os, socketserver, http.server
KEPT = '/root/.ollama/pulled'
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, *lines):
        self.send_response(200); self.end_headers()
        for line in lines: self.wfile.write((json.dumps(line) + '\\n').encode())
    def do_GET(self):
        names = open(KEPT).read().split() if os.path.exists(KEPT) else []
        self.answer({'models': [{'name': name} for name in names]})
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers['content-length'])))
        if self.path == '/api/show': return self.answer({'model_info': {'general.architecture': 'x', 'x.context_length': 65536}})
        if asked['model'] == 'absent:1b': return self.answer({'status': 'pulling manifest'}, {'error': 'pull model manifest: file does not exist'})
        open(KEPT, 'a').write(asked['model'] + '\\n')
        parts = [{'status': 'pulling a', 'digest': 'a', 'total': 2000000, 'completed': 200000 * i} for i in range(11)]
        self.answer({'status': 'pulling manifest'}, *parts, {'status': 'success'})
class Server(socketserver.ThreadingMixIn, http.server.HTTPServer): pass
Server(('0.0.0.0', 11434), Handler).serve_forever()
`;

const docker = (...args: string[]) => execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
const removed = (...args: string[]) => void spawnSync('docker', args, { stdio: 'ignore' });

async function factory(words: readonly string[], image: string, env: Record<string, string> = {}) {
  const main = join(import.meta.dirname, '../../build/orchestrator/cli/main.js');
  const child = spawn(process.execPath, [main, ...words], {
    env: { ...process.env, FACTORY_OLLAMA_IMAGE: image, OLLAMA_HOST: 'http://127.0.0.1:9', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { exitCode, stdout, stderr };
}

/** Names on the engine that a model server of this image would have. */
const left = (name: string) =>
  [...docker('ps', '-a', '--format', '{{.Names}}').split('\n'), ...docker('volume', 'ls', '--format', '{{.Name}}').split('\n')].filter(
    (one) => one === name,
  );

beforeAll(async () => {
  const dockerfile = `FROM ${await testImage()}\nUSER 0\nENTRYPOINT ["python3", "-c", ${JSON.stringify(SERVER)}]\n`;
  execFileSync('docker', ['build', '--quiet', '--tag', IMAGE, '-'], { input: dockerfile, stdio: ['pipe', 'ignore', 'pipe'] });
});
afterAll(() => {
  removed('rm', '-f', '-v', NAME);
  removed('volume', 'rm', NAME);
  removed('rmi', IMAGE);
});

test('--pull starts a model server on loopback with a volume alone, tells how far it is, and finds it again; clean --models removes it', async () => {
  const first = await factory(['models', '--pull', '--model', MODEL], IMAGE);
  expect(first).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`ok PLAN    ollama/${MODEL}`) });
  for (const said of [`lacks ${MODEL}`, ` 50 %  1 MB of 2 MB`, '100 %', `docker stop ${NAME}`, `docker volume rm ${NAME}`])
    expect(first.stderr).toContain(said);

  const [container] = JSON.parse(docker('inspect', NAME));
  expect(container.HostConfig).toMatchObject({ Privileged: false, CapDrop: ['ALL'], Binds: null, SecurityOpt: ['no-new-privileges'] });
  expect(container.Mounts).toEqual([expect.objectContaining({ Type: 'volume', Name: NAME, Destination: '/root/.ollama' })]);
  expect(container.NetworkSettings.Ports).toEqual({ '11434/tcp': [{ HostIp: '127.0.0.1', HostPort: expect.any(String) }] });
  // What removes a run's leftovers goes by the run's label.
  expect(Object.keys(container.Config.Labels).filter((label) => /^factory\./.test(label))).toEqual(
    expect.arrayContaining(['factory.models', 'factory.models.name']),
  );
  expect(container.Config.Labels).not.toHaveProperty('factory.run');

  docker('stop', '--time', '1', NAME);
  const again = await factory(['models', '--pull', '--model', MODEL, '--model', 'REVIEW=absent:1b'], IMAGE);
  expect(again.exitCode).toBe(3);
  expect(again.stderr).toContain('lacks absent:1b');
  expect(again.stderr).toContain('pull model manifest: file does not exist');
  expect(JSON.parse(docker('inspect', NAME))[0]).toMatchObject({ Id: container.Id, State: { Running: true } });

  const cleaned = await factory(['clean', '--models'], IMAGE);
  expect({ ...cleaned, left: left(NAME) }).toMatchObject({ exitCode: 0, stderr: '2 removed\n', left: [] });
});

test('--pull of what no registry gives ends with the engine’s own words, in bounded time, and leaves nothing', async () => {
  const began = Date.now();
  const { exitCode, stderr } = await factory(['models', '--pull', '--model', MODEL], NOWHERE, { FACTORY_PULL_TIMEOUT: '60' });
  expect({ exitCode, left: left(serverName(NOWHERE)) }).toEqual({ exitCode: 3, left: [] });
  expect(stderr).toMatch(/\n(model_pull_failed): [^\n]+\n {2}pull image factory-test\/not-there:none: \S+/);
  expect(Date.now() - began).toBeLessThan(90_000);
});

test('without --pull nothing is started, and at the default address the failure names it', async () => {
  const asked = await factory(['plan', '--model', MODEL, 'Say the version.'], IMAGE, { OLLAMA_HOST: '127.0.0.1:11434' });
  // Where somebody runs an Ollama of their own, it lacks the model instead.
  expect(asked).toMatchObject({ exitCode: 3, stderr: expect.stringMatching(/model_unavailable[\s\S]*with --pull|model_missing/) });
  expect(left(NAME)).toEqual([]);
});
