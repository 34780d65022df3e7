import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import { extract, pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../orchestrator/adapters/engine/docker/connect.ts';
import { dockerImageStore } from '../../orchestrator/adapters/engine/docker/images.ts';
import type { BuiltImage } from '../../orchestrator/cli/setup/built-image.ts';
import { ensureImages } from '../../orchestrator/cli/setup/ensure.ts';
import { TRUST_MARK } from '../../orchestrator/cli/setup/host.ts';
import { codeCardSchema } from '../../orchestrator/domain/card.ts';
import { CONTAINER_KINDS, type ContainerKind } from '../../orchestrator/domain/stage.ts';
import type { FileTree } from '../../orchestrator/domain/tree.ts';
import type { ImageStore } from '../../orchestrator/ports/images.ts';

const LABELS = { 'factory.run': `images-${process.pid}` };
const AGENTS = ['plan', 'scout', 'build', 'test-writing', 'review'] as const;
const TOOLS = ['validate', 'format', 'test-running', 'card'] as const;
const lock: FileTree = new Map([['requirements.lock', { mode: '100644', content: readFileSync('target-app/requirements.lock') }]]);

let docker: Dockerode;
let store: ImageStore;
let architecture: string;
let images: Record<ContainerKind, BuiltImage>;

const ensure = <K extends ContainerKind>(kinds: readonly K[], onLine: (line: string) => void = () => undefined) =>
  ensureImages({ store, architecture, tree: lock, kinds, onLine, env: process.env });

beforeAll(async () => {
  ({ docker } = await connect({ env: process.env }));
  store = dockerImageStore(docker);
  architecture = (await docker.version()).Arch;
  images = await ensure(CONTAINER_KINDS);
});

afterAll(async () => {
  const filters = { label: [`factory.run=${LABELS['factory.run']}`] };
  for (const { Id } of await docker.listContainers({ all: true, filters })) await docker.getContainer(Id).remove({ force: true, v: true });
  for (const { Name } of (await docker.listVolumes({ filters })).Volumes) await docker.getVolume(Name).remove();
});

interface Ended {
  readonly code: number;
  readonly output: string;
  /** What lies in /out afterwards. */
  readonly out: ReadonlyMap<string, string>;
}

/** One locked-down container of a kind, without network; `files` lie under / of a read-only volume at /w. */
async function run(kind: ContainerKind, command: readonly string[], files: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const [w, out] = await Promise.all([docker.createVolume({ Labels: LABELS }), docker.createVolume({ Labels: LABELS })]);
  const mounts = (readOnly: boolean): Dockerode.MountSettings[] => [
    { Type: 'volume', Source: w.name, Target: '/w', ReadOnly: readOnly },
    { Type: 'volume', Source: out.name, Target: '/out', ReadOnly: false },
  ];
  const carrier = await docker.createContainer({ Image: images.holder.id, Labels: LABELS, HostConfig: { Mounts: mounts(false) } });
  await carrier.putArchive(seed(files), { path: '/' });
  const container = await docker.createContainer({
    Image: images[kind].id,
    Cmd: [...command],
    User: '10001:10001',
    Labels: LABELS,
    NetworkDisabled: true,
    HostConfig: {
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Init: true,
      Tmpfs: { '/tmp': 'mode=1777,size=64m,noexec', '/copy': 'mode=1777,size=64m,exec' },
      Mounts: mounts(true),
    },
  });
  try {
    const ended = container.wait({ condition: 'next-exit' });
    await container.start();
    const { StatusCode } = await ended;
    const logs = await container.logs({ stdout: true, stderr: true, follow: false });
    return { code: StatusCode, output: withoutFrames(logs), out: await unpacked(await carrier.getArchive({ path: '/out' })) };
  } finally {
    await Promise.all([container.remove({ force: true }), carrier.remove({ force: true })]);
    await Promise.all([w.remove(), out.remove()]);
  }
}

const shell = (kind: ContainerKind, script: string) => run(kind, ['sh', '-c', script]);

function seed(files: Readonly<Record<string, string>>): NodeJS.ReadableStream {
  const tar = pack();
  const owner = { uid: 10001, gid: 10001 };
  tar.entry({ name: 'out', type: 'directory', mode: 0o755, ...owner });
  for (const folder of ['w', 'w/tree', 'w/gate']) tar.entry({ name: folder, type: 'directory', mode: 0o755 });
  for (const [path, content] of Object.entries(files)) tar.entry({ name: `w/${path}`, mode: 0o644 }, content);
  tar.finalize();
  return tar as unknown as NodeJS.ReadableStream;
}

async function unpacked(tar: NodeJS.ReadableStream): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const entry of Readable.from(tar as AsyncIterable<Uint8Array>).pipe(extract())) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (entry.header.type === 'file') files.set(entry.header.name.replace(/^out\//, ''), Buffer.concat(chunks).toString());
  }
  return files;
}

