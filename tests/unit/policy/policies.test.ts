import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadPolicies } from '../../../orchestrator/cli/policies.ts';
import { Failure } from '../../../orchestrator/domain/failure.ts';
import { CONTAINER_KINDS } from '../../../orchestrator/domain/stage.ts';

const SHIPPED = join(import.meta.dirname, '../../../policies');
const { policies, seccomp } = loadPolicies(SHIPPED);

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A copy of the shipped policies with some files written over, or taken away. */
function copyWith(files: Record<string, string | null>): string {
  const folder = mkdtempSync(join(tmpdir(), 'policies-'));
  folders.push(folder);
  cpSync(SHIPPED, folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    if (text === null) rmSync(join(folder, name));
    else writeFileSync(join(folder, name), text);
  }
  return folder;
}

function refusal(files: Record<string, string | null>): Failure {
  try {
    loadPolicies(copyWith(files));
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('the policies were accepted');
}

describe('the list of protected paths', () => {
  it('names what runs, collects or judges as core, and dependencies and builds not', () => {
    const { protectedList } = loadPolicies(SHIPPED);
    const groups = [...protectedList.everyone, ...protectedList.source];
    expect(groups.filter(({ core }) => !core).map(({ why }) => why)).toEqual(['decides dependencies', 'drives a build']);
  });

  it.each([
    ['is missing', null, 'protected.yaml'],
    ['is empty', '', 'protected.yaml'],
    ['protects nothing', 'everyone: []\nsource: []\n', 'everyone'],
    ['has an unknown key', 'everyone: [{why: x, files: [a], maybe: true}]\nsource: [{why: x, files: [a]}]\n', 'maybe'],
    ['has a glob over folders', 'everyone: [{why: x, files: [a/b]}]\nsource: [{why: x, files: [a]}]\n', 'files'],
  ])('is refused when it %s', (_, text, named) => {
    expect(refusal({ 'protected.yaml': text })).toMatchObject({ code: 'policy_invalid', detail: expect.stringContaining(named) });
  });
});

describe('the policies as shipped', () => {
  it('give every kind of container a policy', () => {
    expect(Object.keys(policies).sort()).toEqual([...CONTAINER_KINDS].sort());
  });

  it('let exactly these kinds write to exactly these volumes', () => {
    const writers = CONTAINER_KINDS.flatMap((kind) =>
      policies[kind].mounts
        .filter(({ write }) => write)
        .map(({ volume, at_tests }) => `${kind} ${volume}${at_tests ? ' at the tests' : ''}`),
    );
    expect(writers).toEqual([
      'build work',
      'test-writing tests at the tests',
      'test-running out',
      'card out',
      'format tree',
      'holder held',
    ]);
  });

  it('give PLAN no file at all', () => {
    expect(policies.plan.mounts).toEqual([]);
  });

  it.each(CONTAINER_KINDS)('close the walls of %s', (kind) => {
    expect(policies[kind]).toMatchObject({ network: 'none', read_only_root: true, no_new_privileges: true, user: '10001:10001' });
  });

  it('hold the profile as one line of JSON', () => {
    expect(JSON.parse(seccomp)).toHaveProperty('defaultAction', 'SCMP_ACT_ERRNO');
  });
});

describe('loading policies', () => {
  it('lets a kind replace a key of the base', () => {
    const { policies: changed } = loadPolicies(copyWith({ 'plan.yaml': 'pids: 7\n' }));
    expect(changed.plan.pids).toBe(7);
    expect(changed.scout.pids).toBe(policies.scout.pids);
  });

  it.each([
    ['an unknown key', { 'scout.yaml': 'netwrok: none\n' }, /^scout\.yaml: netwrok: /],
    ['an unknown key of the base', { 'base.yaml': 'privileged: true\n' }, /^base\.yaml: privileged: /],
    [
      'an unknown key inside a mount',
      { 'scout.yaml': 'mounts: [{volume: base, path: /work, write: false, host: /}]' },
      /^scout\.yaml: mounts\.0\.host: /,
    ],
    ['an open network', { 'build.yaml': 'network: bridge\n' }, /^build\.yaml: network: /],
    ['a writable root', { 'build.yaml': 'read_only_root: false\n' }, /^build\.yaml: read_only_root: /],
    ['root as the user', { 'build.yaml': 'user: "0:0"\n' }, /^build\.yaml: user: /],
    ['a volume that no stage has', { 'plan.yaml': 'mounts: [{volume: host, path: /, write: true}]' }, /^plan\.yaml: mounts\.0\.volume: /],
    ['no limit on processes', { 'plan.yaml': 'pids: 0\n' }, /^plan\.yaml: pids: /],
    ['a key that stands twice', { 'plan.yaml': 'pids: 1\npids: 2\n' }, /^plan\.yaml: /],
    ['a list instead of a map', { 'plan.yaml': '- a\n' }, /^plan\.yaml: /],
    ['a missing file', { 'card.yaml': null }, /^card\.yaml: cannot be read/],
    ['a missing base', { 'base.yaml': null }, /^base\.yaml: cannot be read/],
    ['a missing profile', { 'seccomp.json': null }, /^seccomp\.json: cannot be read/],
    ['a profile that is not JSON', { 'seccomp.json': '{' }, /^seccomp\.json: not JSON/],
    ['a second profile', { 'plan.yaml': 'seccomp: other.json\n' }, /^seccomp: all kinds must name one profile/],
    ['a file for no kind', { 'biuld.yaml': 'pids: 1\n' }, /^biuld\.yaml: there is no such kind/],
    ['a key that only the base had', { 'base.yaml': 'pids: 1\n' }, /^plan\.yaml: network: .*neither here nor in base\.yaml/],
    [
      'more memory-backed files than memory',
      { 'plan.yaml': 'tmpfs: [{path: /tmp, size_mb: 192, exec: false}]' },
      /^plan\.yaml: memory_mb: 192 MB do not hold .*193 MB/,
    ],
  ])('refuses %s and names file and key', (_, files, message) => {
    const failure = refusal(files);
    expect(failure.code).toBe('policy_invalid');
    expect(failure.detail).toMatch(message);
  });

  it('refuses a folder that is not there', () => {
    expect(() => loadPolicies('/nowhere/policies')).toThrow(/policy_invalid/);
  });
});
