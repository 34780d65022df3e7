import type { z } from 'zod';
import type { Json } from '../../../orchestrator/domain/json.ts';
import type { Transcript } from '../../../orchestrator/domain/transcript.ts';
import { type BuildTurn, buildTurnSchema } from '../../../orchestrator/domain/turns.ts';
import type { Conversation, TurnEvent } from '../../../orchestrator/pipeline/converse/conversation.ts';
import type { Completion } from '../../../orchestrator/ports/provider.ts';

/** A completion with this text, JSON for anything but a string. */
export function completion(reply: unknown): Completion {
  const text = typeof reply === 'string' ? reply : JSON.stringify(reply);
  return { text, servedBy: 'test/one', tokensIn: 1, tokensOut: 1, estimated: false, costUsd: 0, ms: 1, replayed: null };
}

export const turn = (parts: Partial<Record<keyof BuildTurn, unknown>> = {}) => ({
  look: [],
  edits: [],
  done: true,
  dispute: null,
  ...parts,
});

/** A conversation in which the model says these things, one after the other, and every hand-over is accepted; with what was asked and told. */
export function conversationOf<T>(schema: z.ZodType<T>, replies: readonly unknown[], other: Partial<Conversation<T>> = {}) {
  const asked: { messages: Transcript; turn: number }[] = [];
  const events: TurnEvent[] = [];
  const c: Conversation<T> = {
    schema,
    jsonSchema: { type: 'object' } as Json,
    transcript: [
      { role: 'system', content: 'You build.' },
      { role: 'user', content: 'The Spec.' },
    ],
    ask: async (messages, number) => {
      asked.push({ messages, turn: number });
      if (asked.length > replies.length) throw new Error('asked more often than scripted');
      return completion(replies[asked.length - 1]);
    },
    maxTurns: 6,
    maxRepairs: 1,
    judge: async () => ({ accepted: true }),
    maxHandOvers: 2,
    lineBytes: 100_000,
    start: { type: 'start', roots: {}, max_read_bytes: 10_000, max_file_bytes: 10_000 },
    onTurn: (event) => void events.push(event),
    ...other,
  };
  return { c, asked, events };
}

export const conversation = (replies: readonly unknown[], other: Partial<Conversation<BuildTurn>> = {}) =>
  conversationOf(buildTurnSchema, replies, other);
