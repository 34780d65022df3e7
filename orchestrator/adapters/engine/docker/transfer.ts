import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import type { ArchiveCaps, ArchiveEntry } from '../../../domain/archive.ts';
import { Failure } from '../../../domain/failure.ts';
import { ask, engineFailure } from './errors.ts';
import { type Owner, packEntries } from './pack.ts';
import { unpackFolder } from './unpack.ts';

/** Put entries into a folder of a running container, owned by the container's user. Errors: engine_failed, engine_lost. */
export async function upload(docker: Dockerode, id: string, path: string, entries: Iterable<ArchiveEntry>): Promise<void> {
  const container = docker.getContainer(id);
  const owner = ownerOf(await runningUser(container, `upload to ${path}`));
  const archive = packEntries(entries, owner);
  try {
    await ask(`upload to ${path} of container ${id}`, container.putArchive(archive, { path }));
  } finally {
    archive.destroy();
  }
}

/** See `Engine.download`. */
export async function* download(docker: Dockerode, id: string, path: string, caps: ArchiveCaps): AsyncGenerator<ArchiveEntry> {
  const what = `download ${path} of container ${id}`;
  const container = docker.getContainer(id);
  await runningUser(container, what);
  const archive = (await ask(what, container.getArchive({ path }))) as Readable;
  try {
    yield* unpackFolder(archive, caps);
  } catch (error) {
    throw engineFailure(what, error);
  } finally {
    archive.destroy();
  }
}

/** Its user as it was created. A stopped container is refused: what is put into its volumes is lost, and they would come out empty. */
async function runningUser(container: Dockerode.Container, what: string): Promise<string> {
  const { State, Config } = await ask(what, container.inspect());
  if (!State.Running) throw new Failure('engine_failed', `${what}: container ${container.id} is not running`);
  return Config.User;
}

function ownerOf(user: string): Owner {
  const [uid, gid] = user.split(':').map(Number);
  if (!Number.isInteger(uid) || !Number.isInteger(gid)) {
    throw new Failure('engine_failed', `the user ${JSON.stringify(user)} of the container is not uid:gid, so uploads would have no owner`);
  }
  return { uid: uid ?? 0, gid: gid ?? 0 };
}