/** The engine puts eight bytes before each piece of output: its stream and, in the last four, its length. */
function withoutFrames(log: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= log.length; at += 8 + log.readUInt32BE(at + 4))
    parts.push(log.subarray(at + 8, at + 8 + log.readUInt32BE(at + 4)));
  return Buffer.concat(parts).toString();
}

describe('every image', () => {
  test('is there under the hash of its content, labelled, for the engine’s architecture, and is not made again', async () => {
    const lines: string[] = [];
    expect(await ensure(CONTAINER_KINDS, (line) => lines.push(line))).toEqual(images);
    expect(lines).toEqual([]);
    for (const kind of CONTAINER_KINDS) {
      const { Config, Architecture } = await docker.getImage(images[kind].reference).inspect();
      expect({ kind, label: Config.Labels['factory.image'], user: Config.User, Architecture }).toEqual({
        kind,
        label: kind,
        user: '10001:10001',
        Architecture: architecture,
      });
    }
  });

  test.each(['holder', 'scout', 'card'] as const)(
    '%s resolves localhost without a network, and no other interface is there',
    async (kind) => {
      const { output } = await shell(kind, 'getent hosts localhost; ls /sys/class/net');
      expect(output.trim().split('\n')).toEqual([expect.stringMatching(/^(::1|127\.0\.0\.1)\s+localhost/), 'lo']);
    },
  );

  test.each(['holder', 'build', 'test-running'] as const)('%s lets its user become nobody else', async (kind) => {
    const { output } = await shell(kind, 'id -u; find / -xdev -type f -perm /6000 2>/dev/null');
    expect(output).toBe('10001\n');
  });
});

describe('an agent’s image', () => {
  test.each(AGENTS)('%s holds node and its own agent, which starts, and no python, package client or tool', async (kind) => {
    const { output } = await shell(
      kind,
      'ls -A /agent /opt; for name in node python3 pip npm npx uv ruff git; do command -v $name; done; exec node /agent/agent.mjs < /dev/null',
    );
    const [hello = '', ...listing] = output.trim().split('\n').reverse();
    expect(listing.reverse()).toEqual(['/agent:', 'agent.mjs', '', '/opt:', '/usr/bin/node']);
    expect(JSON.parse(hello)).toMatchObject({ type: 'hello', agent: kind });
  });
});

describe('a tool’s image', () => {
  const programs: Record<(typeof TOOLS)[number], string[]> = {
    validate: [],
    format: [],
    'test-running': ['gate/plugins/append_tree.py', 'gate/run_pytest.py', 'gate/run_variants.py', 'gate/running.py'],
    card: ['gate/card.py', 'gate/openapi_of.py', 'gate/openapi_text.py'],
  };

  test.each(TOOLS)(
    '%s holds the checkers at the versions of the target’s lock, its own program, and no agent or package client',
    async (kind) => {
      const { output } = await shell(
        kind,
        'for name in node pip pip3 uv npm git; do command -v $name; done; ls -d /agent; cd /opt; find * -path venv -prune -o -type f -print | sort; ruff --version; mypy --version',
      );
      const pinned = (name: string) => new RegExp(`^${name}==(\\S+)`, 'm').exec(readFileSync('target-app/requirements.lock', 'utf8'))?.[1];
      expect(output.trim().split('\n')).toEqual([
        expect.stringMatching(/'\/agent': No such file/),
        ...programs[kind],
        `ruff ${pinned('ruff')}`,
        `mypy ${pinned('mypy')} (compiled: yes)`,
      ]);
    },
  );

  test('the holder holds neither family', async () => {
    const { output } = await shell('holder', 'for name in node python3 pip uv; do command -v $name; done; ls -A /opt');
    expect(output).toBe('');
  });
});

