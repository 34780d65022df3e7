import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { gitRepository } from '../../orchestrator/adapters/workspace/git/index.ts';
import type { ContainerSpec } from '../../orchestrator/domain/container.ts';
import type { Failure } from '../../orchestrator/domain/failure.ts';
import { type JailHole, TRY_CLASSES, type TryClass } from '../../orchestrator/domain/jail.ts';
import { CONTAINER_KINDS, type ContainerKind } from '../../orchestrator/domain/stage.ts';
import { failOnLimit } from '../../orchestrator/pipeline/containers.ts';
import { commonRequest, firstDifference } from '../../orchestrator/pipeline/jail/same-request.ts';
import { type Bench as JailBench, lastJson, program, type Request, runToEnd } from '../docker/jail/bench.ts';
import { hog, memoryBacked, sizes, twiceTheMemory, writablePaths } from '../docker/jail/hog.ts';
import { repositoryOf, texts } from '../unit/git/on-disk.ts';
import type { Control, Outcome, Play, Plays, Try } from './case.ts';

type Probed = Awaited<ReturnType<JailBench['probe']>>;
const HELD = 'refused by the kernel';

/** Attacks on the walls themselves, from inside each kind of container. `sentinel` lies in the environment and on the disk of the host. */
export function jailPlays(bench: JailBench, sentinel: string): Plays {
  const probes = new Map<ContainerKind, Promise<Probed>>();
  const probed = (kind: ContainerKind): Promise<Probed> => {
    const running = probes.get(kind) ?? bench.probe(kind, { sentinel });
    probes.set(kind, running);
    return running;
  };
  const everyKind = (of: (kind: ContainerKind) => Omit<Try, 'what'>): Try[] =>
    CONTAINER_KINDS.map((kind) => ({ what: `in the jail of ${kind}`, ...of(kind) }));
  /** The tries of a class were made, and all of these held. */
  const held = (group: TryClass, which: (hole: JailHole) => boolean = () => true): Try[] =>
    everyKind((kind) => ({
      must: HELD,
      async ends() {
        const { holes, tries } = await probed(kind);
        const made = Object.keys(tries[group] ?? {}).length;
        return made > 0 && !holes.some((hole) => hole.class === group && which(hole)) ? HELD : null;
      },
    }));
  const controls = (what: string): Try => ({
    what,
    must: null,
    async ends() {
      const all = await Promise.all(CONTAINER_KINDS.map(probed));
      return all.every(
        ({ holes, tries }) => Object.keys(tries.control ?? {}).length >= 5 && !holes.some((hole) => hole.class === 'control'),
      )
        ? null
        : 'jail_open';
    },
  });
  const open = (what: string, kind: ContainerKind, change: (request: Request) => void, group: TryClass): Control => ({
    what,
    async works() {
      const { holes } = await bench.probe(kind, { engine: bench.mutated(change), sentinel });
      return holes.some((hole) => hole.class === group);
    },
  });
  const some = (kind: ContainerKind) => ({ long: kind !== 'build' && kind !== 'test-running' });

  return {
    J01: (): Play => ({
      control: [open('with a bridge network there is a way out', 'test-running', openNetwork, 'network')],
      attack: held('network'),
      twin: [controls('a container reaches itself')],
    }),

    J02: (): Play => ({
      control: [
        open(
          'a socket of the engine that is bound in is found',
          'plan',
          (request) => bind(request, '/var/run/docker.sock:/run/e.sock'),
          'host',
        ),
        open('a key of the host in the environment is found', 'review', (request) => (request.Env = [`LANG=${sentinel}`]), 'host'),
      ],
      attack: held('host'),
      twin: [controls('a marker in every mounted tree is found')],
    }),

    J03: (): Play => ({
      control: [
        open('without the profile a namespace can be made', 'card', unconfined, 'rights'),
        open('with capabilities they are there', 'build', (request) => delete request.HostConfig.CapDrop, 'rights'),
        open('as root it is root', 'plan', (request) => (request.User = '0:0'), 'rights'),
      ],
      attack: held('rights'),
      twin: [controls('pipes, programs and its own ids')],
    }),

    J04: (): Play => ({
      control: [open('the engine’s own profile lets them through', 'build', (request) => withoutOption(request, 'seccomp='), 'syscalls')],
      attack: held('syscalls'),
      twin: [
        {
          what: 'what honest Python programs ask of a kernel',
          must: null,
          async ends() {
            const cell = await bench.cell('test-running');
            const spec = cell.spec({ command: ['python3', '-c', program('honest.py')], image: bench.images.python });
            return lastJson<string[]>(await runToEnd(bench.engine, spec)).length === 6 ? null : 'jail_open';
          },
        },
      ],
    }),

    J05: (): Play => ({
      control: [open('with a writable root it is written', 'validate', (request) => delete request.HostConfig.ReadonlyRootfs, 'write')],
      attack: held('write', ({ line }) => line === 'read_only_root'),
      twin: [controls('writing where the policy gives a tmpfs')],
    }),

    J06: (): Play => ({
      control: [
        open('SCOUT with a writable tree writes', 'scout', (request) => writable(request, '/work'), 'write'),
        open('BUILD with writable tests writes tests', 'build', (request) => writable(request, '/work/tests'), 'write'),
        open('TEST with a writable source writes source', 'test-writing', (request) => writable(request, '/work'), 'write'),
        open('REVIEW with a writable head writes', 'review', (request) => writable(request, '/head'), 'write'),
      ],
      attack: [
        ...held('write', ({ line }) => line === 'mounts'),
        ...everyKind((kind) => ({ must: HELD, ends: async () => ((await probed(kind)).changed.length === 0 ? HELD : null) })).map(
          (one) => ({ ...one, what: `${one.what}: the trees are as they were` }),
        ),
      ],
      twin: [controls('writing in the mount that is its own')],
    }),

    J07: (): Play => ({
      control: [
        {
          what: 'without a limit there is no end',
          async works() {
            const change = (request: Request) => delete request.HostConfig.PidsLimit;
            const { ended } = await hog(bench, bench.mutated(change), await bench.cell('scout'), 'forks', 200);
            return lastJson<{ made: number; stopped: string }>(ended).made === 200;
          },
        },
      ],
      attack: everyKind((kind) => ({
        must: HELD,
        ...some(kind),
        async ends() {
          const { spec, ended } = await hog(bench, bench.engine, await bench.cell(kind), 'forks', 10_000);
          const { made, stopped } = lastJson<{ made: number; stopped: string }>(ended);
          return stopped === 'EAGAIN' && made < spec.pids ? HELD : null;
        },
      })),
      twin: [
        {
          what: 'a fork afterwards',
          must: null,
          async ends() {
            const { ended } = await hog(bench, bench.engine, await bench.cell('scout'), 'forks', 10);
            return lastJson<{ after: string }>(ended).after === 'ok' ? null : 'resource_pids';
          },
        },
      ],
    }),

    J08: (): Play => {
      const withoutMemory = (request: Request) => {
        delete request.HostConfig.Memory;
        delete request.HostConfig.MemorySwap;
      };
      return {
        control: [
          {
            what: 'without a limit all of it is held',
            async works() {
              const { ended } = await hog(
                bench,
                bench.mutated(withoutMemory),
                await bench.cell('scout'),
                'memory',
                twiceTheMemory,
                memoryBacked,
              );
              return ended.exit.code === 0 && ended.stdout.includes('held');
            },
          },
        ],
        attack: everyKind((kind) => ({
          must: 'resource_oom' as const,
          ...some(kind),
          async ends() {
            const { ended } = await hog(bench, bench.engine, await bench.cell(kind), 'memory', twiceTheMemory, memoryBacked);
            if (!ended.stdout.includes('honest') || ended.stdout.includes('held')) return null;
            return limitOf(() => failOnLimit(ended.exit, kind, ended.stderr));
          },
        })),
        twin: [
          {
            what: 'a quarter of the limit',
            must: null,
            async ends() {
              const { ended } = await hog(
                bench,
                bench.engine,
                await bench.cell('scout'),
                'memory',
                ({ memoryBytes }) => memoryBytes / 1024 / 1024 / 4,
              );
              return ended.exit.oomKilled ? 'resource_oom' : null;
            },
          },
        ],
      };
    },

    J10: (): Play => {
      interface Said {
        readonly bytes: number;
        readonly stopped: string;
        readonly small: string;
        readonly after: string;
      }
      const runs = new Map<ContainerKind, ReturnType<typeof fill>>();
      /** Once a kind: two at a time would take each other's room. */
      const filled = (kind: ContainerKind) => {
        const running = runs.get(kind) ?? fill(kind);
        runs.set(kind, running);
        return running;
      };
      const fill = async (kind: ContainerKind) => {
        const cell = await bench.cell(kind);
        const { spec, ended } = await hog(bench, bench.engine, cell, 'disk', 25_000, writablePaths);
        return { limits: sizes(spec, cell), ended };
      };
      return {
        control: [
          {
            what: 'a plain volume takes more than the policy gives',
            works() {
              const name = `${bench.run}-plain`;
              const docker = (...args: string[]) => execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
              docker('volume', 'create', '--label', `factory.run=${bench.run}`, name);
              try {
                const megabytes = bench.policies.plan.volume.size_mb + 16;
                docker(
                  'run',
                  '--rm',
                  '--user',
                  '0:0',
                  '--label',
                  `factory.run=${bench.run}`,
                  '--memory',
                  '64m',
                  '-v',
                  `${name}:/v`,
                  bench.images.python,
                  'dd',
                  'if=/dev/zero',
                  'of=/v/big',
                  'bs=1M',
                  `count=${megabytes}`,
                );
                return true;
              } finally {
                docker('volume', 'rm', name);
              }
            },
          },
        ],
        attack: everyKind((kind) => ({
          must: HELD,
          ...some(kind),
          async ends() {
            const { limits, ended } = await filled(kind);
            // The holder writes nothing itself, so it has less memory than the volume that it keeps.
            if (kind === 'holder') return ended.exit.oomKilled ? HELD : null;
            const said = lastJson<Record<string, Said>>(ended);
            const kept = [...limits].every(([path, limit]) => {
              const one = said[path];
              return (
                one !== undefined &&
                one.stopped === 'ENOSPC' &&
                one.bytes <= limit.bytes &&
                (limit.files === null || one.small === 'ENOSPC')
              );
            });
            return kept && Object.keys(said).length === limits.size ? HELD : null;
          },
        })),
        twin: [
          {
            what: 'a file afterwards, in every place',
            must: null,
            async ends() {
              const said = lastJson<Record<string, Said>>((await filled('build')).ended);
              return Object.values(said).every(({ after }) => after === 'ok') ? null : 'resource_disk';
            },
          },
        ],
      };
    },

    J13: (): Play => {
      const stay = async (kind: ContainerKind): Promise<Outcome> => {
        const cell = await bench.cell(kind);
        const marker = 40_000 + randomBytes(2).readUInt16BE();
        const spec = cell.spec({
          command: ['python3', '-c', program('hog.py'), 'stay', String(marker)],
          image: bench.images.python,
          wallClockMs: 2_000,
        });
        const container = await bench.engine.start(spec);
        try {
          // Seen from outside only where the engine shares this host's process table.
          const shared = await sharesProcesses(bench);
          const seen = await until(() => daemons(marker) > 0, 1_800);
          const started = Date.now();
          const exit = await container.exit;
          const inTime = Date.now() - started < 2_000 + spec.graceMs + 6_000;
          const gone = await until(() => daemons(marker) === 0, 2_000);
          return (seen || !shared) && inTime && gone ? limitOf(() => failOnLimit(exit, kind, '')) : null;
        } finally {
          await container.remove();
        }
      };
      return {
        control: [
          {
            what: 'a plain container goes on, whatever it is asked',
            works() {
              const id = execFileSync(
                'docker',
                [
                  'run',
                  '--detach',
                  '--label',
                  `factory.run=${bench.run}`,
                  bench.images.python,
                  'python3',
                  '-c',
                  program('hog.py'),
                  'stay',
                  '39999',
                ],
                { encoding: 'utf8' },
              ).trim();
              try {
                execFileSync('docker', ['kill', '--signal', 'TERM', id], { stdio: 'ignore' });
                execFileSync('sleep', ['1']);
                return execFileSync('docker', ['inspect', '--format', '{{.State.Running}}', id], { encoding: 'utf8' }).trim() === 'true';
              } finally {
                execFileSync('docker', ['rm', '--force', id], { stdio: 'ignore' });
              }
            },
          },
        ],
        attack: (['build', 'test-running'] as const).map((kind) => ({
          what: `in the jail of ${kind}`,
          must: 'resource_time' as const,
          ends: () => stay(kind),
        })),
        twin: [
          {
            what: 'one that ends by itself, with a code of its own',
            must: null,
            async ends() {
              const { ended } = await hog(bench, bench.engine, await bench.cell('test-running'), 'leave', 7);
              return ended.exit.code === 7 && ended.exit.killedFor === null ? null : 'resource_time';
            },
          },
        ],
      };
    },

    J16: (): Play => {
      const spec = async (kind: ContainerKind) => (await bench.cell(kind)).spec({ command: ['/program'], image: 'an-image' });
      const drifts: [string, (spec: ContainerSpec) => Partial<ContainerSpec>][] = [
        ['one process more', ({ pids }) => ({ pids: pids + 1 })],
        ['twice the memory', ({ memoryBytes }) => ({ memoryBytes: memoryBytes * 2 })],
        ['another user', () => ({ user: '10001:0' })],
        ['another profile', () => ({ seccomp: '{}' })],
        ['a writable mount', ({ mounts }) => ({ mounts: mounts.map((mount) => ({ ...mount, write: true })) })],
        ['a larger tmpfs', ({ tmpfs }) => ({ tmpfs: tmpfs.map((one) => ({ ...one, sizeBytes: one.sizeBytes + 1 })) })],
        ['another image', () => ({ image: 'another-image' })],
      ];
      const judge = async (change: (spec: ContainerSpec) => Partial<ContainerSpec>, kind: ContainerKind = 'scout'): Promise<Outcome> => {
        const agreed = await spec(kind);
        const drifted = { ...agreed, ...change(agreed) };
        return firstDifference(commonRequest(bench.engine, drifted), commonRequest(bench.engine, agreed)) === null ? null : 'jail_open';
      };
      return {
        control: [
          {
            what: 'the engine takes any of them',
            works: async () =>
              drifts.every(([, change]) => typeof change === 'function') &&
              (
                await hog(
                  bench,
                  bench.mutated((request) => (request.HostConfig.PidsLimit = 99)),
                  await bench.cell('scout'),
                  'leave',
                  0,
                )
              ).ended.exit.code === 0,
          },
        ],
        attack: drifts.map(([what, change]) => ({ what, must: 'jail_open' as const, ends: () => judge(change) })),
        twin: CONTAINER_KINDS.map((kind) => ({
          what: `the request of ${kind} as it is, under another name and number`,
          must: null,
          ends: () => judge(() => ({ command: ['/probe'], labels: { 'factory.seq': '9' } }), kind),
        })),
      };
    },

    J18: (): Play => {
      const target = texts({ 'target-app/app/main.py': 'x = 1\n', 'target-app/README.md': 'a shop\n' });
      const beside = texts({
        'runs/a-1/trace.jsonl': sentinel,
        'prompts/plan.md': sentinel,
        'runs/a-1/evidence/recording/PLAN-1-1.json': sentinel,
        '.env': sentinel,
        [`target-app-2/${sentinel}`]: '',
      });
      const read = async (): Promise<string> => {
        const repository = repositoryOf(new Map([...target, ...beside]));
        try {
          const adapter = gitRepository({ environment: repository.environment });
          const tree = await adapter.readTree(await adapter.pin({ directory: repository.directory, target: 'target-app', base: null }));
          return [...tree].map(([path, { content }]) => `${path}\n${Buffer.from(content).toString()}`).join('\n');
        } finally {
          repository.close();
        }
      };
      return {
        control: [
          {
            what: 'the whole repository holds them',
            works() {
              const repository = repositoryOf(new Map([...target, ...beside]));
              try {
                return (
                  execFileSync('git', ['grep', '-l', sentinel, 'HEAD'], { cwd: repository.directory, env: repository.environment }).length >
                  0
                );
              } finally {
                rmSync(repository.home, { recursive: true, force: true });
              }
            },
          },
        ],
        attack: [
          {
            what: 'the tree that is mounted and carded',
            must: 'no effect',
            ends: async () => ((await read()).includes(sentinel) ? null : 'no effect'),
          },
          ...CONTAINER_KINDS.map(
            (kind): Try => ({
              what: `all that a container of ${kind} can read`,
              must: 'no effect',
              ends: async () => ((await probed(kind)).holes.some((hole) => hole.try === 'the planted key') ? null : 'no effect'),
            }),
          ),
        ],
        twin: [
          {
            what: 'the target’s own files are there',
            must: null,
            ends: async () => ((await read()).includes('a shop') ? null : 'target_missing'),
          },
        ],
      };
    },

    J19: (): Play => {
      const lines: [string, ContainerKind, (request: Request) => void][] = [
        ['network', 'test-running', openNetwork],
        ['user', 'plan', (request) => (request.User = '0:0')],
        ['read_only_root', 'validate', (request) => delete request.HostConfig.ReadonlyRootfs],
        ['no_new_privileges', 'build', (request) => withoutOption(request, 'no-new-privileges')],
        ['capabilities', 'build', (request) => delete request.HostConfig.CapDrop],
        ['seccomp', 'build', (request) => withoutOption(request, 'seccomp=')],
        ['mounts', 'build', (request) => writable(request, '/work/tests')],
        ['pids', 'scout', (request) => delete request.HostConfig.PidsLimit],
        ['open_files', 'holder', (request) => delete request.HostConfig.Ulimits],
        ['shm_mb', 'scout', (request) => delete request.HostConfig.ShmSize],
      ];
      return {
        control: [
          {
            what: 'without a probe such a container starts and works',
            works: async () =>
              (
                await hog(
                  bench,
                  bench.mutated((request) => delete request.HostConfig.CapDrop),
                  await bench.cell('build'),
                  'leave',
                  0,
                )
              ).ended.exit.code === 0,
          },
        ],
        attack: lines.map(([name, kind, change]) => ({
          what: `${name}, in the jail of ${kind}`,
          must: 'jail_open' as const,
          ends: async () =>
            (await bench.probe(kind, { engine: bench.mutated(change), sentinel })).holes.some(({ line }) => line === name)
              ? ('jail_open' as const)
              : null,
        })),
        twin: CONTAINER_KINDS.map((kind) => ({
          what: `the jail of ${kind} as it is: every class was tried and nothing is open`,
          must: null,
          async ends() {
            const { holes, tries } = await probed(kind);
            return holes.length === 0 && TRY_CLASSES.every((one) => Object.keys(tries[one] ?? {}).length > 0)
              ? null
              : ('jail_open' as const);
          },
        })),
      };
    },
  };
}

