import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

/** What the script and its stand-ins use beyond what a test puts on the machine. */
const TOOLS = [
  'bash',
  'sh',
  'cat',
  'dirname',
  'seq',
  'sleep',
  'tail',
  'touch',
  ...(process.platform === 'linux' ? ['script', 'setsid'] : []),
];
/** Starting a program apart from its terminal, and a terminal of one's own, are Linux's. */
const onLinux = process.platform === 'linux';

let tools: string[];
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

function file(path: string): void {
  mkdirSync(join(folder, dirname(path)), { recursive: true });
  writeFileSync(join(folder, path), '');
}

const environment = (env: Record<string, string>) => ({ PATH: join(folder, 'bin'), FACTORY_ENGINE_TOP: folder, ...env });

/** `.ci/engine.sh` on a Debian machine as root, without a terminal: what is on it beyond a few tools is what a test put there. */
function script(env: Record<string, string>): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    execFile('bash', ['.ci/engine.sh'], { env: environment(env) }, (error, _, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: stderr }),
    );
  });
}

/** The same at a terminal, where somebody types this. */
function atTerminal(typed: string): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      'script',
      ['--quiet', '--return', '--command', 'bash .ci/engine.sh', '/dev/null'],
      { env: { ...environment({}), SHELL: '/bin/sh' } },
      (error, stdout) => resolve({ code: error === null ? 0 : Number(error.code), said: stdout.replaceAll('\r', '') }),
    );
    child.stdin?.end(`${typed}\n`);
  });
}

