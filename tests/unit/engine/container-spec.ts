import type { ContainerSpec } from '../../../orchestrator/domain/container.ts';

/** An agent's container, for tests that care about few of its settings. */
export function containerSpec(over: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    name: 'factory-x-1-build',
    kind: 'build',
    image: 'factory/build:0123',
    command: ['node', '/agent.mjs', '--stage', 'build'],
    env: {},
    workdir: '/w',
    user: '10001:10001',
    labels: { 'factory.run': 'x' },
    network: 'none',
    readOnlyRoot: true,
    dropCapabilities: ['ALL'],
    noNewPrivileges: true,
    seccomp: '{"defaultAction":"SCMP_ACT_ERRNO"}',
    runtime: null,
    pids: 32,
    memoryBytes: 201_326_592,
    cpus: 1.5,
    openFiles: 1024,
    shmBytes: 1_048_576,
    tmpfs: [],
    mounts: [],
    stdin: true,
    wallClockMs: 60_000,
    graceMs: 1_500,
    lineBytes: 1_048_576,
    outputBytes: 1_048_576,
    ...over,
  };
}