function limitOf(judge: () => void): Outcome {
  try {
    judge();
    return null;
  } catch (error) {
    return (error as Failure).code;
  }
}

function openNetwork(request: Request): void {
  request.NetworkDisabled = false;
  request.HostConfig.NetworkMode = 'bridge';
}

function withoutOption(request: Request, start: string): void {
  request.HostConfig.SecurityOpt = (request.HostConfig.SecurityOpt ?? []).filter((option: string) => !option.startsWith(start));
}

function unconfined(request: Request): void {
  withoutOption(request, 'seccomp=');
  request.HostConfig.SecurityOpt = [...(request.HostConfig.SecurityOpt ?? []), 'seccomp=unconfined'];
}

function writable(request: Request, target: string): void {
  for (const mount of request.HostConfig.Mounts ?? []) if (mount.Target === target) mount.ReadOnly = false;
}

function bind(request: Request, what: string): void {
  request.HostConfig.Binds = [...(request.HostConfig.Binds ?? []), what];
}

/** Processes of this host with the marker among their arguments. */
function daemons(marker: number): number {
  return readdirSync('/proc').filter((id) => /^\d+$/.test(id) && argumentsOf(id).includes(`sleep\0${marker}\0`)).length;
}

function argumentsOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8');
  } catch {
    // Ended meanwhile.
    return '';
  }
}

async function until(holds: () => boolean, ms: number): Promise<boolean> {
  const end = Date.now() + ms;
  for (;;) {
    if (holds()) return true;
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function sharesProcesses(bench: JailBench): Promise<boolean> {
  const { Name } = await bench.docker.info();
  return Name === readFileSync('/proc/sys/kernel/hostname', 'utf8').trim();
}
