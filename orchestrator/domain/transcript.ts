/** One message of a conversation, as every provider understands it. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** The append-only record of a stage's conversation, owned by the host; a rework goes on with it. */
export type Transcript = readonly Message[];
