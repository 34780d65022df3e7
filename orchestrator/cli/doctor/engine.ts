import { CATALOGUE } from '../../domain/failure.ts';
import type { Policies } from '../../domain/policy.ts';
import type { EngineInfo } from '../../ports/engine.ts';
import { missingRuntimes } from '../runtimes.ts';
import type { Probe } from './examine.ts';
import { fail, ok, type Said, warn } from './finding.ts';

/** The probes of a container engine, by name. */
export type EngineProbes = Readonly<Record<'engine' | 'architecture' | 'runtime' | 'seccomp' | 'limits' | 'storage', Probe>>;

const OLDEST = 20;

/** What an engine tells about itself, held against what the policies ask of it. `info` is asked once, whoever asks first. */
export function engineProbes(info: () => Promise<EngineInfo>, policies: Policies, hostArchitecture: string): EngineProbes {
  return {
    engine: async () => version(await info()),
    architecture: told(info, ({ architecture }) => fits(architecture, hostArchitecture)),
    runtime: told(info, (engine) => runtime(engine, policies)),
    seccomp: told(info, ({ about }) => {
      if (about?.seccomp === undefined)
        return warn('the engine does not say', 'Run `make test`: its jail tests try what the profile forbids.');
      return about.seccomp
        ? ok('the factory’s own profile can be applied')
        : fail(
            'the engine’s kernel takes no seccomp profile',
            'Use an engine whose kernel has CONFIG_SECCOMP_FILTER; `docker info` shows seccomp.',
          );
    }),
    limits: told(info, limits),
    storage: told(info, ({ about }) => ok(storage(about))),
  };
}

/** An engine that is not there is one fault, not seven. */
export const NO_ENGINE: Said = warn('unknown: no engine answers', 'Mend `engine` first.');

function told(info: () => Promise<EngineInfo>, say: (engine: EngineInfo) => Said): Probe {
  return async () => {
    const engine = await info().catch(() => null);
    return engine === null ? NO_ENGINE : say(engine);
  };
}

function version(engine: EngineInfo): Said {
  const { kind, endpoint, about } = engine;
  const size = [
    ...(about?.cpus === undefined ? [] : [`${about.cpus} CPUs`]),
    ...(about?.memoryBytes === undefined ? [] : [`${(about.memoryBytes / 2 ** 30).toFixed(1)} GiB`]),
    ...(about?.rootless === true ? ['rootless'] : []),
  ];
  const says = [`${kind} ${engine.version} at ${endpoint}`, ...size].join(', ');
  const major = Number.parseInt(engine.version, 10);
  if (kind === 'docker' && major < OLDEST) return fail(`${says}: too old`, 'Install Docker Engine 20.10 or newer.');
  return ok(says);
}

function fits(architecture: string, host: string): Said {
  const images = `images are made for ${architecture}`;
  if (architecture !== 'amd64' && architecture !== 'arm64')
    return warn(`${images}, which nobody has tried`, 'Use an engine on amd64 or arm64 where you can.');
  const own = host === 'x64' ? 'amd64' : host;
  return ok(
    own === architecture ? `${images}, as this machine is` : `${images}; this machine is ${own}: the base must come from a registry`,
  );
}

function runtime(engine: EngineInfo, policies: Policies): Said {
  const missing = missingRuntimes(policies, engine.runtimes);
  const has = engine.runtimes.includes('runsc') ? 'yes' : 'no';
  const says = `${engine.about?.defaultRuntime ?? 'its own'} by default; runsc: ${has}`;
  const [first] = missing;
  if (first === undefined) return ok(says);
  return fail(`${says}; policies/${first.kind}.yaml asks for ${first.runtime}`, CATALOGUE.runtime_missing.advice);
}

function limits({ about }: EngineInfo): Said {
  const cgroup = about?.cgroupVersion === undefined ? 'cgroup version unknown' : `cgroup ${about.cgroupVersion}`;
  const open = about?.unenforced ?? [];
  if (open.length === 0) return ok(`${cgroup}: memory, processes and processors are limited`);
  const fix =
    about?.rootless === true
      ? 'Delegate the controllers to your user (systemd: Delegate=cpu cpuset io memory pids), or use an engine that runs as root.'
      : 'Turn the controllers on in the kernel of the engine’s machine (`docker info` ends with the warnings).';
  return warn(`${cgroup}: no limit on ${open.join(', ')} can be enforced`, fix);
}

function storage(about: EngineInfo['about']): string {
  const driver = about?.storageDriver ?? 'driver unknown';
  return about?.storageFolder === undefined ? driver : `${driver} in ${about.storageFolder} on the engine’s machine`;
}
