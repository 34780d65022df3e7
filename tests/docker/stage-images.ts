import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../../orchestrator/adapters/engine/docker/connect.ts';
import { dockerEngine } from '../../orchestrator/adapters/engine/docker/docker.ts';
import { dockerImageStore } from '../../orchestrator/adapters/engine/docker/images.ts';
import { ensureImages } from '../../orchestrator/cli/setup/ensure.ts';
import { CONTAINER_KINDS, type ContainerKind } from '../../orchestrator/domain/stage.ts';
import type { FileTree } from '../../orchestrator/domain/tree.ts';

const target = join(import.meta.dirname, '../../target-app');

/** The image that containers of this kind run in: the very ones that a run on the default target uses, built when they are missing. */
export async function imageFor(kind: ContainerKind): Promise<string> {
  images ??= build();
  return (await images)[kind].reference;
}

let images: Promise<Record<ContainerKind, { reference: string }>> | null = null;

async function build() {
  const { docker, endpoint } = await connect({ env: process.env });
  const { architecture } = await dockerEngine(docker, endpoint).info();
  return ensureImages({
    store: dockerImageStore(docker),
    architecture,
    tree: targetTree(),
    kinds: CONTAINER_KINDS,
    env: process.env,
    onLine: (line) => console.error(line),
  });
}

/** Only the files at the top of the target decide what the tool images hold. */
function targetTree(): FileTree {
  const files = readdirSync(target, { withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(files.map(({ name }) => [name, { mode: '100644' as const, content: readFileSync(join(target, name)) }]));
}