describe('the host’s certificates and addresses', () => {
  test.each(['plan', 'card'] as const)('are in no file of %s, and it has no trust store', async (kind) => {
    const search = `grep -rlFs --exclude-dir=proc --exclude-dir=sys`;
    const { output } = await shell(
      kind,
      `${search} '${TRUST_MARK.trim()}' / ; ls -A /etc/ssl/certs /build; ${search} 'factory:x:10001' / | grep -v -- - | sort`,
    );
    expect(output.split('\n').filter((line) => !line.startsWith('ls:') && line !== '')).toEqual(['/etc/group', '/etc/passwd']);
  });

  test.each(CONTAINER_KINDS)('are in no layer of %s, also no earlier one', async (kind) => {
    const history = (await docker.getImage(images[kind].reference).history()) as { CreatedBy: string }[];
    const steps = history.map(({ CreatedBy }) => CreatedBy).join('\n');
    expect(steps).toContain('libnss-myhostname');
    expect(steps).not.toMatch(/build\/|\.pem|pip|INDEX|proxy/i);
  });
});

describe('a build that fails', () => {
  test('ends as image_build_failed with what the build said last', async () => {
    const tar = pack();
    tar.entry({ name: 'Dockerfile' }, `FROM ${images.holder.reference} AS wip\nRUN echo the reason; exit 3\n`);
    tar.finalize();
    const request = { dockerfile: 'Dockerfile', target: 'wip', reference: `wip-images-${process.pid}:x`, args: {}, labels: LABELS };
    const lines: string[] = [];
    const built = store.build({ ...request, context: tar as unknown as AsyncIterable<Uint8Array> }, (line) => lines.push(line));
    await expect(built).rejects.toMatchObject({ code: 'image_build_failed', detail: expect.stringMatching(/code: 3[\s\S]*the reason/) });
    expect(lines).toContain('the reason');
    expect(await store.find(request.reference)).toBeNull();
  });

  test('an import whose tar breaks off makes no image', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1024);
      throw new Error('the tar broke off');
    }
    const reference = `wip-images-${process.pid}:broken`;
    await expect(store.import(broken(), reference)).rejects.toThrow('the tar broke off');
    expect(await store.find(reference)).toBeNull();
  });

  test('a registry that does not have the image, or is not there, is a plain no', async () => {
    expect(await store.pull('localhost:1/factory/none:x')).toBe(false);
  });
});

const GATE = { 'gate/pytest.ini': '[pytest]\n', 'gate/coveragerc': '[run]\nsource = app\nbranch = true\n' };
const APP = {
  'tree/app/__init__.py': '',
  'tree/app/sums.py': 'def add(a: int, b: int) -> int:\n    return a + b\n\n\ndef unused() -> int:\n    return 1\n',
};
const OPTIONS = ['-c', '/w/gate/pytest.ini', '--rootdir=/copy', '--import-mode=importlib', '-p', 'pytest_cov', '-p', 'no:cacheprovider'];
const REPORTS = ['--junitxml=/out/junit.xml', '--cov=app', '--cov-config=/w/gate/coveragerc', '--cov-report='];
const pytest = (files: Record<string, string>, tests: readonly string[] = ['tests/test_it.py']) =>
  run('test-running', ['/opt/gate/run_pytest.py', ...OPTIONS, ...REPORTS, ...tests], { ...GATE, ...APP, ...files });

