import type { ContainerSpec } from '../../../domain/container.ts';
import type { Failure } from '../../../domain/failure.ts';
import type { Exit, RunningContainer } from '../../../ports/engine.ts';
import type { ContainerFiles, Files } from './files.ts';
import { queue } from './queue.ts';
import { FileError } from './store.ts';

/** What a scripted container has: its pipes and its files. After its end every use of it ends the script. */
export interface ContainerIo {
  /** Lines of stdin without their newline; ends when the host closes it, at once where the spec has no stdin. */
  readonly lines: AsyncIterable<string>;
  readonly files: Files;
  print(text: string | Uint8Array): void;
  printError(text: string | Uint8Array): void;
  sleep(ms: number): Promise<void>;
  /** Never resolves: what a holder does. */
  forever(): Promise<never>;
  /** From here on SIGTERM does nothing; only the end of the grace time does. */
  ignoreStop(): void;
  /** The engine goes away at this point, as `FakeEngine.lose` does it. */
  loseEngine(): void;
}

/**
 * What a container does: its exit code, or more of its end. A `FileError` that it lets through ends it as it would end a program (words on
 * stderr, code 1); any other error is a mistake of the test and rejects `exit` with it.
 */
export type Behaviour = (spec: ContainerSpec, io: ContainerIo) => Promise<number | Partial<Exit>>;

export interface FakeContainer extends RunningContainer {
  readonly spec: ContainerSpec;
  readonly files: ContainerFiles;
  readonly alive: () => boolean;
  /** Its engine is gone. */
  lose(failure: Failure): void;
}

/** Thrown into a script whose container has ended; it never leaves this file. */
class Ended extends Error {}

const encoder = new TextEncoder();

export function runContainer(options: {
  readonly id: string;
  readonly spec: ContainerSpec;
  readonly files: ContainerFiles;
  readonly behaviour: Behaviour;
  readonly loseEngine: () => void;
  readonly onEnd: () => void;
}): FakeContainer {
  const { id, spec, files } = options;
  const stdout = queue<Uint8Array>();
  const stderr = queue<Uint8Array>();
  const input = queue<string>();
  const timers = new Set<NodeJS.Timeout>();
  let alive = true;
  let stoppable = true;
  let killedFor: Exit['killedFor'] = null;
  let printed = 0;
  let partial = '';
  let settle: (end: Exit | { readonly error: unknown }) => void = () => {};
  const exit = new Promise<Exit>((resolve, reject) => {
    settle = (end) => ('error' in end ? reject(end.error) : resolve(end));
  });
  // Whoever awaits `exit` still sees the error; one who does not is not brought down by it.
  exit.catch(() => {});

  function end(how: Exit | { readonly error: unknown }): void {
    if (!alive) return;
    alive = false;
    for (const timer of timers) clearTimeout(timer);
    input.fail(new Ended());
    for (const output of [stdout, stderr]) 'error' in how ? output.fail(how.error) : output.end();
    options.onEnd();
    settle(how);
  }

  function after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  }

  function print(output: typeof stdout, text: string | Uint8Array): void {
    if (!alive) throw new Ended();
    const bytes = typeof text === 'string' ? encoder.encode(text) : text;
    const room = spec.outputBytes - printed;
    if (bytes.length > 0 && room > 0) output.push(bytes.slice(0, room));
    printed += bytes.length;
    if (printed > spec.outputBytes) {
      end({ code: 137, oomKilled: false, killedFor: 'output' });
      throw new Ended();
    }
  }

  function stop(reason: Exit['killedFor']): void {
    if (!alive || killedFor !== null) return;
    killedFor = reason;
    if (stoppable) end({ code: 143, oomKilled: false, killedFor });
    else after(spec.graceMs, () => end({ code: 137, oomKilled: false, killedFor }));
  }

  const io: ContainerIo = {
    lines: input.values,
    files: guarded(files, () => alive),
    print: (text) => print(stdout, text),
    printError: (text) => print(stderr, text),
    sleep: (ms) => new Promise((resolve) => after(ms, resolve)),
    forever: () => new Promise(() => {}),
    ignoreStop: () => {
      stoppable = false;
    },
    loseEngine: options.loseEngine,
  };

  async function run(): Promise<void> {
    try {
      const result = await options.behaviour(spec, io);
      end({ code: 0, oomKilled: false, killedFor, ...(typeof result === 'number' ? { code: result } : result) });
    } catch (error) {
      if (error instanceof FileError && alive) {
        stderr.push(encoder.encode(`${error.message}\n`));
        end({ code: 1, oomKilled: false, killedFor });
      } else if (!(error instanceof Ended)) end({ error });
    }
  }

  if (!spec.stdin) input.end();
  after(spec.wallClockMs, () => stop('wall_clock'));
  // Not before `start` has returned, as with a real engine.
  setImmediate(() => void run());

  return {
    id,
    spec,
    files,
    stdout: stdout.values,
    stderr: stderr.values,
    exit,
    alive: () => alive,
    async write(text) {
      if (!alive || !spec.stdin) return;
      const parts = `${partial}${text}`.split('\n');
      partial = parts.pop() ?? '';
      for (const line of parts) input.push(line);
    },
    closeInput() {
      if (partial !== '') input.push(partial);
      partial = '';
      input.end();
    },
    async kill() {
      stop('request');
      await exit.catch(() => {});
    },
    async remove() {
      end({ code: 137, oomKilled: false, killedFor: killedFor ?? 'request' });
    },
    lose: (failure) => end({ error: failure }),
  };
}

function guarded(files: Files, alive: () => boolean): Files {
  const check = <A extends unknown[], R>(act: (...args: A) => R) => {
    return (...args: A): R => {
      if (!alive()) throw new Ended();
      return act(...args);
    };
  };
  return {
    read: check(files.read),
    readText: check(files.readText),
    mustRead: check(files.mustRead),
    write: check(files.write),
    makeFolder: check(files.makeFolder),
    link: check(files.link),
    remove: check(files.remove),
    tree: check(files.tree),
  };
}
