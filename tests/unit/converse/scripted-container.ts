import { PassThrough } from 'node:stream';
import { type Agent, type Wire, work } from '../../../images/agent/loop.ts';
import type { Exit, RunningContainer } from '../../../orchestrator/ports/engine.ts';
import { encodeLine, readMessages } from '../../../orchestrator/protocol/framing.ts';
import { type AgentMessage, type HostMessage, hostMessageSchema } from '../../../orchestrator/protocol/messages.ts';

/** What a scripted program has: both ends of its stdin and stdout. */
export interface Io {
  /** Print a message, or a line or bytes as they are. */
  print(what: AgentMessage | string | Uint8Array): void;
  /** The host's next message; null when it closed its end. */
  hear(): Promise<HostMessage | null>;
}

export interface ScriptedContainer extends RunningContainer {
  /** Every message the host has written. */
  readonly heard: HostMessage[];
  /** Whether the host let go of stdout. */
  released(): boolean;
}

/** A container in memory whose program is a function; it exits when that returns, with code 1 when it throws. */
export function scripted(program: (io: Io) => Promise<void>, how: Partial<Exit> = {}): ScriptedContainer {
  const input = new PassThrough();
  const output = new PassThrough();
  const heard: HostMessage[] = [];
  let released = false;
  const messages = readMessages(input, hostMessageSchema, 10_000_000);
  const io: Io = {
    print: (what) => void output.write(typeof what === 'string' ? `${what}\n` : what instanceof Uint8Array ? what : encodeLine(what)),
    hear: async () => {
      const { done, value } = await messages.next();
      return done ? null : value;
    },
  };
  const exit = program(io).then(
    () => 0,
    () => 1,
  );
  async function* stdout(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of output) yield chunk as Uint8Array;
    } finally {
      released = true;
    }
  }
  return {
    id: 'scripted',
    stdout: stdout(),
    stderr: (async function* () {})(),
    exit: exit.then((code) => {
      output.end();
      return { code, oomKilled: false, killedFor: null, ...how };
    }),
    write: async (text) => {
      heard.push(JSON.parse(text) as HostMessage);
      if (!input.writableEnded) input.write(text);
    },
    closeInput: () => void input.end(),
    kill: async () => void input.end(),
    remove: async () => void input.end(),
    heard,
    released: () => released,
  };
}

/** The real loop and tools of an agent, in this process. */
export function agentContainer<T>(agent: Agent<T>): ScriptedContainer {
  return scripted(async ({ print, hear }) => {
    const wire: Wire = { send: async (message) => print(message), receive: hear, log: () => undefined };
    await work(agent, wire);
  });
}
