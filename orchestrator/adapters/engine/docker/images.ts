import { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import { Failure } from '../../../domain/failure.ts';
import type { BuildRequest, ImageStore } from '../../../ports/images.ts';
import { engineFailure, engineWords, isMissing } from './errors.ts';

/** How long a registry may take to answer at all, and then between two signs of life, in milliseconds. */
const FIRST_ANSWER_MS = 30_000;
const SILENCE_MS = 120_000;
/** How many of a failed build's last lines a person gets to see. */
const TAIL = 25;

/** Stage images on a Docker engine, through the builder that every engine has. */
export function dockerImageStore(docker: Dockerode): ImageStore {
  return {
    find: async (reference) => {
      try {
        return (await docker.getImage(reference).inspect()).Id;
      } catch (error) {
        if (isMissing(error)) return null;
        throw engineFailure(`look for image ${reference}`, error);
      }
    },
    pull: (reference) => pull(docker, reference),
    import: (tar, reference) => importTar(docker, tar, reference),
    build: (request, onLine) => build(docker, request, onLine),
  };
}

/** One line of the engine's progress stream. */
interface Progress {
  readonly stream?: string;
  readonly status?: string;
  readonly error?: string;
  readonly aux?: { readonly ID?: string };
}

async function pull(docker: Dockerode, reference: string): Promise<boolean> {
  const patience = watchdog(FIRST_ANSWER_MS);
  try {
    const answer = await docker.pull(reference, { abortSignal: patience.signal });
    for await (const { error } of progress(answer)) {
      patience.reset(SILENCE_MS);
      if (error !== undefined) return false;
    }
    return true;
  } catch (error) {
    const failure = engineFailure(`pull ${reference}`, error);
    // A registry that is not there is an answer; an engine that is not there is none.
    if (failure.code === 'engine_lost' && !patience.signal.aborted) throw failure;
    return false;
  } finally {
    patience.end();
  }
}

async function importTar(docker: Dockerode, tar: AsyncIterable<Uint8Array>, reference: string): Promise<void> {
  const [repo, tag] = splitReference(reference);
  const events = await sent(tar, `import ${reference}`, (body, abortSignal) => docker.importImage(body, { repo, tag, abortSignal }));
  for await (const { error } of events) {
    if (error !== undefined) throw new Failure('engine_failed', `import ${reference}: ${error}`);
  }
}

async function build(docker: Dockerode, request: BuildRequest, onLine: (line: string) => void): Promise<string> {
  const { context, dockerfile, target, reference, args, labels } = request;
  const tail: string[] = [];
  let id: string | null = null;
  const events = await sent(context, `build ${reference}`, (body, abortSignal) =>
    docker.buildImage(body, {
      t: reference,
      dockerfile,
      target,
      buildargs: { ...args },
      labels: { ...labels },
      rm: true,
      forcerm: true,
      abortSignal,
    }),
  );
  for await (const event of events) {
    for (const line of (event.stream ?? event.status ?? '').split(/[\r\n]+/).filter((text) => text.trim() !== '')) {
      tail.push(line);
      if (tail.length > TAIL) tail.shift();
      onLine(line);
    }
    id = event.aux?.ID ?? id;
    if (event.error !== undefined) throw new Failure('image_build_failed', [`${target}: ${event.error}`, ...tail].join('\n'));
  }
  id ??= (await docker.getImage(reference).inspect()).Id;
  return id;
}

/**
 * Send a body that is still being made and read the answer. The library leaves a request hanging whose body fails half-way, so such a
 * failure aborts the request here and is the one that is thrown.
 */
async function sent(
  content: AsyncIterable<Uint8Array>,
  what: string,
  call: (body: Readable, signal: AbortSignal) => Promise<NodeJS.ReadableStream>,
): Promise<AsyncIterable<Progress>> {
  const abort = new AbortController();
  const body = Readable.from(content, { objectMode: false });
  let broken: unknown = null;
  body.once('error', (error) => {
    broken = error;
    abort.abort();
  });
  const fault = (error: unknown): unknown => broken ?? engineFailure(what, error);
  const answer = await call(body, abort.signal).catch((error: unknown) => {
    throw fault(error);
  });
  return (async function* () {
    try {
      yield* progress(answer);
    } catch (error) {
      throw fault(error);
    }
  })();
}

/** The engine's progress stream, one JSON object a line. */
async function* progress(answer: NodeJS.ReadableStream): AsyncGenerator<Progress> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of answer) {
    rest += decoder.decode(chunk as Uint8Array, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    yield* lines.flatMap(readLine);
  }
  yield* readLine(rest);
}

function readLine(line: string): Progress[] {
  if (line.trim() === '') return [];
  try {
    return [JSON.parse(line) as Progress];
  } catch (error) {
    return [{ error: `the engine’s progress is unreadable: ${engineWords(error)}` }];
  }
}

function splitReference(reference: string): [repo: string, tag: string] {
  const at = reference.lastIndexOf(':');
  return at > reference.lastIndexOf('/') ? [reference.slice(0, at), reference.slice(at + 1)] : [reference, 'latest'];
}

/** A signal that fires when `reset` has not been called in time. */
function watchdog(firstMs: number): { readonly signal: AbortSignal; reset(ms: number): void; end(): void } {
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(), firstMs);
  return {
    signal: abort.signal,
    reset: (ms) => {
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(), ms);
    },
    end: () => clearTimeout(timer),
  };
}
