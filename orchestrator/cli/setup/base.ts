import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../domain/failure.ts';
import type { ImageStore } from '../../ports/images.ts';
import type { BuiltImage } from './built-image.ts';

/** What a registry calls the base, where one answers. */
const PULLED = 'debian:trixie-slim';

/** Where to make the base when it cannot be pulled. */
export interface BaseRequest {
  readonly store: ImageStore;
  readonly root: string;
  readonly architecture: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onLine: (line: string) => void;
}

/**
 * Debian trixie on the engine: one that was made here before, else one that is there or can be pulled, else made with debootstrap and
 * imported. Errors: base_image_missing where none of it is possible, image_build_failed when what was made did not arrive.
 */
export async function ensureBase({ store, root, architecture, env, onLine }: BaseRequest): Promise<BuiltImage> {
  const there = await findBase({ store, root, architecture });
  if (there !== null) return there;
  const { script, made } = recipeOf(root, architecture);

  onLine(`image base: pulling ${PULLED}`);
  if (await store.pull(PULLED)) {
    const pulled = await found(store, PULLED);
    if (pulled !== null) return pulled;
  }
  onLine('image base: no registry gives it; trying to make it with debootstrap');
  await importMade(store, made, script, architecture, env);
  const imported = await found(store, made);
  if (imported === null) throw new Failure('image_build_failed', `${made} was imported but is not on the engine`);
  return imported;
}

/** The base that is on the engine already; null where one would have to be made. */
export async function findBase({
  store,
  root,
  architecture,
}: Pick<BaseRequest, 'store' | 'root' | 'architecture'>): Promise<BuiltImage | null> {
  return (await found(store, recipeOf(root, architecture).made)) ?? (await found(store, PULLED));
}

/** How a base is made here, and what it is called then. */
function recipeOf(root: string, architecture: string): { script: string; made: string } {
  const script = join(root, 'images', 'base.sh');
  const recipe = createHash('sha256').update(readFileSync(script)).update(architecture).digest('hex').slice(0, 12);
  return { script, made: `factory/base:${recipe}` };
}

async function found(store: ImageStore, reference: string): Promise<BuiltImage | null> {
  const id = await store.find(reference);
  return id === null ? null : { reference, id };
}

async function importMade(
  store: ImageStore,
  reference: string,
  script: string,
  architecture: string,
  env: BaseRequest['env'],
): Promise<void> {
  const child = spawn('bash', [script, architecture], { env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  const ended = new Promise<string | null>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code === 0 ? null : `images/base.sh ended with ${signal ?? code}`));
  });
  const problem = async (): Promise<Failure | null> => {
    const words = await ended;
    return words === null ? null : new Failure('base_image_missing', notHad(words, said.trim()));
  };
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield* child.stdout;
    // A tar that was cut short must not become an image: fail the stream before the engine sees its end.
    const failure = await problem();
    if (failure !== null) throw failure;
  }
  try {
    await store.import(whole(), reference);
  } catch (error) {
    child.kill();
    throw (await problem()) ?? error;
  }
}

/** One sentence where the script says why in one line; what it said last below it where a tool failed in it. */
function notHad(ended: string, said: string): string {
  const why = `no registry gives ${PULLED} and it cannot be made here`;
  return said !== '' && !said.includes('\n') ? `${why}: ${said}` : `${why}: ${ended}\n${said}`;
}
