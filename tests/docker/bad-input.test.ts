import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CATALOGUE, type FailureCode } from '../../orchestrator/domain/failure.ts';
import { factory, left, type Start } from './line/factory.ts';
import * as odd from './line/odd-repositories.ts';
import { REQUEST, refusal } from './line/replies.ts';
import { type ScriptedModel, scriptedModel } from './line/scripted-model.ts';
import { fingerprint, smallTarget } from './line/small-target.ts';

const isRoot = process.getuid?.() === 0;

let model: ScriptedModel;
/** Models made for fewer tokens than PLAN's prompt has, without and with the target card. */
let tiny: ScriptedModel;
let small: ScriptedModel;
let target: string;
let oldEngine: string;
let noEngine: string;
let lockedSocket: string;
const nowhere = odd.folderWith();
const servers: Server[] = [];
const mounts: string[] = [];

beforeAll(async () => {
  const script = { PLAN: [refusal] };
  // Room for prompt, request and a short reply, and for nothing else.
  const prompts = join(import.meta.dirname, '../../prompts');
  const asked = ['plan.md', 'spec-format.md'].map((file) => readFileSync(join(prompts, file), 'utf8'));
  const bare = asked.join('').length + REQUEST.length;
  const room = Math.ceil(bare / 4) + 500;
  [model, tiny, small] = await Promise.all([scriptedModel(script), scriptedModel(script, 600), scriptedModel(script, room)]);
  target = smallTarget();
  oldEngine = await served((path) => (path.endsWith('/version') ? { Version: '19.03.15', ApiVersion: '1.40', Arch: 'amd64' } : 'OK'));
  noEngine = await served(() => '<html>');
  lockedSocket = await locked();
});
afterAll(() => {
  for (const one of [model, tiny, small]) one.close();
  for (const server of servers) server.close();
  for (const folder of mounts) execFileSync('umount', [folder]);
});

interface Case {
  readonly what: string;
  readonly code: FailureCode;
  /** What is said of it in particular. */
  readonly says: string | RegExp;
  /** The repository that is worked on. Default: the small target. */
  readonly at?: () => string;
  readonly flags?: (() => string[]) | readonly string[];
  /** The words after `--`. Default: an ordinary request. */
  readonly request?: readonly string[];
  readonly env?: Record<string, string> | (() => Record<string, string>);
  readonly start?: Start;
  readonly model?: () => ScriptedModel;
  /** Where the run's folder is made. Default: a fresh one. */
  readonly runs?: () => string;
  /** The run had begun: it has a folder that says how it ended. */
  readonly begun?: true;
  /** What it takes to try this; why it is skipped where that is not so. */
  readonly needs?: readonly [holds: boolean, why: string];
}

const raw = (text: string): Start => ({ through: ['sh', '-c', `exec "$@" "$(printf '${text}')"`, 'sh'] });

const REQUESTS: readonly Case[] = [
  { what: 'an empty request', code: 'request_empty', request: [''], says: 'white space' },
  { what: 'no request', code: 'request_empty', request: [], says: 'white space' },
  { what: 'an empty REQ', code: 'request_empty', request: [], env: { REQ: ' \n' }, says: 'white space' },
  { what: 'a request as long as an argument may be', code: 'request_too_long', request: ['x'.repeat(120_000)], says: '120,000 characters' },
  { what: 'a REQ as long', code: 'request_too_long', request: [], env: { REQ: 'x'.repeat(120_000) }, says: '120,000 characters' },
  {
    what: 'a request of 1 MB on stdin',
    code: 'request_too_long',
    request: ['-'],
    start: { stdin: Buffer.alloc(1024 * 1024, 'x') },
    says: 'more than 32,000 bytes',
  },
  { what: 'a request with control characters', code: 'request_unreadable', request: ['a\u0007b'], says: 'U+0007' },
  { what: 'a request with NUL', code: 'request_unreadable', request: ['-'], start: { stdin: Buffer.from('a\0b') }, says: 'U+0000' },
  { what: 'a request that is a picture', code: 'request_unreadable', request: ['-'], start: { stdin: png() }, says: 'it contains' },
  { what: 'an argument that is not UTF-8', code: 'request_unreadable', request: [], start: raw('caf\\351'), says: 'not UTF-8' },
  {
    what: 'a REQ that is not UTF-8',
    code: 'request_unreadable',
    request: [],
    start: { through: ['sh', '-c', 'REQ="$(printf \'caf\\351\')" exec "$@"', 'sh'] },
    says: 'not UTF-8',
  },
];

