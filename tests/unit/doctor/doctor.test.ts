import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { certificatesProbe } from '../../../orchestrator/cli/doctor/certificates.ts';
import { engineProbes } from '../../../orchestrator/cli/doctor/engine.ts';
import { examine, type Probe } from '../../../orchestrator/cli/doctor/examine.ts';
import { doctorReportSchema, ok, PROBES, type ProbeName, warn } from '../../../orchestrator/cli/doctor/finding.ts';
import { imagesProbe } from '../../../orchestrator/cli/doctor/images.ts';
import { diskProbe, gitProbe, nodeProbe, tokenProbe } from '../../../orchestrator/cli/doctor/machine.ts';
import { modelsProbe } from '../../../orchestrator/cli/doctor/models.ts';
import { programs, type Run } from '../../../orchestrator/cli/doctor/outside.ts';
import { renderReport } from '../../../orchestrator/cli/doctor/render.ts';
import { loadPolicies } from '../../../orchestrator/cli/policies.ts';
import { Failure } from '../../../orchestrator/domain/failure.ts';
import type { EngineInfo } from '../../../orchestrator/ports/engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'factory-doctor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { policies } = loadPolicies(join(import.meta.dirname, '../../../policies'));
const signal = new AbortController().signal;
const says =
  (code: number, stdout: string): Run =>
  async () => ({ code, stdout });
const nobody: Run = async () => null;

describe('this machine', () => {
  it.each([
    ['v20.11.0', 'ok'],
    ['v26.1.0', 'ok'],
    ['v20.10.9', 'fail'],
    ['v18.20.0', 'fail'],
  ])('node %s is %s', async (version, status) => {
    expect(await nodeProbe(version)(signal)).toMatchObject({ status, fix: status === 'ok' ? null : expect.stringContaining('20.11') });
  });

  it.each([
    ['git version 2.32.0\n', 'ok'],
    ['git version 2.50.1 (Apple Git-155)\n', 'ok'],
    ['git version 3.0.0\n', 'ok'],
    ['git version 2.31.9\n', 'fail'],
    ['not git', 'fail'],
  ])('%j is %s', async (stdout, status) => {
    expect(await gitProbe(says(0, stdout))(signal)).toMatchObject({ status });
  });

  it('without git in PATH is told to install it', async () => {
    const said = await gitProbe(programs({ PATH: folder }))(signal);
    expect(said).toMatchObject({ status: 'fail', says: 'there is no git to run', fix: expect.stringContaining('2.32') });
  });

  it('says that there is a token and never which', async () => {
    const secret = 'ghp_0123456789abcdef';
    for (const probe of [tokenProbe({ GH_TOKEN: secret }, nobody), tokenProbe({}, says(0, `${secret}\n`))]) {
      const said = await probe(signal);
      expect(said).toMatchObject({ status: 'ok', says: expect.stringContaining('present') });
      expect(JSON.stringify(said)).not.toContain(secret.slice(4));
    }
    for (const run of [nobody, says(1, '')])
      expect(await tokenProbe({ GH_TOKEN: '' }, run)(signal)).toMatchObject({ status: 'ok', says: expect.stringContaining('absent') });
  });
});

describe('disk', () => {
  const runs = [{ what: 'runs', folder: '/r', own: true }] as const;
  const withEngine = [...runs, { what: 'engine', folder: '/var/lib/docker', own: false }];
  const GB = 2 ** 30;
  const full = (free: Record<string, number>) => ({ isWritable: async () => true, free: async (path: string) => free[path] ?? 0 });

  it.each([
    [50 * GB, 'ok', null],
    [GB, 'warn', 'df -h /r'],
    [1_000, 'fail', 'df -h /r'],
  ])('with %d bytes free is %s', async (bytes, status, fix) => {
    const said = await diskProbe(async () => runs, full({ '/r': bytes }))(signal);
    expect(said).toMatchObject({ status, fix: fix === null ? null : expect.stringContaining(fix) });
  });

  it('counts the engine’s own where it is here, and needs no leave to write there', async () => {
    const disks = { ...full({ '/r': 50 * GB, '/var/lib/docker': 1_000 }), isWritable: async (path: string) => path === '/r' };
    expect(await diskProbe(async () => withEngine, disks)(signal)).toMatchObject({
      status: 'fail',
      fix: expect.stringContaining('/var/lib/docker'),
    });
  });

  it('that may not be written to is told so', async () => {
    const disks = { ...full({ '/r': 50 * GB }), isWritable: async () => false };
    expect(await diskProbe(async () => runs, disks)(signal)).toMatchObject({ status: 'fail', says: '/r cannot be written to' });
  });
});

