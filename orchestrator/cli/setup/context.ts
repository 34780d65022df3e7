import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { Failure } from '../../domain/failure.ts';
import type { FileTree } from '../../domain/tree.ts';
import { lockFiles } from './lock-files.ts';

/** A file of a build context by path. */
export type ContextFiles = ReadonlyMap<string, { readonly executable: boolean; readonly content: Uint8Array }>;

/** Where files of a context come from when they do not lie in images/. */
export interface Origins {
  readonly root: string;
  readonly agents: ReadonlyMap<string, Uint8Array>;
  /** The target's files on the base commit. */
  readonly tree: FileTree;
  readonly trust: string;
}

/** The one file that is used in a build but is no part of what it makes: left out of the hash. */
const TRUST_PATH = 'host/ca.pem';

/** The files behind the COPY lines of a Dockerfile. */
export function contextFiles(sources: readonly string[], origins: Origins): ContextFiles {
  const files = new Map(sources.flatMap((source) => filesOf(source, origins)));
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function filesOf(source: string, { root, agents, tree, trust }: Origins): [string, { executable: boolean; content: Uint8Array }][] {
  const plain = (content: Uint8Array) => ({ executable: false, content });
  if (source === TRUST_PATH) return [[source, plain(new TextEncoder().encode(trust))]];
  if (source === 'target/') return [...lockFiles(tree)].map(([path, { content }]) => [`target/${path}`, plain(content)]);
  const agent = /^agents\/(.+)\.mjs$/.exec(source)?.[1];
  if (agent !== undefined) {
    const content = agents.get(agent);
    if (content === undefined) throw new Failure('bug', `the agent ${agent} was not bundled`);
    return [[source, plain(content)]];
  }
  return [[source, { executable: source.endsWith('.py'), content: readFileSync(join(root, 'images', source)) }]];
}

/** 12 hex characters that name exactly what goes into an image. */
export function contentHash(parts: readonly string[], files: ContextFiles): string {
  const hash = createHash('sha256');
  const add = (bytes: Uint8Array | string): void => {
    hash.update(`${Buffer.byteLength(bytes)}:`).update(bytes);
  };
  parts.forEach(add);
  for (const [path, { executable, content }] of files) {
    if (path === TRUST_PATH) continue;
    add(path);
    add(executable ? 'x' : '-');
    add(content);
  }
  return hash.digest('hex').slice(0, 12);
}

/** The context as a tar, the same bytes for the same files: no owner, no time. */
export async function* contextTar(dockerfile: string, files: ContextFiles): AsyncGenerator<Uint8Array> {
  const tar = pack();
  const mtime = new Date(0);
  tar.entry({ name: 'Dockerfile', mtime }, dockerfile);
  // COPY needs the folder even when the target names no dependency.
  tar.entry({ name: 'target', type: 'directory', mode: 0o755, mtime });
  for (const [path, { executable, content }] of files) {
    tar.entry({ name: path, mode: executable ? 0o755 : 0o644, mtime }, Buffer.from(content));
  }
  tar.finalize();
  for await (const chunk of tar) yield chunk as Uint8Array;
}