const CONFIGURATION: readonly Case[] = [
  { what: 'a limit of minus one', code: 'config_invalid', flags: ['--time-limit', '-1'], says: 'time_limit_s (from --time-limit)' },
  { what: 'no time at all', code: 'config_invalid', flags: ['--time-limit', '0'], says: 'time_limit_s' },
  { what: 'a number past all numbers', code: 'config_invalid', flags: ['--reworks', '1e99'], says: 'reworks (from --reworks)' },
  { what: 'a number that is none', code: 'config_invalid', flags: ['--turns', 'NaN'], says: 'turns' },
  { what: 'such a number in the environment', code: 'config_invalid', env: { FACTORY_CHECKS: '-1' }, says: 'checks (from FACTORY_CHECKS)' },
  { what: 'an unknown key', code: 'config_invalid', flags: () => config('colour: red'), says: 'colour' },
  { what: 'a limit of zero in the file', code: 'config_invalid', flags: () => config('model_timeout_s: 0'), says: 'model_timeout_s' },
  { what: 'a configuration that is no YAML', code: 'config_invalid', flags: () => config('a: ['), says: 'factory.yaml' },
  { what: 'a configuration that is binary', code: 'config_invalid', flags: () => config(png()), says: 'factory.yaml' },
  { what: 'a configuration that is a folder', code: 'config_invalid', flags: ['--config', '/'], says: '/' },
  { what: 'a configuration that is not there', code: 'config_invalid', flags: ['--config', '/nowhere.yaml'], says: '/nowhere.yaml' },
  { what: 'a model for a stage that is none', code: 'usage', flags: ['--model', 'plan=x'], says: '"plan" is none of PLAN' },
  { what: 'a stage without a model', code: 'usage', flags: ['--model', 'PLAN='], says: 'is no name of a model' },
  { what: 'a model with spaces', code: 'usage', flags: ['--model', 'a model'], says: 'is no name of a model' },
  { what: 'a run to replay that is none', code: 'run_unknown', flags: ['--replay', 'nope'], request: [], says: 'nope' },
];

const TARGETS: readonly Case[] = [
  { what: 'a folder that is in no repository', code: 'not_a_repository', at: () => nowhere, says: nowhere },
  { what: 'a folder that is not there', code: 'not_a_repository', at: () => join(nowhere, 'x'), says: 'is not a folder' },
  { what: 'a bare repository', code: 'target_bare', at: odd.bareRepository, says: 'bare.git' },
  { what: 'a repository without a commit', code: 'target_unborn', at: odd.unbornRepository, says: 'main has no commit' },
  { what: 'a target that is not there', code: 'target_missing', flags: ['--target', 'nope'], says: 'nope' },
  { what: 'a target outside the repository', code: 'target_missing', flags: ['--target', '../..'], says: 'outside' },
  { what: 'a base that is not there', code: 'base_missing', flags: ['--base', 'nope'], says: 'nope' },
  {
    what: 'a base that a shallow clone lacks',
    code: 'base_missing',
    at: odd.shallowTarget,
    flags: ['--base', 'HEAD~1'],
    says: 'shallow clone may lack it',
  },
  {
    what: 'a submodule inside the target',
    code: 'target_unsupported',
    at: () => odd.targetWithSubmodule('target-app/library'),
    says: 'it contains a submodule: library',
  },
  { what: 'a target without tests', code: 'no_tests', at: odd.targetWithoutTests, says: 'test_*.py', begun: true },
  {
    what: 'a target whose tests fail',
    code: 'baseline_red',
    at: odd.redTarget,
    says: /tests\/test_red\.py::test_total_is_odd: [\s\S]*tests\/test_red\.py::test_total_of_words: /,
    begun: true,
  },
];

