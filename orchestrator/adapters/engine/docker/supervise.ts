import type { Duplex } from 'node:stream';
import type Dockerode from 'dockerode';
import type { ContainerSpec } from '../../../domain/container.ts';
import { Failure } from '../../../domain/failure.ts';
import type { Exit, RunningContainer } from '../../../ports/engine.ts';
import { ask, engineFailure, isConflict, isMissing } from './errors.ts';
import { demultiplexer } from './frames.ts';
import { openOutputs } from './outputs.ts';
import { removeContainer } from './remove.ts';

/** How long the kernel may take to end a container after SIGKILL, and the engine to hand over its last output, in milliseconds. */
const KILL_MS = 30_000;
const DRAIN_MS = 30_000;

export interface Started {
  readonly docker: Dockerode;
  readonly container: Dockerode.Container;
  readonly spec: ContainerSpec;
  readonly output: Duplex;
  /** null for a container without stdin. */
  readonly input: Duplex | null;
  /** Rejects with engine_lost when the engine goes away before it told. */
  readonly exitCode: Promise<number>;
}

/** The handle of a container that has just been started: reads what it prints, enforces its limits and knows how it ended. */
export function supervise({ docker, container, spec, output, input, exitCode }: Started): RunningContainer {
  const outputs = openOutputs(spec.outputBytes, () => void end('output', 0));
  const stuck = deferred<never>();
  let killedFor: Exit['killedFor'] = null;
  let over = false;
  let timer: NodeJS.Timeout | undefined = setTimeout(() => void end('wall_clock', spec.graceMs), spec.wallClockMs);

  /** Ask it to end, and make it after the grace time. Only the first reason counts. */
  async function end(reason: NonNullable<Exit['killedFor']>, graceMs: number): Promise<void> {
    if (over || killedFor !== null) return;
    killedFor = reason;
    try {
      const sent = await (graceMs === 0 ? force() : signal('SIGTERM'));
      if (sent && graceMs > 0) later(graceMs, () => void force().catch(stuck.reject));
      // It was quicker. What it printed stays too much, though.
      if (!sent && reason !== 'output') killedFor = null;
    } catch (error) {
      stuck.reject(error);
    }
  }

  async function force(): Promise<boolean> {
    later(KILL_MS, () => stuck.reject(new Failure('engine_failed', `container ${spec.name} lives on after SIGKILL`)));
    return await signal('SIGKILL');
  }

  /** False where there is nothing left to end. */
  async function signal(name: 'SIGTERM' | 'SIGKILL'): Promise<boolean> {
    const what = `${name} to container ${spec.name}`;
    const sent = container.kill({ signal: name }).then(
      () => true,
      (error: unknown) => {
        if (isMissing(error) || isConflict(error)) return false;
        throw error;
      },
    );
    return await ask(what, sent);
  }

  function later(ms: number, act: () => void): void {
    clearTimeout(timer);
    if (!over) timer = setTimeout(act, ms);
  }

  async function observe(): Promise<Exit> {
    try {
      const printed = pump(output, outputs.push);
      printed.catch(stuck.reject);
      const code = await Promise.race([exitCode, stuck.promise]);
      later(DRAIN_MS, () => stuck.reject(new Failure('engine_lost', 'the output of an ended container does not end')));
      over = true;
      await Promise.race([printed, stuck.promise]);
      const oomKilled = await wasOutOfMemory(container);
      outputs.end();
      return { code, oomKilled, killedFor };
    } catch (error) {
      const failure = engineFailure(`container ${spec.name}`, error);
      outputs.fail(failure);
      throw failure;
    } finally {
      over = true;
      clearTimeout(timer);
      input?.destroy();
      output.destroy();
    }
  }

  const exit = observe();
  // Whoever awaits `exit` is still told; one who does not is not brought down by it.
  exit.catch(() => {});
  // What an engine sends back on the input's connection is of no use, but must be read for its end to be seen.
  input?.resume();

  return {
    id: container.id,
    stdout: outputs.stdout,
    stderr: outputs.stderr,
    exit,
    write: (text) => send(input, text),
    closeInput: () => void input?.end(),
    async kill() {
      await end('request', spec.graceMs);
      await exit;
    },
    async remove() {
      if (!over) killedFor ??= 'request';
      await removeContainer(docker, container.id);
    },
  };
}

/** Hand on all that comes, as quickly as it comes. */
async function pump(output: Duplex, push: Parameters<typeof demultiplexer>[0]): Promise<void> {
  const frames = demultiplexer(push);
  for await (const chunk of output) frames.take(chunk as Uint8Array);
  if (!frames.whole()) throw new Failure('engine_lost', 'the output of a container was cut short');
}

/** Resolves also where nobody takes it any more: that a container has ended is told by `exit`. */
function send(input: Duplex | null, text: string): Promise<void> {
  if (input === null || !input.writable) return Promise.resolve();
  return new Promise((resolve) => input.write(text, () => resolve()));
}

/** Whether the kernel ended it, or a process in it, at its memory limit. A container that is removed already cannot be asked: false. */
async function wasOutOfMemory(container: Dockerode.Container): Promise<boolean> {
  const what = `inspect container ${container.id}`;
  const inspected = container.inspect().catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  return (await ask(what, inspected))?.State.OOMKilled ?? false;
}

function deferred<T>(): { readonly promise: Promise<T>; readonly reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((_, no) => {
    reject = no;
  });
  promise.catch(() => {});
  return { promise, reject };
}
