import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bench as JailBench, lastJson, openBench as openJailBench, program, runToEnd } from '../docker/jail/bench.ts';
import { factory, left } from '../docker/line/factory.ts';
import { honest, REQUEST } from '../docker/line/replies.ts';
import { scriptedModel } from '../docker/line/scripted-model.ts';
import { fingerprint, smallTarget } from '../docker/line/small-target.ts';
import { type Bench, codeOf, openBench } from './bench.ts';
import type { HostileCase, Play } from './case.ts';
import { CATALOGUE } from './catalogue.ts';
import { crashPlays } from './crash.ts';
import { testRunPlays } from './gates/test-run.ts';
import { textPlays } from './gates/text.ts';
import { toolPlays } from './gates/tools.ts';
import { gitPlays } from './host/git.ts';
import { jailPlays } from './jail.ts';
import { racePlays } from './races.ts';
import { playCases } from './suite.ts';
import { BASE, changesOf, RIGHT, TESTS } from './target.ts';

/** Lies in the environment and on the disk of the host, where no container may find it. */
const SENTINEL = `sk-sentinel-${randomBytes(12).toString('hex')}`;
const PLANTED = join(tmpdir(), `hostile-${SENTINEL}`);
const cases = CATALOGUE.filter(({ speed }) => speed !== 'quick');
const folders: string[] = [];
const kept = (folder: string): string => {
  folders.push(folder);
  return folder;
};
let bench: Bench;
let jail: JailBench;
let plays: Readonly<Record<string, () => Play>>;

beforeAll(async () => {
  process.env.FACTORY_PLANTED_API_KEY = SENTINEL;
  writeFileSync(PLANTED, SENTINEL);
  bench = await openBench();
  jail = await openJailBench();
  const gates = { ...testRunPlays(bench), ...toolPlays(bench), ...textPlays(bench) };
  plays = { ...jailPlays(jail, SENTINEL), ...gates, ...gitPlays(), ...racePlays(), ...crashPlays(kept) };
});

afterAll(async () => {
  for (const path of [PLANTED, ...folders]) rmSync(path, { recursive: true, force: true });
  delete process.env.FACTORY_PLANTED_API_KEY;
  await bench?.close();
  await jail?.close();
  if (jail !== undefined) expect(await jail.engine.list({ 'factory.run': jail.run })).toEqual([]);
  if (bench !== undefined) expect(await bench.engine.list({ 'factory.run': bench.run })).toEqual([]);
});

const playOf = (id: string): Play => (plays[id] as () => Play)();
const surroundings = () => ({ fingerprint: bench.repository.fingerprint, left: bench.left });
const of = (...classes: readonly HostileCase['class'][]) => cases.filter((one) => classes.includes(one.class));

describe('the jail', () => {
  playCases(of('jail'), playOf, surroundings);

  test('still lets honest work be after all of it, and holds', async () => {
    const spec = (await jail.cell('test-running')).spec({ command: ['python3', '-c', program('honest.py')], image: jail.images.python });
    expect(lastJson(await runToEnd(jail.engine, spec))).toHaveLength(6);
    expect((await jail.probe('build', { sentinel: SENTINEL })).holes).toEqual([]);
  });
});

describe('the gates', () => {
  playCases(of('gates'), playOf, surroundings);

  test('still let an honest change through after all of it', async () => {
    expect(codeOf(await bench.source(changesOf(BASE, { ...BASE, ...RIGHT }), { tools: true }))).toBeNull();
    expect(codeOf((await bench.test({ source: RIGHT, tests: TESTS })).facts)).toBeNull();
    expect(await bench.left()).toEqual([]);
  });
});

describe('host, crash and input', () => {
  playCases(of('host', 'models', 'crash', 'input'), playOf, surroundings);

  test('still let an ordinary run make its branch after all of it', async () => {
    const [target, runs] = [kept(smallTarget()), kept(mkdtempSync(join(tmpdir(), 'factory-runs-')))];
    const before = fingerprint(target);
    const model = await scriptedModel(honest);
    const ended = await factory(['-C', target, ...model.flags, '--', REQUEST], { OLLAMA_HOST: model.host }, () => {}, runs);
    model.close();
    expect(ended).toMatchObject({ exitCode: 0, result: { outcome: 'pr' } });
    expect(fingerprint(target)).toBe(before);
    expect(left(ended.result?.run ?? '')).toEqual([]);
  });
});

test('every case that is built has a play, and no other', () => {
  expect(Object.keys(plays).sort()).toEqual(
    cases
      .filter(({ status }) => status === 'built')
      .map(({ id }) => id)
      .sort(),
  );
});