describe('a test run', () => {
  test('imports the target, reports what happened and ends with pytest’s own code', async () => {
    const { code, output, out } = await pytest({
      'tree/tests/test_it.py':
        'from app.sums import add\n\ndef test_right():\n    assert add(1, 2) == 3\n\ndef test_wrong():\n    assert add(1, 2) == 4\n',
    });
    expect(code).toBe(1);
    expect(output).toContain('1 failed, 1 passed');
    expect(out.get('junit.xml')).toContain('tests="2"');
    const coverage = JSON.parse(out.get('coverage.json') ?? '');
    expect(coverage.files['app/sums.py']).toMatchObject({ missing_lines: [6] });
  });

  test('nothing of the tree shadows a module of the image or runs before the tests', async () => {
    const trap = (name: string) => `open("/out/ran-${name}", "w").close()\nraise SystemExit("${name} of the tree ran")\n`;
    const { code, out } = await pytest({
      ...Object.fromEntries(
        ['json', 'pytest_cov', 'coverage', 'sitecustomize', 'usercustomize', 'append_tree'].map((name) => [`tree/${name}.py`, trap(name)]),
      ),
      'tree/evil.pth': 'import evil\n',
      'tree/evil.py': trap('evil'),
      'tree/evil-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n',
      'tree/evil-1.0.dist-info/entry_points.txt': '[pytest11]\nevil = evil\npytest_cov = evil\n',
      'tree/pytest.ini': '[pytest]\naddopts = -p evil\n',
      'tree/tests/test_it.py':
        'import json, coverage, sys\n\ndef test_it():\n    assert "/copy" not in json.__file__\n    assert sys.path[-1] == "/copy"\n',
    });
    expect([...out.keys()].filter((name) => name.startsWith('ran-'))).toEqual([]);
    expect(code).toBe(0);
  });

  test('a program that a test starts finds the target as in a checkout', async () => {
    const { code, output } = await pytest({
      'tree/app/__main__.py': 'print("started")\n',
      'tree/tests/test_it.py':
        'import subprocess, sys\n\ndef test_it():\n    assert subprocess.check_output([sys.executable, "-m", "app"], text=True) == "started\\n"\n',
    });
    expect({ code, output }).toEqual({ code: 0, output: expect.any(String) });
  });

  test('the environment is made from nothing', async () => {
    const { code, output } = await pytest({
      'tree/tests/test_it.py':
        'import os\n\ndef test_it():\n    print(sorted(os.environ))\n    assert os.environ["TZ"] == "UTC"\n    assert False\n',
    });
    expect(code).toBe(1);
    const names = [...(/^\[.*\]$/m.exec(output)?.[0] ?? '').matchAll(/'([^']+)'/g)].map((match) => match[1]);
    expect(names.filter((name) => !/^(PYTHON|PYTEST|COV)/.test(name ?? ''))).toEqual(['HOME', 'LANG', 'PATH', 'TZ']);
  });

  test('coverage is counted by the host’s configuration, whatever the tree says', async () => {
    const { out } = await pytest({
      'tree/.coveragerc': '[run]\nomit = app/*\n[report]\nexclude_lines = def\n',
      'tree/pyproject.toml': '[tool.coverage.report]\nexclude_lines = ["def"]\n',
      'tree/tests/test_it.py': 'from app.sums import add\n\ndef test_it():\n    assert add(1, 1) == 2\n',
    });
    expect(JSON.parse(out.get('coverage.json') ?? '').files['app/sums.py']).toMatchObject({ missing_lines: [6], excluded_lines: [] });
  });

  test('a process that a test leaves behind is ended before the reports are made', async () => {
    const { out } = await pytest({
      'tree/tests/test_it.py': [
        'import os, time',
        'from app.sums import add',
        'def test_it():',
        '    if os.fork() == 0:',
        '        os.setsid()',
        '        if os.fork() == 0:',
        '            while True:',
        '                time.sleep(0.01)',
        '                open("/out/coverage.json", "w").write("forged")',
        '        os._exit(0)',
        '    assert add(1, 1) == 2',
      ].join('\n'),
    });
    expect(out.get('coverage.json')).toMatch(/^\{/);
  });

  test('reports of an earlier run are not taken for this one’s', async () => {
    const { code, out } = await run('test-running', [
      'sh',
      '-c',
      `echo old > /out/junit.xml; echo old > /out/coverage.json; exec /opt/gate/run_pytest.py ${OPTIONS.join(' ')} nothing.py`,
    ]);
    expect(code).toBe(4);
    expect([...out.keys()]).toEqual([]);
  });

  test('a test that ends the process leaves its code and no report', async () => {
    const { code, out } = await pytest({ 'tree/tests/test_it.py': 'import os\n\ndef test_it():\n    os._exit(0)\n' });
    expect(code).toBe(0);
    expect(out.has('junit.xml')).toBe(false);
  });

  test('a test cannot reach into the process that watches it', async () => {
    const reach = 'import os\n\ndef test_it():\n    open(f"/proc/{os.getppid()}/mem", "rb+")\n';
    const { code, output } = await pytest({ 'tree/tests/test_it.py': reach });
    expect(code).toBe(1);
    expect(output).toContain('PermissionError');
    const own = await pytest({ 'tree/tests/test_it.py': reach.replace('os.getppid()', 'os.getpid()') });
    expect(own.code).toBe(0);
  });

  test('a signal that ends pytest is told as 128 and its number', async () => {
    const { code } = await pytest({ 'tree/tests/test_it.py': 'import os\n\ndef test_it():\n    os.kill(os.getpid(), 11)\n' });
    expect(code).toBe(139);
  });
});

describe('the card', () => {
  const card = async (files: Record<string, string>) => {
    const { code, output, out } = await run('card', ['/opt/gate/card.py'], files);
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('files') });
    return { text: out.get('card.json') ?? '', card: codeCardSchema.parse(JSON.parse(out.get('card.json') ?? '')) };
  };
  const MAIN = [
    'from fastapi import FastAPI',
    'from pydantic import BaseModel, Field',
    '',
    'LIMIT: int = 20',
    '',
    'class ProductIn(BaseModel):',
    '    name: str = Field(min_length=1)',
    '    price: float | None = None',
    '',
    '    def shout(self, times: int = 1) -> str:',
    '        return self.name',
    '',
    'app = FastAPI()',
    '',
    '@app.post("/products/{pid}", status_code=201)',
    'async def put(pid: int, body: ProductIn, limit: int = LIMIT) -> ProductIn:',
    '    return body',
    '',
  ].join('\n');

  test('names symbols with their lines, fixtures and the app’s own routes', async () => {
    const { card: told } = await card({
      'tree/app/__init__.py': '',
      'tree/app/main.py': MAIN,
      'tree/tests/conftest.py':
        'import pytest\n\n@pytest.fixture(name="shop")\ndef make_shop(tmp_path) -> dict[str, int]:\n    """A shop.\n\n    More."""\n    return {}\n\ndef plain():\n    pass\n',
    });
    expect(told.outline.map(({ path, lines }) => [path, lines])).toEqual([
      ['app/__init__.py', 0],
      ['app/main.py', 17],
      ['tests/conftest.py', 11],
    ]);
    expect(told.outline[1]?.symbols).toEqual([
      { name: 'LIMIT', kind: 'constant', from: 4, to: 4, signature: 'LIMIT: int = 20' },
      { name: 'ProductIn', kind: 'class', from: 6, to: 11, signature: 'class ProductIn(BaseModel)' },
      { name: 'ProductIn.shout', kind: 'function', from: 10, to: 11, signature: 'def shout(self, times: int=1) -> str' },
      { name: 'app', kind: 'constant', from: 13, to: 13, signature: 'app = FastAPI()' },
      {
        name: 'put',
        kind: 'function',
        from: 15,
        to: 17,
        signature: 'async def put(pid: int, body: ProductIn, limit: int=LIMIT) -> ProductIn',
      },
    ]);
    expect(told.fixtures).toEqual([
      { name: 'shop', file: 'tests/conftest.py', line: 4, returns: 'dict[str, int]', parameters: ['tmp_path'], doc: 'A shop.' },
    ]);
    expect(told.routes).toEqual([
      {
        method: 'POST',
        path: '/products/{pid}',
        parameters: ['path pid: integer, required', 'query limit: integer, default 20'],
        request: 'ProductIn{name: string(length >=1), price?: number | null}',
        responses: ['201 ProductIn{name,price}', '422 HTTPValidationError{detail}'],
      },
    ]);
  });

  test('says the same about the same tree', async () => {
    const files = { 'tree/app/__init__.py': '', 'tree/app/main.py': MAIN, 'tree/b.py': 'B = {1, 2}\n', 'tree/a.py': 'A = 1\n' };
    expect((await card(files)).text).toBe((await card(files)).text);
  });

  test('asks the tests’ own fixtures where the app cannot be made without them', async () => {
    const { card: told } = await card({
      'tree/app/__init__.py': '',
      'tree/app/main.py':
        'import os\nfrom fastapi import FastAPI\n\ndef create_app(key: str | None = None) -> FastAPI:\n    app = FastAPI(title=key or os.environ["KEY"])\n    app.get("/ping")(lambda: 1)\n    return app\n',
      'tree/tests/conftest.py':
        'import pytest\nfrom fastapi import FastAPI\nfrom app.main import create_app\n\n@pytest.fixture\ndef app() -> FastAPI:\n    return create_app("k")\n',
    });
    expect(told.routes).toMatchObject([{ method: 'GET', path: '/ping' }]);
  });

  test('survives files that do not parse, and says why there are no routes, without a path of the container', async () => {
    const { card: told, text } = await card({
      'tree/broken.py': 'def (:\n',
      'tree/deep.py': `x = ${'('.repeat(5000)}${')'.repeat(5000)}\n`,
      'tree/long.py': `x = ${Array.from({ length: 20_000 }, () => '1').join(' + ')}\n`,
      'tree/latin.py': '# -*- coding: nonsense -*-\n',
      'tree/nul.py': 'x = 1\0\n',
      'tree/app.py': 'from fastapi import FastAPI\nprint("noise")\napp = FastAPI()\nopen("/copy/none/x")\n',
    });
    expect(told.outline.filter(({ path }) => path !== 'app.py').map(({ symbols }) => symbols)).toEqual([[], [], [], [], []]);
    expect(told.routes).toEqual({ unavailable: expect.stringContaining('FileNotFoundError') });
    expect(text).not.toMatch(/\/copy|\/w\/|\/tmp/);
  });

  test('a target without an app says so', async () => {
    expect((await card({ 'tree/x.py': 'X = 1\n' })).card.routes).toEqual({ unavailable: expect.stringContaining('no FastAPI') });
  });

  test('an app that lies about itself costs its routes and nothing else', async () => {
    const { card: told } = await card({
      'tree/liar.py': [
        'import json, sys',
        'from fastapi import FastAPI',
        'class Liar(FastAPI):',
        '    def openapi(self):',
        '        return {"paths": {"/x": {"get": {"parameters": 7, "responses": [1], "requestBody": {"content": {"a": 3}}}}, "/y": 4}}',
        'def make() -> FastAPI:',
        '    return Liar()',
      ].join('\n'),
    });
    expect(told.routes).toEqual([{ method: 'GET', path: '/x', parameters: [], request: 'a any', responses: [] }]);
  });
});

test('what all images keep on the engine stays below 1.2 GB', async () => {
  const { Images } = (await docker.df()) as { Images: { Id: string; Size: number; SharedSize: number }[] };
  const sizeOf = (kind: ContainerKind) => Images.find(({ Id }) => Id === images[kind].id)?.Size ?? Number.NaN;
  const ownOf = (kind: ContainerKind) =>
    Images.filter(({ Id }) => Id === images[kind].id).reduce((sum, one) => sum + one.Size - one.SharedSize, 0);
  // The two families share no more than the base, so counting each once in full is an upper bound; what builds left behind is the tools once more.
  const most = sizeOf('plan') + 2 * sizeOf('card') + CONTAINER_KINDS.reduce((sum, kind) => sum + ownOf(kind), 0);
  expect(most).toBeLessThan(1_200_000_000);
});
