import { Buffer } from 'node:buffer';
import type { ContainerSpec } from '../domain/container.ts';
import { Failure } from '../domain/failure.ts';
import type { Policy } from '../domain/policy.ts';
import { type Redactor, redactor } from '../domain/redact.ts';
import type { ContainerKind, Stage } from '../domain/stage.ts';
import type { NewTraceEvent } from '../domain/trace.ts';
import type { Engine, Exit, RunningContainer } from '../ports/engine.ts';
import type { Records } from '../ports/records.ts';
import type { Trace } from '../ports/trace.ts';
import { compileContainer } from './compile.ts';
import { logged } from './logged.ts';
import { together } from './together.ts';

/** What is asked of one container; everything else about it is decided by its kind's policy. */
export interface ContainerRequest {
  readonly kind: ContainerKind;
  readonly stage: Stage | 'baseline';
  readonly attempt: number;
  readonly command: readonly string[];
  readonly volumes: Readonly<Partial<Record<Policy['mounts'][number]['volume'], string>>>;
  readonly testsFolder: string | null;
  readonly workdir?: string;
  readonly stdin: boolean;
}

/** Starts the containers of one run, and keeps for each its create request, its log and how it ended. */
export interface Containers {
  start(request: ContainerRequest): Promise<RunningContainer>;
  /** Run a container without stdin to its end and return what it printed. Throws when a limit of its policy ended it. */
  run(request: ContainerRequest): Promise<{ exit: Exit; stdout: string; stderr: string }>;
  /** End and remove every container that is still there; none can be started afterwards. */
  close(): Promise<void>;
  /** Keep the create request of a holder, which the workspace starts by itself. */
  noteHolder(spec: ContainerSpec): void;
  /** The number of the next container of the run, from 1. */
  nextSeq(): number;
}

export interface ContainersOptions {
  readonly engine: Engine;
  readonly policies: Readonly<Record<ContainerKind, Policy>>;
  readonly seccomp: string;
  readonly images: Readonly<Record<ContainerKind, { readonly reference: string; readonly id: string }>>;
  readonly records: Records;
  readonly trace: Trace;
  readonly run: string;
  /** Ends every container of the run when it is aborted. */
  readonly signal: AbortSignal;
  /** Takes secrets out of the logs. */
  readonly redactor?: Redactor;
  /** Told of each container before it starts; what it throws keeps it from starting. */
  readonly onContainer?: (spec: ContainerSpec) => void;
}

export function openContainers(options: ContainersOptions): Containers {
  const { engine, policies, images, records, trace } = options;
  const live = new Set<RunningContainer>();
  let closed = false;
  let seq = 0;
  const nextSeq = () => {
    seq += 1;
    return seq;
  };

  async function start(request: ContainerRequest): Promise<RunningContainer> {
    const number = nextSeq();
    const spec = compileContainer({
      ...request,
      seq: number,
      run: options.run,
      policy: policies[request.kind],
      seccompText: options.seccomp,
      image: images[request.kind].reference,
    });
    const folder = `evidence/${String(number).padStart(2, '0')}-${request.kind}-${request.attempt}`;
    records.writeJson(`${folder}/create.json`, { engine: engine.describe(spec) });
    const started = Date.now();
    options.signal.throwIfAborted();
    if (closed) throw new Failure('bug', `a ${request.kind} container was asked for after the run had ended`);
    options.onContainer?.(spec);
    const container = await engine.start(spec);
    live.add(container);
    const stop = () =>
      void container.kill().catch((error: unknown) => trace.write(noteOf(request, `could not be killed: ${String(error)}`)));
    options.signal.addEventListener('abort', stop, { once: true });
    const unlisten = () => options.signal.removeEventListener('abort', stop);
    container.exit.then(unlisten, unlisten);
    return recorded(
      container,
      () => live.delete(container),
      (stream) => logged(stream, options.redactor ?? redactor([]), (chunk) => records.append(`${folder}/container.log`, chunk)),
      (exit) => {
        const result = { exit_code: exit.code, oom_killed: exit.oomKilled, killed_for: exit.killedFor, ms: Date.now() - started };
        records.writeJson(`${folder}/result.json`, result);
        trace.write({ type: 'container', stage: request.stage, attempt: request.attempt, data: { kind: request.kind, folder, ...result } });
      },
    );
  }

  async function run(request: ContainerRequest) {
    const container = await start({ ...request, stdin: false });
    try {
      const [stdout, stderr, exit] = await together([text(container.stdout), text(container.stderr), container.exit]);
      failOnLimit(exit, request.kind, stderr);
      return { exit, stdout, stderr };
    } finally {
      await container.remove();
    }
  }

  const noteHolder = (spec: ContainerSpec) => {
    const number = spec.labels['factory.seq'] ?? '0';
    records.writeJson(`evidence/${number.padStart(2, '0')}-holder-1/create.json`, { engine: engine.describe(spec) });
  };

  async function close(): Promise<void> {
    closed = true;
    await together([...live].map((container) => container.remove()));
  }

  return { start, run, close, noteHolder, nextSeq };
}

/** A container ended by a limit of its policy is that limit's failure, never "tests failed". */
export function failOnLimit(exit: Exit, kind: ContainerKind, stderr: string): void {
  if (exit.oomKilled) throw new Failure('resource_oom', `the ${kind} container was killed by the kernel at its memory limit`);
  if (exit.killedFor === 'wall_clock') throw new Failure('resource_time', `the ${kind} container passed its wall clock`);
  if (exit.killedFor === 'output') throw new Failure('protocol_line_too_long', `the ${kind} container printed more than its cap`);
  if (/No space left on device/.test(stderr) && exit.code !== 0)
    throw new Failure('resource_disk', `the ${kind} container filled its disk`);
}

function noteOf({ stage, attempt, kind }: ContainerRequest, what: string): NewTraceEvent {
  return { type: 'container', stage, attempt, data: { kind, what } };
}

/** The same container, with everything it prints copied to its log and its end written down once. */
function recorded(
  container: RunningContainer,
  gone: () => void,
  log: (stream: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
  ended: (exit: Exit) => void,
): RunningContainer {
  const exit = container.exit.then((how) => {
    ended(how);
    return how;
  });
  // Whoever awaits it sees the error of a lost engine; one who does not is not brought down by it.
  exit.catch(() => undefined);
  return {
    ...container,
    stdout: log(container.stdout),
    stderr: log(container.stderr),
    exit,
    async remove() {
      await container.remove();
      gone();
    },
  };
}

async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
