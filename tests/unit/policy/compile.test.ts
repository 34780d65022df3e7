import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPolicies } from '../../../orchestrator/cli/policies.ts';
import { CONTAINER_KINDS, type ContainerKind } from '../../../orchestrator/domain/stage.ts';
import { type CompileInput, compileContainer, type VolumeBindings } from '../../../orchestrator/pipeline/compile.ts';

const { policies } = loadPolicies(join(import.meta.dirname, '../../../policies'));

function inputFor(kind: ContainerKind, change: Partial<CompileInput> = {}): CompileInput {
  const volumes: VolumeBindings = Object.fromEntries(policies[kind].mounts.map(({ volume }) => [volume, `v-${volume}`]));
  return {
    kind,
    policy: policies[kind],
    seccompText: '{"the": "profile"}',
    image: 'factory/image:0123',
    command: ['/program', 'argument'],
    volumes,
    testsFolder: 'tests',
    run: 'product-sort-7f3a',
    seq: 4,
    attempt: 2,
    stage: 'A STAGE',
    stdin: false,
    ...change,
  };
}

describe('compiling a container', () => {
  it.each(CONTAINER_KINDS)('makes exactly this of %s', (kind) => {
    expect(compileContainer(inputFor(kind))).toMatchSnapshot();
  });

  it('names the container and labels it by its run', () => {
    const spec = compileContainer(inputFor('plan'));
    expect(spec.name).toBe('factory-product-sort-7f3a-4-plan');
    expect(spec.labels).toEqual({
      'factory.run': 'product-sort-7f3a',
      'factory.stage': 'A STAGE',
      'factory.kind': 'plan',
      'factory.attempt': '2',
      'factory.seq': '4',
    });
  });

  it('lays the tests over their folder, wherever the target has it', () => {
    const { mounts } = compileContainer(inputFor('build', { testsFolder: 'src/shop/tests' }));
    expect(mounts).toEqual([
      { volume: 'v-work', path: '/work', write: true },
      { volume: 'v-tests', path: '/work/src/shop/tests', write: false },
    ]);
  });

  it('drops the nested mount where the tests are not one folder', () => {
    const { mounts } = compileContainer(inputFor('build', { testsFolder: null, volumes: { work: 'v-work' } }));
    expect(mounts).toEqual([{ volume: 'v-work', path: '/work', write: true }]);
  });

  it('takes environment and working folder from the caller, and nothing else from anywhere', () => {
    const spec = compileContainer(inputFor('validate', { env: { LANG: 'C.UTF-8' }, workdir: '/w/tree' }));
    expect(spec).toMatchObject({ env: { LANG: 'C.UTF-8' }, workdir: '/w/tree' });
  });

  it('gives the same value for the same input and keeps no part of it', () => {
    const command = ['/program'];
    const input = inputFor('build', { command });
    const spec = compileContainer(input);
    expect(compileContainer(input)).toEqual(spec);
    command.push('--later');
    expect(spec.command).toEqual(['/program']);
  });

  it.each<[string, ContainerKind, Partial<CompileInput>, RegExp]>([
    ['a mount without a volume', 'build', { volumes: { work: 'v-work' } }, /build mounts tests at \/work, but no volume is bound/],
    ['a volume without a mount', 'scout', { volumes: { base: 'v-base', work: 'v-work' } }, /scout names no mount for the volume work/],
    ['a tests volume where the tests are no folder', 'build', { testsFolder: null }, /build names no mount for the volume tests/],
    ['any volume for PLAN', 'plan', { volumes: { base: 'v-base' } }, /plan names no mount for the volume base/],
    ['a test folder above the tree', 'build', { testsFolder: '../../etc' }, /not a plain relative path/],
    ['an absolute test folder', 'build', { testsFolder: '/etc' }, /not a plain relative path/],
    ['an empty test folder', 'build', { testsFolder: '' }, /not a plain relative path/],
    ['a run that cannot name a container', 'plan', { run: '../x' }, /cannot name a container/],
  ])('takes %s for a bug of ours', (_, kind, change, message) => {
    expect(() => compileContainer(inputFor(kind, change))).toThrow(message);
    expect(() => compileContainer(inputFor(kind, change))).toThrow(/^bug: /);
  });
});
