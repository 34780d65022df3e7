import { Failure } from '../../domain/failure.ts';
import type { Json } from '../../domain/json.ts';
import type { Transcript } from '../../domain/transcript.ts';
import type { Conversation } from './conversation.ts';
import { readReply } from './reply.ts';

/** A reply that holds, and the conversation up to and with it. */
export interface Answered<T> {
  readonly value: T;
  /** The same as it goes to the agent. */
  readonly json: Json;
  readonly transcript: Transcript;
  /** Completions so far in the whole conversation. */
  readonly turns: number;
  /** Repairs that this answer needed. */
  readonly repairs: number;
}

/**
 * Ask until a reply holds, with at most `maxRepairs` repairs a model, and then the next model from what was asked. Throws model_malformed with the
 * last reply's exact fault when nobody is left, budget_turns, and what `ask` throws.
 */
export async function answer<T>(c: Conversation<T>, asked: Transcript, turnsBefore: number): Promise<Answered<T>> {
  let transcript = asked;
  let problem: string | null = null;
  let allRepairs = 0;
  for (let turn = turnsBefore + 1, repairs = 0; ; turn += 1) {
    if (turn > c.maxTurns) throw new Failure('budget_turns', outOfTurns(c.maxTurns, problem));
    const completion = await c.ask(transcript, turn, c.jsonSchema);
    const reply = readReply(completion.text, c.schema);
    problem = reply.ok ? null : reply.problem;
    c.onTurn?.({ turn, completion, problem, repair: repairs > 0 });
    if (reply.ok) {
      const said = { role: 'assistant', content: completion.text } as const;
      return { value: reply.value, json: reply.json, transcript: [...transcript, said], turns: turn, repairs: allRepairs };
    }
    if (repairs >= c.maxRepairs) {
      const failure = new Failure('model_malformed', reply.problem);
      const end = c.giveOn === undefined ? failure : c.giveOn(failure, turn);
      if (end !== null) throw end;
      // Words that a model could not use would only mislead the next.
      transcript = asked;
      repairs = 0;
      continue;
    }
    repairs += 1;
    allRepairs += 1;
    transcript = [
      ...transcript,
      { role: 'assistant', content: excerpt(completion.text) },
      { role: 'user', content: repairWords(reply.problem) },
    ];
  }
}

/** Most characters of a malformed reply that are sent back with its fault. */
const MAX_EXCERPT = 12_000;

function excerpt(text: string): string {
  if (text.trim() === '') return '(an empty reply)';
  return text.length <= MAX_EXCERPT ? text : `${text.slice(0, MAX_EXCERPT)}\n… (cut here)`;
}

function repairWords(problem: string): string {
  return `That reply cannot be used:\n${problem}\n\nAnswer again with the whole reply, corrected: one JSON object that fits the schema, and nothing around it.`;
}

function outOfTurns(maxTurns: number, problem: string | null): string {
  return `all ${maxTurns} turns are used${problem === null ? '' : `; the last reply could not be used: ${problem}`}`;
}
