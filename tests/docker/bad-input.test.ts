import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CATALOGUE, type FailureCode } from '../../orchestrator/domain/failure.ts';
import { factory } from './line/factory.ts';
import { honest, REQUEST } from './line/replies.ts';
import { type ScriptedModel, scriptedModel } from './line/scripted-model.ts';
import { fingerprint, smallTarget } from './line/small-target.ts';

let model: ScriptedModel;
let target: string;
const nowhere = mkdtempSync(join(tmpdir(), 'factory-nowhere-'));

beforeAll(async () => {
  model = await scriptedModel(honest);
  target = smallTarget();
});
afterAll(() => model.close());

interface Case {
  readonly what: string;
  readonly code: FailureCode;
  readonly args: () => string[];
  readonly env?: Record<string, string>;
  readonly says: string;
}

const CASES: readonly Case[] = [
  { what: 'an empty request', code: 'request_empty', args: () => ['-C', target, '--', ''], says: 'white space' },
  {
    what: 'an over-long request',
    code: 'request_too_long',
    args: () => ['-C', target, '--', 'x'.repeat(100_000)],
    says: '100,000 characters',
  },
  { what: 'a request with control characters', code: 'request_unreadable', args: () => ['-C', target, '--', 'a\u0007b'], says: 'U+0007' },
  {
    what: 'no engine',
    code: 'engine_unreachable',
    args: () => ['-C', target, '--', REQUEST],
    env: { DOCKER_HOST: 'tcp://127.0.0.1:1' },
    says: 'tcp://127.0.0.1:1',
  },
  {
    what: 'no model server',
    code: 'model_unavailable',
    args: () => ['-C', target, '--ollama-host', 'http://127.0.0.1:9999', '--', REQUEST],
    says: 'http://127.0.0.1:9999',
  },
  {
    what: 'a server without the model',
    code: 'model_missing',
    args: () => ['-C', target, '--model', 'PLAN=absent:7b', '--', REQUEST],
    says: 'ollama pull absent:7b',
  },
  { what: 'a folder that is in no repository', code: 'not_a_repository', args: () => ['-C', nowhere, '--', REQUEST], says: nowhere },
  {
    what: 'a target that is not there',
    code: 'target_missing',
    args: () => ['-C', target, '--target', 'nope', '--', REQUEST],
    says: 'nope',
  },
  { what: 'a base that is not there', code: 'base_missing', args: () => ['-C', target, '--base', 'nope', '--', REQUEST], says: 'nope' },
  {
    what: 'a limit of minus one',
    code: 'config_invalid',
    args: () => ['-C', target, '--time-limit', '-1', '--', REQUEST],
    says: 'time_limit_s',
  },
  { what: 'a run to replay that is none', code: 'run_unknown', args: () => ['-C', target, '--replay', 'nope'], says: 'nope' },
];

describe('bad input', () => {
  test.each(CASES)('$what ends as $code, at once and with nothing made', async ({ code, args, env, says }) => {
    const before = fingerprint(target);
    const given = args();
    const at = given.indexOf('--');
    const flags = [...(given.includes('--model') ? ['--model', 'scripted-PLAN'] : model.flags), ...(at < 0 ? given : given.slice(0, at))];
    const ended = await factory([...flags, ...(at < 0 ? [] : given.slice(at))], { OLLAMA_HOST: model.host, ...env });
    const { exit, sentence, advice } = CATALOGUE[code];
    expect(ended).toMatchObject({ exitCode: exit, folder: null, result: { code } });
    for (const text of [`${code}: ${sentence}`, advice, says]) expect(ended.stderr).toContain(text);
    expect(fingerprint(target)).toBe(before);
    expect(model.asked).toEqual([]);
    expect(readdirSync(nowhere)).toEqual([]);
  });

  test('a wrong option is usage, exit code 2', async () => {
    const ended = await factory(['--colour'], {});
    expect(ended).toMatchObject({ exitCode: 2, folder: null });
    expect(ended.stderr).toContain("unknown option '--colour'");
  });
});
