import type { z } from 'zod';
import type { Failure } from '../../domain/failure.ts';
import type { Json } from '../../domain/json.ts';
import type { Transcript } from '../../domain/transcript.ts';
import type { Completion } from '../../ports/provider.ts';
import type { StartMessage } from '../../protocol/messages.ts';

/** One conversation with one agent. `T` is what the stage's turn schema yields. */
export interface Conversation<T> {
  readonly schema: z.ZodType<T>;
  /** The same schema for providers that constrain decoding; handed to `ask`. */
  readonly jsonSchema: Json;
  /** System and first user message, or an earlier conversation with the rework's message last. The last message is a user's. */
  readonly transcript: Transcript;
  /** The next completion; `turn` counts from 1 in this conversation, repairs included. Whatever it throws ends the conversation. */
  ask(messages: Transcript, turn: number, jsonSchema: Json): Promise<Completion>;
  /**
   * Give the conversation to another model, as the one that answers cannot (`failure`, found at `turn`). null: `ask` asks another from now on, and
   * it goes on from what was said before the replies that could not be used. Else nobody is left, and this ends the conversation.
   */
  giveOn?(failure: Failure, turn: number): Failure | null;
  /** Most completions, repairs included. */
  readonly maxTurns: number;
  /** Most repairs in a row of one malformed reply, by one model. */
  readonly maxRepairs: number;
  /** Whether the work handed over, with the reply that ended it, is good; `words` tell the model what is not. Whatever it throws ends the conversation. */
  judge(last: T): Promise<{ readonly accepted: true } | { readonly accepted: false; readonly words: string }>;
  /** How often work may be handed over; at least 1. */
  readonly maxHandOvers: number;
  /** Longest line that the container may print. */
  readonly lineBytes: number;
  readonly start: StartMessage;
  /** Put at the end of the user message before the last permitted completion, so that the model answers instead of looking on. */
  readonly lastCall?: string;
  onTurn?(event: TurnEvent): void;
}

/** One completion, told as soon as it was checked. */
export interface TurnEvent {
  readonly turn: number;
  readonly completion: Completion;
  /** What was wrong with the reply, in the words that the model gets; null when it held. */
  readonly problem: string | null;
  /** Whether this completion was asked for to repair the one before. */
  readonly repair: boolean;
}

export interface Conversed<T> {
  /** The reply whose work was handed over last. */
  readonly last: T;
  /** The whole conversation, without the words of a judgement that ended it. */
  readonly transcript: Transcript;
  readonly turns: number;
  readonly repairs: number;
  readonly accepted: boolean;
  /** What the judge said last; only when not accepted. */
  readonly words?: string;
}
