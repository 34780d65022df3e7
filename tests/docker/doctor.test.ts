import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { doctorReportSchema, type Finding } from '../../orchestrator/cli/doctor/finding.ts';
import { left } from './line/factory.ts';
import { smallTarget } from './line/small-target.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'factory-doctor-'));
let server: Server;
let host: string;
let target: string;

beforeAll(async () => {
  target = smallTarget();
  server = createServer((request, response) => {
    request.resume();
    if (request.url === '/api/tags') response.end(JSON.stringify({ models: [{ name: 'small:1b', digest: 'abcdef0123456789' }] }));
    else response.end(JSON.stringify({ model_info: { 'general.architecture': 'x', 'x.context_length': 4096 } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  for (const path of [folder, target]) rmSync(path, { recursive: true, force: true });
});

async function doctor(env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, [join(root, 'build/orchestrator/cli/main.js'), 'doctor', '-C', target, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { exitCode, stdout };
}

async function findings(env: Record<string, string>, ...args: string[]) {
  const { exitCode, stdout } = await doctor(env, '--json', ...args);
  const report = doctorReportSchema.parse(JSON.parse(stdout));
  expect(report.exit_code).toBe(exitCode);
  return { exitCode, report, of: (probe: Finding['probe']) => report.findings.find((one) => one.probe === probe) };
}

test('doctor finds this machine able to run, on the real engine, and leaves nothing on it', async () => {
  const { exitCode, report, of } = await findings({}, '--ollama-host', host, '--model', 'small:1b', '--context-tokens', '4096');
  expect({ exitCode, ready: report.ready }).toEqual({ exitCode: 0, ready: { replay: true, request: true } });
  expect(of('engine')).toMatchObject({ status: 'ok', says: expect.stringMatching(/^(docker|podman) \d+\.\d+/) });
  expect(of('runtime')?.says).toMatch(/runsc: (yes|no)/);
  expect(of('seccomp')?.status).toBe('ok');
  expect(of('limits')?.says).toMatch(/^cgroup [12]/);
  expect(of('models')).toMatchObject({ status: 'ok', says: expect.stringContaining('small:1b (abcdef012345, context 4,096)') });
  expect(left('doctor')).toEqual([]);
});

test('doctor without an engine, a model, git and a readable bundle tells each with its fix, in seconds', async () => {
  const broken = join(folder, 'broken.pem');
  writeFileSync(broken, 'not a certificate');
  const began = Date.now();
  const { exitCode, report, of } = await findings({
    DOCKER_HOST: 'tcp://127.0.0.1:1',
    OLLAMA_HOST: 'http://127.0.0.1:9',
    PATH: folder,
    PIP_CERT: broken,
  });
  expect(Date.now() - began).toBeLessThan(15_000);
  expect({ exitCode, ready: report.ready }).toEqual({ exitCode: 3, ready: { replay: false, request: false } });
  expect(of('engine')).toMatchObject({ status: 'fail', says: expect.stringContaining('tcp://127.0.0.1:1'), fix: expect.any(String) });
  expect(of('git')).toMatchObject({ status: 'fail', fix: expect.stringContaining('Install git') });
  expect(of('models')).toMatchObject({ status: 'warn', stops_requests: true, fix: expect.stringContaining('ollama serve') });
  expect(of('certificates')).toMatchObject({ status: 'warn', fix: expect.stringContaining('PIP_CERT') });
  for (const { status, fix } of report.findings) expect(fix === null).toBe(status === 'ok');
});

test('doctor never shows a token', async () => {
  const token = 'ghp_a1b2c3d4e5f6a7b8c9d0';
  for (const args of [[], ['--json']]) {
    const { stdout } = await doctor({ GH_TOKEN: token, OLLAMA_HOST: `http://me:${token}@127.0.0.1:9` }, ...args);
    expect(stdout).toContain('present (GH_TOKEN)');
    expect(stdout).not.toContain(token);
  }
});