beforeAll(() => {
  const where = TOOLS.map((tool) => `command -v ${tool}`).join('\n');
  tools = execFileSync('sh', ['-ec', where], { encoding: 'utf8' }).trim().split('\n');
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'factory-engine-'));
  for (const path of ['etc/debian_version', 'var/log/x', 'bin/x']) file(path);
  for (const path of tools) symlinkSync(path, join(folder, 'bin', basename(path)));
  // The ping: an engine answers once dockerd has made the file.
  stub('node', `[ -f "${folder}/answers" ] || { printf 'No Docker engine answers.\\ntried nothing\\nHere: start it\\n' >&2; exit 3; }`);
  stub('id', 'echo 0');
  stub('apt-get', '');
  stub('iptables', '');
  stub('debootstrap', '');
  stub('dockerd', `touch "${folder}/answers"; sleep 2`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const changes = (): string[] => calls().filter((call) => /^(apt-get|dockerd|systemctl)/.test(call));
const LEAVE = { CI: 'true' };

describe('making sure that an engine answers', () => {
  test.each([{}, { CI: 'true' }])('does nothing when one does (%o)', async (env) => {
    file('answers');
    expect(await script(env)).toEqual({ code: 0, said: '' });
    expect(changes()).toEqual([]);
  });

  test('without leave it changes nothing and says what was tried, what to do, and how to get one', async () => {
    const { code, said } = await script({});
    expect(code).toBe(3);
    expect(said).toMatch(
      /^No Docker engine answers\.\ntried nothing\nHere: start it\n.*DOCKER_HOST.*\n.*FACTORY_INSTALL_ENGINE=1 make setup\n$/,
    );
    expect(changes()).toEqual([]);
  });

  test.each([{ CI: 'false' }, { CI: '1' }, { FACTORY_INSTALL_ENGINE: '0' }, { FACTORY_INSTALL_ENGINE: 'yes' }])(
    '%o is no leave',
    async (env) => {
      expect((await script(env)).code).toBe(3);
      expect(changes()).toEqual([]);
    },
  );

  test.each(['DOCKER_HOST', 'DOCKER_CONTEXT'])('an engine that %s names is the user’s own: none is started in its place', async (name) => {
    expect((await script({ ...LEAVE, [name]: 'tcp://build-host:2376' })).code).toBe(3);
    expect(changes()).toEqual([]);
  });

  test('somebody who is not root is told, and nothing is tried', async () => {
    stub('id', 'echo 1000');
    const { code, said } = await script(LEAVE);
    expect(code).toBe(3);
    expect(said).toContain('root can have one installed');
    expect(changes()).toEqual([]);
  });

  test('a system that is not Debian’s is told, and nothing is tried', async () => {
    rmSync(join(folder, 'etc/debian_version'));
    const { code, said } = await script({ ...LEAVE, FACTORY_INSTALL_ENGINE: '1' });
    expect(code).toBe(3);
    expect(said).not.toContain('FACTORY_INSTALL_ENGINE');
    expect(changes()).toEqual([]);
  });
});

describe.runIf(onLinux)('with leave', () => {
  test.each([{ CI: 'true' }, { FACTORY_INSTALL_ENGINE: '1' }])(
    '(%o) an installed one is started, and nothing is installed',
    async (env) => {
      expect(await script(env)).toEqual({ code: 0, said: 'engine: starting dockerd\n' });
      expect(changes()).toEqual(['dockerd ']);
    },
  );

  test.each(['dockerd', 'iptables', 'debootstrap'])('one is installed where %s is missing, then started', async (missing) => {
    const body = readFileSync(join(folder, 'bin', missing), 'utf8');
    rmSync(join(folder, 'bin', missing));
    stub(
      'apt-get',
      `case "$*" in *install*) cat > "${folder}/bin/${missing}" <<'IT'\n${body}IT\n/bin/chmod 755 "${folder}/bin/${missing}";; esac`,
    );
    const { code, said } = await script(LEAVE);
    expect(code).toBe(0);
    expect(said).toMatch(/^engine: installing .*\nengine: starting dockerd\n$/);
    expect(changes()).toEqual([
      expect.stringMatching(/^apt-get .* update$/),
      expect.stringMatching(/^apt-get .* install --yes --no-install-recommends docker\.io iptables debootstrap$/),
      'dockerd ',
    ]);
  });

  test('one that its package started is not started again', async () => {
    rmSync(join(folder, 'bin/debootstrap'));
    stub('apt-get', `case "$*" in *install*) touch "${folder}/answers";; esac`);
    expect(await script(LEAVE)).toEqual({ code: 0, said: expect.not.stringContaining('starting') });
  });

  test('a mirror that fails once is asked again; one that fails twice is told of, with its own words', async () => {
    rmSync(join(folder, 'bin/debootstrap'));
    stub('apt-get', `[ -f "${folder}/once" ] || { touch "${folder}/once"; exit 100; }`);
    expect((await script(LEAVE)).code).toBe(0);
    rmSync(join(folder, 'answers'));
    stub('apt-get', 'echo "E: no mirror answers" >&2; exit 100');
    const { code, said } = await script(LEAVE);
    expect(code).toBe(3);
    expect(said).toContain('could not be installed; the last lines of apt-get:\nE: no mirror answers');
  });

  test('an installation that fails is told of, with its own words', async () => {
    rmSync(join(folder, 'bin/dockerd'));
    stub('apt-get', 'case "$*" in *install*) echo "E: held broken packages"; exit 100;; esac');
    const { code, said } = await script(LEAVE);
    expect(code).toBe(3);
    expect(said).toContain('E: held broken packages');
    expect(said).not.toContain('starting');
  });

  test('one that was started and dies shows its last words', async () => {
    stub('dockerd', 'echo the disk is on fire; exit 1');
    const { code, said } = await script(LEAVE);
    expect(code).toBe(3);
    expect(said).toContain('the disk is on fire');
  });

  test('where there is systemd, systemd starts it', async () => {
    file('run/systemd/system/x');
    // It takes a moment to answer.
    stub('systemctl', `(sleep 0.2; touch "${folder}/answers") > /dev/null 2>&1 &`);
    expect(await script(LEAVE)).toEqual({ code: 0, said: 'engine: starting dockerd\n' });
    expect(changes()).toEqual(['systemctl start docker']);
  });

  test('one that systemd cannot start shows its journal', async () => {
    file('run/systemd/system/x');
    stub('systemctl', 'exit 1');
    stub('journalctl', 'echo the journal says no');
    const { code, said } = await script(LEAVE);
    expect(code).toBe(3);
    expect(said).toContain('the journal says no');
  });

  test.each(['y', 'Yes'])('the plain question answered with %s at a terminal is leave', async (typed) => {
    const { code, said } = await atTerminal(typed);
    expect(said).toContain('Install and start docker.io here? [y/N]');
    expect(code).toBe(0);
    expect(changes()).toEqual(['dockerd ']);
  });

  test.each(['', 'n', 'later'])('the question answered with %j is none', async (typed) => {
    const { code, said } = await atTerminal(typed);
    expect(said).toContain('DOCKER_HOST');
    expect(code).toBe(3);
    expect(changes()).toEqual([]);
  });
});
