import { encodeLine, readMessages } from '../../orchestrator/protocol/framing.ts';
import { hostMessageSchema } from '../../orchestrator/protocol/messages.ts';
import { type Agent, type Wire, work } from './loop.ts';

/** A whole process: the agent over stdin and stdout. Ends with 0 when told to stop, 1 in every other case. */
export function run<T>(agent: Agent<T>): void {
  const wire = stdio(agent.name);
  work(agent, wire).then(
    (end) => process.exit(end === 'stopped' ? 0 : 1),
    (error: unknown) => {
      wire.log(error instanceof Error ? error.message : String(error));
      process.exit(1);
    },
  );
}

/** Replies can be long: this only keeps a confused host from filling the container's memory. */
const HOST_LINE_BYTES = 16 * 1024 * 1024;

function stdio(name: string): Wire {
  const messages = readMessages(process.stdin, hostMessageSchema, HOST_LINE_BYTES);
  return {
    send: (message) =>
      new Promise((resolve, reject) => {
        process.stdout.write(encodeLine(message), (error) => (error ? reject(error) : resolve()));
      }),
    receive: async () => {
      const { done, value } = await messages.next();
      return done ? null : value;
    },
    log: (line) => {
      process.stderr.write(`${name}: ${line.replace(/\s+/g, ' ').slice(0, 300)}\n`);
    },
  };
}
