/**
 * The host's end of an agent container: it owns the transcript, asks the model, checks every reply, and has the work judged. The container
 * contributes results of tools and the wish to be judged, nothing else; whatever it prints that is not the protocol ends the stage.
 */
import { Failure } from '../domain/failure.ts';
import type { Message, Transcript } from '../domain/transcript.ts';
import type { RunningContainer } from '../ports/engine.ts';
import { fitText } from '../protocol/fit.ts';
import { encodeLine, readMessages } from '../protocol/framing.ts';
import { type AgentMessage, agentMessageSchema, type HostMessage } from '../protocol/messages.ts';
import { answer } from './converse/answer.ts';
import type { Conversation, Conversed } from './converse/conversation.ts';
import { failureOf } from './converse/ended.ts';

/**
 * Serve an agent until its work is accepted, or was handed over `maxHandOvers` times in vain (`accepted: false`). The container is told to
 * stop in every case; killing and removing it is the caller's.
 *
 * Throws model_malformed, budget_turns, protocol_invalid, protocol_line_too_long; agent_died, resource_oom, resource_time when the container
 * ended before; and what `ask` and `judge` throw.
 */
export async function converse<T>(container: RunningContainer, conversation: Conversation<T>): Promise<Conversed<T>> {
  const messages = readMessages(container.stdout, agentMessageSchema, conversation.lineBytes);
  try {
    const conversed = await serve(container, messages, conversation);
    await container.write(encodeLine({ type: 'stop' }));
    return conversed;
  } catch (error) {
    // Not awaited, and its own error not told: the container may no longer listen, and what went wrong before is what counts.
    container.write(encodeLine({ type: 'stop' })).catch(() => undefined);
    throw error;
  } finally {
    await messages.return(undefined);
  }
}

async function serve<T>(container: RunningContainer, messages: AsyncGenerator<AgentMessage>, c: Conversation<T>): Promise<Conversed<T>> {
  const next = async (): Promise<AgentMessage> => {
    const { done, value } = await messages.next();
    if (done) throw await failureOf(container);
    return value;
  };
  const tell = (message: HostMessage): Promise<void> => container.write(encodeLine(message));

  const hello = await next();
  if (hello.type !== 'hello') throw outOfTurn(hello, 'before its hello');
  await tell({ ...c.start, max_line_bytes: c.lineBytes });

  let so: SoFar<T> = { transcript: c.transcript, turns: 0, repairs: 0, handOvers: 0, last: null, findings: null };
  for (;;) {
    const message = await next();
    if (message.type === 'hello') throw outOfTurn(message, 'a second time');
    if (message.type === 'turn') {
      const answered = await answer(c, withAdd(c, so, message.add), so.turns);
      so = { ...so, ...answered, repairs: so.repairs + answered.repairs, last: { value: answered.value }, findings: null };
      await tell({ type: 'reply', turn: answered.json });
      continue;
    }
    if (so.last === null || so.findings !== null) throw outOfTurn(message, 'without a reply');
    const { transcript, turns, repairs } = so;
    const conversed = { last: so.last.value, transcript, turns, repairs };
    const judged = await c.judge(so.last.value);
    if (judged.accepted) return { ...conversed, accepted: true };
    so = { ...so, handOvers: so.handOvers + 1, findings: fitText(judged.words, c.lineBytes) };
    if (so.handOvers >= c.maxHandOvers) return { ...conversed, accepted: false, words: judged.words };
    await tell({ type: 'findings', text: so.findings ?? '' });
  }
}

interface SoFar<T> {
  readonly transcript: Transcript;
  readonly turns: number;
  readonly repairs: number;
  readonly handOvers: number;
  /** The last reply that held; boxed, as a reply may itself be anything. */
  readonly last: { readonly value: T } | null;
  /** What the judge said and the next turn has to bring back; null when nothing is open. */
  readonly findings: string | null;
}

/** The transcript as the next completion needs it. Only tool results come from the container: the first turn adds nothing, findings are the host's own. */
function withAdd<T>(c: Conversation<T>, so: SoFar<T>, add: string | null): Transcript {
  const last = so.turns + 1 === c.maxTurns && c.lastCall !== undefined ? `\n\n${c.lastCall}` : '';
  if (so.last === null) {
    if (add !== null) throw new Failure('protocol_invalid', 'the agent added to the conversation before its first reply');
    return so.transcript;
  }
  if (add === null) throw new Failure('protocol_invalid', 'the agent asked again without a word');
  if (so.findings !== null && add !== so.findings) throw new Failure('protocol_invalid', 'the agent changed the findings on the way');
  const message: Message = { role: 'user', content: add + last };
  return [...so.transcript, message];
}

function outOfTurn(message: AgentMessage, when: string): Failure {
  return new Failure('protocol_invalid', `the agent sent ${message.type} ${when}`);
}
