import type Dockerode from 'dockerode';
import { Failure } from '../../../domain/failure.ts';
import type { Json } from '../../../domain/json.ts';
import type { Engine, EngineInfo } from '../../../ports/engine.ts';
import { aboutOf } from './about.ts';
import { toCreateOptions, toVolumeOptions } from './convert.ts';
import { ask } from './errors.ts';
import { list, sweep } from './labelled.ts';
import { removeVolume } from './remove.ts';
import { startContainer } from './start.ts';
import { download, upload } from './transfer.ts';

/** An engine that speaks Docker's API, found by `connect`. `endpoint` is where, for a person. */
export function dockerEngine(docker: Dockerode, endpoint: string): Engine {
  return {
    info: () => info(docker, endpoint),
    describe: (spec) => toCreateOptions(spec) as Json,
    async createVolume(spec) {
      await ask(`create volume ${spec.name}`, docker.createVolume(toVolumeOptions(spec)));
    },
    removeVolume: (name) => removeVolume(docker, name),
    start: (spec) => startContainer(docker, spec),
    upload: (id, path, entries) => upload(docker, id, path, entries),
    download: (id, path, caps) => download(docker, id, path, caps),
    sweep: (labels) => sweep(docker, labels),
    list: (labels) => list(docker, labels),
  };
}

async function info(docker: Dockerode, endpoint: string): Promise<EngineInfo> {
  try {
    const version = await ask('version', docker.version());
    assertNewEnough(version, endpoint);
    const about = await ask('info', docker.info());
    const components = version.Components ?? [];
    return {
      kind: components.some(({ Name }) => /podman/i.test(Name)) ? 'podman' : 'docker',
      version: version.Version,
      architecture: version.Arch,
      runtimes: Object.keys((about as { Runtimes?: object }).Runtimes ?? {}).sort(),
      endpoint,
      about: aboutOf(about),
    };
  } catch (error) {
    // Asked first of all, so an engine that does not answer this was not there.
    if (error instanceof Failure && error.code === 'engine_lost') throw new Failure('engine_unreachable', error.detail, { cause: error });
    throw error;
  }
}

/** The oldest API that the factory was tried with: Docker 20.10's. */
const LEAST_API = { major: 1, minor: 41 };

function assertNewEnough(version: { ApiVersion?: unknown; Version?: unknown }, endpoint: string): void {
  const [, major, minor] = /^(\d+)\.(\d+)$/.exec(String(version.ApiVersion ?? '')) ?? [];
  if (major === undefined || minor === undefined)
    throw new Failure('engine_unreachable', `${endpoint} answers, but not as a Docker engine does: it names no version of its API`);
  const isOlder = Number(major) < LEAST_API.major || (Number(major) === LEAST_API.major && Number(minor) < LEAST_API.minor);
  if (isOlder)
    throw new Failure(
      'engine_too_old',
      `${endpoint} is version ${String(version.Version)} with API ${major}.${minor}; at least API ${LEAST_API.major}.${LEAST_API.minor} is needed`,
    );
}