describe('certificates', () => {
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it('none named is fine', async () => {
    expect(await certificatesProbe({ SSL_CERT_FILE: '' })(signal)).toMatchObject({ status: 'ok' });
  });

  it.each([
    ['is not there', () => join(folder, 'none.pem'), 'does not exist'],
    ['holds something else', () => write('text.pem', 'hello'), 'holds no certificate'],
    [
      'is cut',
      () => write('cut.pem', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'),
      'certificate 1 of 1 cannot be read',
    ],
  ])('a bundle that %s is named with its variable and a fix', async (_, make, problem) => {
    const said = await certificatesProbe({ PIP_CERT: make() })(signal);
    expect(said).toMatchObject({ status: 'warn', says: expect.stringContaining(problem), fix: expect.stringContaining('PIP_CERT') });
  });
});

const ENGINE: EngineInfo = {
  kind: 'docker',
  version: '27.3.1',
  architecture: 'arm64',
  runtimes: ['io.containerd.runc.v2', 'runc'],
  endpoint: 'unix:///var/run/docker.sock',
  about: { defaultRuntime: 'runc', seccomp: true, cgroupVersion: '2', storageDriver: 'overlay2', unenforced: [] },
};
const about = (more: object): EngineInfo => ({ ...ENGINE, about: { ...ENGINE.about, ...more } });

describe('the engine', () => {
  const probe = (name: keyof ReturnType<typeof engineProbes>, engine: EngineInfo, asked = policies) =>
    engineProbes(async () => engine, asked, 'arm64')[name](signal);

  it.each([
    ['engine', ENGINE, 'ok', 'docker 27.3.1'],
    ['engine', { ...ENGINE, version: '19.03.15' }, 'fail', 'too old'],
    ['engine', { ...ENGINE, kind: 'podman', version: '5.2.0' }, 'ok', 'podman 5.2.0'],
    ['engine', about({ rootless: true }), 'ok', 'rootless'],
    ['architecture', ENGINE, 'ok', 'as this machine is'],
    ['architecture', { ...ENGINE, architecture: 'amd64' }, 'ok', 'from a registry'],
    ['architecture', { ...ENGINE, architecture: 'riscv64' }, 'warn', 'riscv64'],
    ['runtime', ENGINE, 'ok', 'runsc: no'],
    ['runtime', { ...ENGINE, runtimes: ['runc', 'runsc'] }, 'ok', 'runsc: yes'],
    ['seccomp', ENGINE, 'ok', 'profile'],
    ['seccomp', about({ seccomp: false }), 'fail', 'no seccomp'],
    ['limits', ENGINE, 'ok', 'cgroup 2'],
    ['limits', about({ unenforced: ['pids'], rootless: true }), 'warn', 'no limit on pids'],
    ['storage', ENGINE, 'ok', 'overlay2'],
    ['storage', { ...ENGINE, about: {} }, 'ok', 'driver unknown'],
  ] as const)('%s: case %#', async (name, engine, status, words) => {
    const said = await probe(name, engine);
    expect(said).toMatchObject({ status, says: expect.stringContaining(words) });
    expect(said.fix === null).toBe(status === 'ok');
  });

  it('that lacks a policy’s runtime is told which policy, and how to get on', async () => {
    const asked = { ...policies, plan: { ...policies.plan, runtime: 'runsc' } };
    expect(await probe('runtime', ENGINE, asked)).toMatchObject({
      status: 'fail',
      says: expect.stringContaining('policies/plan.yaml asks for runsc'),
      fix: expect.stringContaining('runsc install'),
    });
    expect(await probe('runtime', { ...ENGINE, runtimes: ['runsc'] }, asked)).toMatchObject({ status: 'ok' });
  });
});

describe('images', () => {
  it('that are missing are no fault, and named', async () => {
    const look = (missing: string[]) =>
      imagesProbe(
        async () => ENGINE,
        async () => ({ missing, bytes: 326e6 }),
      )(signal);
    expect(await look([])).toMatchObject({ status: 'ok', says: '10 of 10 present, 326 MB on the engine' });
    expect(await look(['plan', 'card'])).toMatchObject({ status: 'warn', says: expect.stringContaining('8 of 10 present') });
  });
});

describe('models', () => {
  const asked = { models: ['coder:7b', 'reader'], contextTokens: 32_768 };
  const shown = { parameters: '7.6B', quantization: 'Q4_K_M', contextTokens: 32_768 };
  const server = {
    host: 'http://m',
    list: async () => [
      { name: 'coder:7b', digest: 'abc' },
      { name: 'reader:latest', digest: null },
    ],
    show: async () => shown,
  };

  it('are named with digest, size and context', async () => {
    expect(await modelsProbe(server, asked)(signal)).toEqual({
      status: 'ok',
      stops_requests: false,
      fix: null,
      says: 'http://m: coder:7b (abc, 7.6B, Q4_K_M, context 32,768); reader (7.6B, Q4_K_M, context 32,768); 32,768 tokens are asked for',
    });
  });

  it('with a smaller context than is asked for warn with the setting that fits', async () => {
    const small = { ...server, show: async (model: string) => ({ ...shown, contextTokens: model === 'reader' ? 8_192 : 32_768 }) };
    expect(await modelsProbe(small, asked)(signal)).toMatchObject({
      status: 'warn',
      stops_requests: false,
      fix: expect.stringContaining('context_tokens: 8192'),
    });
  });

  it.each([
    ['a missing model', { ...server, list: async () => [] }, 'ollama pull coder:7b && ollama pull reader'],
    ['no server', { ...server, list: () => Promise.reject(new Failure('model_unavailable', 'refused')) }, 'ollama serve'],
  ])('%s stops requests, not replays', async (_, broken, fix) => {
    const said = await modelsProbe(broken, asked)(signal);
    expect(said).toMatchObject({ status: 'warn', stops_requests: true, fix: expect.stringContaining(fix) });
    expect(said.fix).toContain('`make factory` without REQ replays and needs none.');
  });
});

describe('the examination', () => {
  const all = (more: Partial<Record<ProbeName, Probe>>) =>
    ({ ...Object.fromEntries(PROBES.map((name) => [name, async () => ok('fine')])), ...more }) as Record<ProbeName, Probe>;

  it('gives up a probe that hangs, ends its work, and does not wait for the others in turn', async () => {
    let ended = 0;
    const hang: Probe = (given) => new Promise(() => given.addEventListener('abort', () => (ended += 1)));
    const began = Date.now();
    const report = await examine(all({ git: hang, disk: hang, models: hang }), 50);
    expect(Date.now() - began).toBeLessThan(2_000);
    expect(ended).toBe(3);
    expect(report.findings.find(({ probe }) => probe === 'git')).toMatchObject({ status: 'fail', says: 'no answer within 0.05 s' });
  });

  it('says what can start, as an object and as a table', async () => {
    const good = await examine(all({}));
    expect(doctorReportSchema.parse(good)).toMatchObject({ ready: { replay: true, request: true }, exit_code: 0 });
    const noModel = await examine(all({ models: async () => warn('none', 'pull', { stopsRequests: true }) }));
    expect(noModel).toMatchObject({ ready: { replay: true, request: false }, exit_code: 0 });
    expect(renderReport(noModel)).toContain('ready to replay: `make factory`; not for a request of your own: models');
    const noEngine = await examine(all({ engine: () => Promise.reject(new Failure('engine_unreachable', 'tried a, b')) }));
    expect(noEngine).toMatchObject({ ready: { replay: false, request: false }, exit_code: 3 });
    expect(renderReport(noEngine)).toMatch(/ fail engine {7}tried a, b\n {18} -> Start Docker[\s\S]*not ready: engine\n$/);
  });

  it('shows what others said without obeying it', async () => {
    const report = await examine(all({ models: async () => warn('\u001b]0;x\u0007\u202e\nok all', 'a\rb') }));
    expect(renderReport(report)).not.toMatch(/(?![\n])[\p{Cc}\p{Cf}]/u);
    expect(renderReport(report)).not.toMatch(/^ ?ok all/m);
  });
});
