import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/** Elsewhere the script only ever says what to do. */
const onDebian = existsSync('/etc/debian_version');

let folder: string;
const calls = (): string[] => {
  try {
    return readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
  } catch {
    return [];
  }
};

/** A program on the path that writes down how it was called. */
function stub(name: string, body: string): void {
  const path = join(folder, 'bin', name);
  writeFileSync(path, `#!/bin/bash\necho "${name} $*" >> "${folder}/calls"\n${body}\n`);
  chmodSync(path, 0o755);
}

/** `.ci/engine.sh` on a Debian machine as root: what is on it beyond the usual is what a test put there. */
async function script(env: Record<string, string>): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const path = `${join(folder, 'bin')}:/usr/bin:/bin`;
    execFile('bash', ['.ci/engine.sh'], { env: { PATH: path, FACTORY_ENGINE_LOG: join(folder, 'log'), ...env } }, (error, _, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: stderr }),
    );
  });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'factory-engine-'));
  mkdirSync(join(folder, 'bin'));
  // The ping: an engine answers once dockerd has made the file.
  stub('node', `[ -f "${folder}/answers" ] || { echo 'No Docker engine answers: tried nothing' >&2; exit 3; }`);
  stub('id', 'echo 0');
  stub('apt-get', '');
  stub('iptables', '');
  stub('debootstrap', '');
  stub('dockerd', `touch "${folder}/answers"; sleep 2`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const changes = (): string[] => calls().filter((call) => /^(apt-get|dockerd)/.test(call));

describe('making sure that an engine answers', () => {
  test('does nothing when one does', async () => {
    writeFileSync(join(folder, 'answers'), '');
    expect(await script({ CI: 'true' })).toEqual({ code: 0, said: '' });
    expect(changes()).toEqual([]);
  });

  test('without leave it changes nothing and says what to do', async () => {
    const { code, said } = await script({});
    expect(code).toBe(3);
    expect(said).toMatch(/No Docker engine answers: tried nothing\nStart Docker[\s\S]*DOCKER_HOST[\s\S]*FACTORY_INSTALL_ENGINE=1/);
    expect(changes()).toEqual([]);
  });

  test.each(['DOCKER_HOST', 'DOCKER_CONTEXT'])('an engine that %s names is the user’s own: none is started in its place', async (name) => {
    expect((await script({ CI: 'true', [name]: 'tcp://build-host:2376' })).code).toBe(3);
    expect(changes()).toEqual([]);
  });

  test('somebody who is not root is told, and nothing is tried', async () => {
    stub('id', 'echo 1000');
    expect((await script({ CI: 'true' })).code).toBe(3);
    expect(changes()).toEqual([]);
  });

  test.runIf(onDebian).each([{ CI: 'true' }, { FACTORY_INSTALL_ENGINE: '1' }])(
    'with leave (%o) an installed one is started',
    async (env) => {
      expect((await script(env)).code).toBe(0);
      expect(changes()).toEqual(['dockerd ']);
    },
  );

  test.runIf(onDebian)('one that was started and dies shows its last words', async () => {
    stub('dockerd', 'echo the disk is on fire; exit 1');
    const { code, said } = await script({ CI: 'true' });
    expect(code).toBe(3);
    expect(said).toContain('the disk is on fire');
  });
});