/** Odd, and good enough: the target is pinned and read, and the run goes on until the model refuses the request. */
const ODD_TARGETS: readonly Case[] = [
  {
    what: 'a work tree with changes that are not committed',
    code: 'spec_refused',
    says: /2 uncommitted changes in the target are left out: the run works on commit [0-9a-f]{7} alone/,
    begun: true,
  },
  { what: 'a detached HEAD', code: 'spec_refused', at: odd.detachedTarget, says: 'Which average?', begun: true },
  { what: 'a shallow clone', code: 'spec_refused', at: odd.shallowTarget, says: 'Which average?', begun: true },
  {
    what: 'a submodule beside the target',
    code: 'spec_refused',
    at: () => odd.targetWithSubmodule('library'),
    says: 'target ./target-app',
    begun: true,
  },
  { what: 'a path with spaces and quotes', code: 'spec_refused', at: () => odd.namedTarget(`it's "a" $HOME`), says: 'Which', begun: true },
];

const ENVIRONMENTS: readonly Case[] = [
  {
    what: 'no engine',
    code: 'engine_unreachable',
    env: { DOCKER_HOST: 'tcp://127.0.0.1:1' },
    says: 'tcp://127.0.0.1:1 (DOCKER_HOST): nobody listens',
  },
  { what: 'a --docker-host without one', code: 'engine_unreachable', flags: ['--docker-host', 'unix:///nowhere.sock'], says: 'not there' },
  { what: 'a DOCKER_HOST that is nonsense', code: 'engine_unreachable', env: { DOCKER_HOST: 'a b c' }, says: 'not an address' },
  {
    what: 'a docker context that is none',
    code: 'engine_unreachable',
    env: { DOCKER_HOST: '', DOCKER_CONTEXT: 'gone' },
    says: 'context gone',
  },
  {
    what: 'an engine that this user may not use',
    code: 'engine_forbidden',
    env: () => ({ DOCKER_HOST: `unix://${lockedSocket}` }),
    // Root may open any socket until that is taken away.
    start: isRoot ? { through: ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--inh-caps=-all'] } : {},
    says: 'this user may not use it',
  },
  {
    what: 'an engine that is too old',
    code: 'engine_too_old',
    env: () => ({ DOCKER_HOST: oldEngine }),
    says: 'API 1.40; at least API 1.41',
  },
  {
    what: 'a server that is no engine',
    code: 'engine_unreachable',
    env: () => ({ DOCKER_HOST: noEngine }),
    says: 'not as a Docker engine does',
  },
  { what: 'no model server', code: 'model_unavailable', flags: ['--ollama-host', 'http://127.0.0.1:9999'], says: 'http://127.0.0.1:9999' },
  { what: 'a model server whose address is nonsense', code: 'model_unavailable', flags: ['--ollama-host', 'a b'], says: 'http://a b' },
  { what: 'a server without the model', code: 'model_missing', flags: ['--model', 'PLAN=absent:7b'], says: 'ollama pull absent:7b' },
  {
    what: 'a model that is too small for the prompt',
    code: 'model_too_small',
    model: () => tiny,
    says: /PLAN needs about \d,\d{3} tokens .*; scripted-PLAN takes 600: the model was made for no more/,
  },
  {
    what: 'a model that is too small for the prompt with the target card',
    code: 'model_too_small',
    model: () => small,
    says: /PLAN needs about \d,\d{3} tokens .*; scripted-PLAN takes \d,\d{3}: the model was made for no more/,
    begun: true,
  },
  {
    what: 'a runs folder that cannot be made',
    code: 'disk',
    flags: () => ['--runs', join(odd.folderWith('file'), 'file/runs')],
    says: 'could not be made',
  },
  {
    what: 'a disk that is full',
    code: 'disk',
    runs: () => smallDisk({ files: 2 }),
    says: 'no space left on device',
    needs: [isRoot, 'only root can mount a small disk'],
  },
  {
    what: 'a disk that is full before the run has ended',
    code: 'disk',
    runs: () => smallDisk({ files: 8 }),
    says: 'no space left on device',
    begun: true,
    needs: [isRoot, 'only root can mount a small disk'],
  },
];

describe('bad input', () => {
  for (const row of [...REQUESTS, ...CONFIGURATION, ...TARGETS, ...ODD_TARGETS, ...ENVIRONMENTS]) {
    const [holds, why] = row.needs ?? [true, ''];
    const name = `${row.what} ends as ${row.code}, with nothing left behind`;
    test.skipIf(!holds)(holds ? name : `${name} (skipped: ${why})`, () => endsSo(row));
  }

  test('a wrong option is usage, exit code 2', async () => {
    const ended = await factory(['--colour'], {});
    expect(ended).toMatchObject({ exitCode: 2, folder: null });
    expect(ended.stderr).toContain("unknown option '--colour'");
  });
});

async function endsSo(row: Case): Promise<void> {
  const at = row.at?.() ?? target;
  const server = row.model?.() ?? model;
  const flags = typeof row.flags === 'function' ? row.flags() : (row.flags ?? []);
  const env = typeof row.env === 'function' ? row.env() : (row.env ?? {});
  const models = flags.includes('--model') ? ['--model', 'scripted-PLAN', '--same-reviewer'] : server.flags;
  const request = row.request ?? [REQUEST];
  const [before, asked] = [traceOf(at), server.asked.length];
  const args = ['-C', at, ...models, ...flags, ...(request.length === 0 && row.start === undefined ? [] : ['--', ...request])];
  const ended = await factory(args, { OLLAMA_HOST: server.host, ...env }, undefined, row.runs?.(), row.start);

  const { exit, sentence, advice } = CATALOGUE[row.code];
  expect(ended, ended.stderr).toMatchObject({ exitCode: exit, result: { code: row.code } });
  for (const text of [`${row.code}: ${sentence}`, advice]) expect(ended.stderr).toContain(text);
  expect(ended.stderr).toMatch(row.says);
  expect(ended.stderr).not.toMatch(/^ +at .*\.js:\d+/m);
  expect(server.asked.slice(asked).map(({ stage }) => stage)).toEqual(row.code === 'spec_refused' ? ['PLAN'] : []);
  expect(traceOf(at)).toEqual(before);
  if (row.begun === undefined) expect(ended.folder).toBeNull();
  else expect(left(basename(ended.folder ?? ''))).toEqual([]);
  if (row.begun !== undefined && row.code !== 'disk') expect(ended.result).toMatchObject({ base: head(at), cost_usd: 0, branch: null });
}

/** All that a run could have left in a user's folder: of a repository its branches too. */
function traceOf(folder: string): unknown {
  if (!existsSync(folder)) return null;
  if (existsSync(join(folder, '.git')))
    return [fingerprint(folder), execFileSync('git', ['-C', folder, 'branch', '--all'], { encoding: 'utf8' })];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

function head(folder: string): string {
  return execFileSync('git', ['-C', folder, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
}

function config(content: string | Uint8Array): string[] {
  return ['--config', join(odd.folderWith('factory.yaml', content), 'factory.yaml')];
}

/** The first bytes of a picture: NUL, a control character and what is not UTF-8. */
function png(): Uint8Array {
  return Buffer.from('89504e470d0a1a0a0000000d49484452ff', 'hex');
}

/** A server on TCP that gives the same answer to every question about one path. */
async function served(answer: (path: string) => object | string): Promise<string> {
  const server = createServer((request, response) => {
    const body = answer(request.url ?? '');
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A socket that somebody listens on and nobody may open. */
async function locked(): Promise<string> {
  const path = join(odd.folderWith(), 'docker.sock');
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  chmodSync(path, 0o000);
  return path;
}

/** A disk of its own that holds no more than so many files and folders. */
function smallDisk({ files }: { files: number }): string {
  const folder = odd.folderWith();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=64k,nr_inodes=${files}`, 'tmpfs', folder]);
  mounts.push(folder);
  return folder;
}
