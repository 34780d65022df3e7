import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toCreateOptions } from '../../../orchestrator/adapters/engine/docker/convert.ts';
import { loadPolicies } from '../../../orchestrator/cli/policies.ts';
import { requireRuntimes } from '../../../orchestrator/cli/runtimes.ts';
import { compileContainer } from '../../../orchestrator/pipeline/compile.ts';

const { policies, seccomp } = loadPolicies(join(import.meta.dirname, '../../../policies'));
const engine = { kind: 'docker', version: '27.3.1', architecture: 'amd64', endpoint: 'unix:///s', runtimes: ['runc'] };
const sandboxed = { ...policies, plan: { ...policies.plan, runtime: 'runsc' } };

describe('a runtime that a policy names', () => {
  it('stands in the create request that the engine gets, and no other kind’s does', () => {
    const runtimeOf = (kind: 'plan' | 'review') =>
      toCreateOptions(
        compileContainer({
          kind,
          policy: sandboxed[kind],
          seccompText: seccomp,
          image: 'x',
          command: ['x'],
          volumes: kind === 'plan' ? {} : { base: 'b', head: 'h' },
          testsFolder: null,
          run: 'r',
          seq: 1,
          attempt: 1,
          stage: 'PLAN',
          stdin: true,
        }),
      ).HostConfig?.Runtime;
    expect([runtimeOf('plan'), runtimeOf('review')]).toEqual(['runsc', undefined]);
  });

  it('ends the run before it starts where the engine lacks it, naming runtime, policy and engine', () => {
    expect(() => requireRuntimes(sandboxed, engine)).toThrow(
      expect.objectContaining({
        code: 'runtime_missing',
        detail: 'policies/plan.yaml asks for runsc; docker 27.3.1 at unix:///s has runc',
      }),
    );
  });

  it('is no fault where the engine has it, finds it by itself, or none is named', () => {
    requireRuntimes(sandboxed, { ...engine, runtimes: ['runc', 'runsc'] });
    requireRuntimes(policies, { ...engine, runtimes: [] });
    requireRuntimes({ ...policies, plan: { ...policies.plan, runtime: 'io.containerd.runsc.v1' } }, engine);
  });
});
