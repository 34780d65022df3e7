import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerKind } from '../../domain/stage.ts';
import type { FileTree } from '../../domain/tree.ts';
import type { ImageStore } from '../../ports/images.ts';
import { ensureBase, findBase } from './base.ts';
import type { BuiltImage } from './built-image.ts';
import { holdsAgent } from './bundle.ts';
import { agentBundles } from './bundle-cache.ts';
import { type ContextFiles, contentHash, contextFiles, contextTar } from './context.ts';
import { hostArguments, hostTrust } from './host.ts';
import { factoryRoot } from './root.ts';
import { type Slice, sliceDockerfile } from './slice.ts';

export interface ImagesRequest<K extends ContainerKind> {
  readonly store: ImageStore;
  /** The engine's, e.g. `amd64`. */
  readonly architecture: string;
  /** The target's files on the base commit: their lock decides what the tool images hold. */
  readonly tree: FileTree;
  readonly kinds: readonly K[];
  /** Progress for a person, a short line at a time; silent when every image is there. */
  readonly onLine: (line: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The images for these kinds of container, built where they are missing. An image is named by the hash of exactly what goes in, so one
 * that exists is never built again and one that changed is never mistaken for it. Errors: image_build_failed with the build's last
 * lines, engine_unreachable, engine_failed.
 */
export async function ensureImages<K extends ContainerKind>(request: ImagesRequest<K>): Promise<Record<K, BuiltImage>> {
  const { store, onLine } = request;
  const base = await ensureBase({ ...request, root: factoryRoot() });
  const plans = await planImages(request, base);
  const ids = new Map(await Promise.all(plans.map(async ({ kind, reference }) => [kind, await store.find(reference)] as const)));

  const make = async (plan: ImagePlan<K>): Promise<void> => {
    if (ids.get(plan.kind) === null) ids.set(plan.kind, await buildImage(store, plan, onLine));
  };
  const [first, ...rest] = plans.filter(({ kind }) => ids.get(kind) === null);
  if (first !== undefined) {
    // The first one makes the layers that all share; after it the two families can be built side by side.
    await make(first);
    const [agents, tools] = [rest.filter(({ kind }) => holdsAgent(kind)), rest.filter(({ kind }) => !holdsAgent(kind))];
    await allSettled([inTurn(agents, make), inTurn(tools, make)]);
  }
  return Object.fromEntries(plans.map(({ kind, reference }) => [kind, { reference, id: ids.get(kind) ?? '' }])) as Record<K, BuiltImage>;
}

interface ImagePlan<K> {
  readonly kind: K;
  readonly reference: string;
  readonly slice: Slice;
  readonly files: ContextFiles;
  readonly args: Readonly<Record<string, string>>;
}

/** Which of these kinds have no image yet; nothing is made. */
export async function missingImages<K extends ContainerKind>(request: Omit<ImagesRequest<K>, 'onLine'>): Promise<K[]> {
  const base = await findBase({ ...request, root: factoryRoot() });
  if (base === null) return [...request.kinds];
  const plans = await planImages(request, base);
  const there = await Promise.all(plans.map(({ reference }) => request.store.find(reference)));
  return plans.filter((_, i) => there[i] === null).map(({ kind }) => kind);
}

/** What each image will be called and made of. */
async function planImages<K extends ContainerKind>(
  { architecture, tree, kinds, env }: Omit<ImagesRequest<K>, 'onLine'>,
  base: BuiltImage,
): Promise<ImagePlan<K>[]> {
  const root = factoryRoot();
  const wanted = [...new Set(kinds)];
  const agents = wanted.some(holdsAgent) ? await agentBundles(root) : new Map<string, Uint8Array>();
  const dockerfile = readFileSync(join(root, 'images', 'Dockerfile'), 'utf8');
  const trust = hostTrust(env);
  return wanted.map((kind) => {
    const slice = sliceDockerfile(dockerfile, kind);
    const files = contextFiles(slice.sources, { root, agents, tree, trust });
    const reference = `factory/${kind}:${contentHash([architecture, base.id, slice.dockerfile], files)}`;
    return { kind, reference, slice, files, args: { ...hostArguments(env, slice.args), BASE: base.reference } };
  });
}

async function buildImage(store: ImageStore, plan: ImagePlan<ContainerKind>, onLine: (line: string) => void): Promise<string> {
  const { kind, reference, slice, files, args } = plan;
  const started = Date.now();
  onLine(`image ${kind}: building ${reference}`);
  const id = await store.build(
    {
      context: contextTar(slice.dockerfile, files),
      dockerfile: 'Dockerfile',
      target: kind,
      reference,
      args,
      labels: { 'factory.image': kind },
    },
    stepLines((step) => onLine(`image ${kind}: ${step}`)),
  );
  onLine(`image ${kind}: ready in ${((Date.now() - started) / 1000).toFixed(1)}s`);
  return id;
}

/** Of a build's output, the steps that take time: those that run a command and are not cached. */
function stepLines(tell: (step: string) => void): (line: string) => void {
  let stage = '';
  let command = '';
  return (line) => {
    const step = /^Step \d+\/\d+ : (.*)/.exec(line)?.[1];
    if (step !== undefined) {
      stage = /^FROM \S+ AS (\S+)/.exec(step)?.[1] ?? stage;
      command = /^RUN\s+(.*)/.exec(step)?.[1] ?? '';
    } else if (command !== '' && line.startsWith(' ---> Running in')) {
      tell(`${stage}: ${command.replace(/\s+/g, ' ').slice(0, 80)} …`);
    }
  };
}

async function inTurn<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  for (const item of items) await act(item);
}

/** Wait for all, then fail with the first failure: no build goes on behind the back of whoever reads the error. */
async function allSettled(works: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
