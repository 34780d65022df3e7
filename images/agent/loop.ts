import type { z } from 'zod';
import { Failure } from '../../orchestrator/domain/failure.ts';
import { fitText } from '../../orchestrator/protocol/fit.ts';
import type { AgentMessage, HostMessage } from '../../orchestrator/protocol/messages.ts';
import { type Tree, treeOf } from './tree.ts';

/** What an agent makes of one reply: the words for its next turn, or null to hand the work over. */
export interface Step {
  readonly next: string | null;
  /** For the log, in a few words without content: `2 edits, 1 refused`. */
  readonly did: string;
}

/** One kind of agent: what it can do, and how it acts on a reply of its schema. */
export interface Agent<T> {
  readonly name: string;
  readonly tools: readonly string[];
  readonly schema: z.ZodType<T>;
  act(turn: T, tree: Tree): Step;
}

/** The agent's end of the container's stdin and stdout. */
export interface Wire {
  send(message: AgentMessage): Promise<void>;
  /** The host's next message, or null when the host is gone. */
  receive(): Promise<HostMessage | null>;
  log(line: string): void;
}

/** Asks, acts, hands over, until the host says stop (`stopped`) or is gone (`alone`). Throws `protocol_invalid` when the host speaks out of turn. */
export async function work<T>(agent: Agent<T>, wire: Wire): Promise<'stopped' | 'alone'> {
  await wire.send({ type: 'hello', agent: agent.name, tools: [...agent.tools] });
  const start = await wire.receive();
  if (start === null) return 'alone';
  if (start.type === 'stop') return 'stopped';
  if (start.type !== 'start') throw outOfTurn(start);
  const tree = treeOf(start);

  let add: string | null = null;
  for (let turn = 1; ; turn += 1) {
    await wire.send({ type: 'turn', add });
    const reply = await wire.receive();
    if (reply === null) return 'alone';
    if (reply.type === 'stop') return 'stopped';
    if (reply.type !== 'reply') throw outOfTurn(reply);

    const step = agent.act(agent.schema.parse(reply.turn), tree);
    wire.log(`turn ${turn}: ${step.did}`);
    if (step.next !== null) {
      add = fitText(step.next, start.max_line_bytes ?? LINE_BYTES);
      continue;
    }

    await wire.send({ type: 'hand_over' });
    const judged = await wire.receive();
    if (judged === null) return 'alone';
    if (judged.type === 'stop') return 'stopped';
    if (judged.type !== 'findings') throw outOfTurn(judged);
    add = judged.text;
  }
}

/** Where the host names no cap. */
const LINE_BYTES = 512 * 1024;

function outOfTurn(message: HostMessage): Failure {
  return new Failure('protocol_invalid', `the host sent ${message.type} out of turn`);
}
