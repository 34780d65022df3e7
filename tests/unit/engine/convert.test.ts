import { describe, expect, it } from 'vitest';
import { toCreateOptions, toVolumeOptions } from '../../../orchestrator/adapters/engine/docker/convert.ts';
import { containerSpec } from './container-spec.ts';

describe('the create request', () => {
  it('says everything that makes the jail, and nothing else', () => {
    const spec = containerSpec({
      env: { LANG: 'C.UTF-8' },
      tmpfs: [{ path: '/tmp', sizeBytes: 8_388_608, exec: false }],
      mounts: [{ volume: 'work', path: '/w', write: true }],
    });
    expect(toCreateOptions(spec)).toEqual({
      name: 'factory-x-1-build',
      Image: 'factory/build:0123',
      Entrypoint: ['node'],
      Cmd: ['/agent.mjs', '--stage', 'build'],
      Env: ['LANG=C.UTF-8'],
      WorkingDir: '/w',
      User: '10001:10001',
      Labels: { 'factory.run': 'x' },
      Hostname: 'factory',
      NetworkDisabled: true,
      Tty: false,
      AttachStdin: true,
      OpenStdin: true,
      StdinOnce: true,
      AttachStdout: true,
      AttachStderr: true,
      Healthcheck: { Test: ['NONE'] },
      StopTimeout: 2,
      HostConfig: {
        NetworkMode: 'none',
        IpcMode: 'private',
        Privileged: false,
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges', 'seccomp={"defaultAction":"SCMP_ACT_ERRNO"}'],
        PidsLimit: 32,
        Memory: 201_326_592,
        MemorySwap: 201_326_592,
        NanoCpus: 1_500_000_000,
        Ulimits: [
          { Name: 'nofile', Soft: 1024, Hard: 1024 },
          { Name: 'core', Soft: 0, Hard: 0 },
        ],
        ShmSize: 1_048_576,
        Tmpfs: { '/tmp': 'rw,nosuid,nodev,noexec,mode=1777,size=8388608' },
        Mounts: [{ Type: 'volume', Source: 'work', Target: '/w', ReadOnly: false, VolumeOptions: { NoCopy: true } }],
        Init: true,
        AutoRemove: false,
        RestartPolicy: { Name: 'no' },
        LogConfig: { Type: 'none', Config: {} },
      },
    });
  });

  it('names a runtime only where the spec does', () => {
    expect(toCreateOptions(containerSpec({ runtime: 'runsc' })).HostConfig?.Runtime).toBe('runsc');
    expect(toCreateOptions(containerSpec()).HostConfig).not.toHaveProperty('Runtime');
  });

  it('lets a program run from a tmpfs only where the spec does', () => {
    const tmpfs = [{ path: '/copy', sizeBytes: 1024, exec: true }];
    expect(toCreateOptions(containerSpec({ tmpfs })).HostConfig?.Tmpfs).toEqual({ '/copy': 'rw,nosuid,nodev,exec,mode=1777,size=1024' });
  });

  it('mounts an outer volume before the ones that lie in it, whatever their order', () => {
    const mounts = [
      { volume: 'c', path: '/w/a/tests', write: false },
      { volume: 'b', path: '/out', write: true },
      { volume: 'a', path: '/w', write: true },
    ];
    const targets = toCreateOptions(containerSpec({ mounts })).HostConfig?.Mounts?.map(({ Target }) => Target);
    expect(targets).toEqual(['/out', '/w', '/w/a/tests']);
  });

  it('attaches no stdin where the spec has none', () => {
    expect(toCreateOptions(containerSpec({ stdin: false }))).toMatchObject({ AttachStdin: false, OpenStdin: false, StdinOnce: false });
  });
});

it('a volume is a tmpfs with a quota and an owner', () => {
  const spec = { name: 'v', sizeBytes: 1024, files: 20, uid: 10001, gid: 10002, labels: { 'factory.run': 'x' } };
  expect(toVolumeOptions(spec)).toEqual({
    Name: 'v',
    Driver: 'local',
    DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: 'size=1024,nr_inodes=20,uid=10001,gid=10002,mode=0755,nosuid,nodev' },
    Labels: { 'factory.run': 'x' },
  });
});
