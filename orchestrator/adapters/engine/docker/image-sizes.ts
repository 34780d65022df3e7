import type Dockerode from 'dockerode';
import { engineFailure } from './errors.ts';

export interface ImageSizes {
  /** Bytes on the engine's disk of the factory's images, layers they share counted once. */
  readonly total: number;
  readonly images: readonly { readonly name: string; readonly bytes: number }[];
}

/** What the factory's newest image of each kind weighs. Layers are told apart by their content ids. */
export async function imageSizes(docker: Dockerode): Promise<ImageSizes> {
  try {
    const listed = (await docker.listImages()).flatMap((image) =>
      (image.RepoTags ?? [])
        .filter((tag) => tag.startsWith('factory/'))
        .map((name) => ({ name, id: image.Id, bytes: image.Size, created: image.Created })),
    );
    const newest = new Map<string, (typeof listed)[number]>();
    for (const image of listed.sort((a, b) => a.created - b.created)) newest.set(image.name.split(':')[0] ?? image.name, image);
    const layers = new Map<string, number>();
    for (const { id } of newest.values()) for (const layer of await layersOf(docker, id)) layers.set(layer.key, layer.bytes);
    const images = [...newest.values()].map(({ name, bytes }) => ({ name, bytes })).sort((a, b) => a.name.localeCompare(b.name));
    return { total: [...layers.values()].reduce((sum, bytes) => sum + bytes, 0), images };
  } catch (error) {
    throw engineFailure('list images', error);
  }
}

/** The layers of an image with their sizes: the chain of content ids up to a layer names it, the history gives its bytes. */
async function layersOf(docker: Dockerode, id: string): Promise<{ key: string; bytes: number }[]> {
  const image = docker.getImage(id);
  const [{ RootFS }, history] = await Promise.all([image.inspect(), image.history() as Promise<{ Size: number }[]>]);
  const sizes = history
    .map(({ Size }) => Size)
    .reverse()
    .filter((bytes) => bytes > 0);
  const ids = RootFS?.Layers ?? [];
  // A layer of no bytes has an id but no place in the filtered history: then the counts differ and the image counts as one layer.
  if (sizes.length !== ids.length) return [{ key: id, bytes: sizes.reduce((sum, bytes) => sum + bytes, 0) }];
  return ids.map((_, i) => ({ key: ids.slice(0, i + 1).join(' '), bytes: sizes[i] ?? 0 }));
}
