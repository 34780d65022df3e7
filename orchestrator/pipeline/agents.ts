import type { z } from 'zod';
import type { PromptTemplate } from '../domain/prompt.ts';
import { renderPrompt } from '../domain/prompt.ts';
import { turnJsonSchema } from '../domain/spec/json-schema.ts';
import type { ContainerKind, ModelStage } from '../domain/stage.ts';
import type { Message } from '../domain/transcript.ts';
import type { Asking } from './asking.ts';
import type { ContainerRequest, Containers } from './containers.ts';
import type { TurnEvent } from './converse/conversation.ts';
import { converse } from './converse.ts';

/** One attempt of an agent at its stage. */
export interface AgentTask<T> {
  readonly kind: ContainerKind;
  readonly stage: ModelStage;
  readonly attempt: number;
  readonly schema: z.ZodType<T>;
  /** Values for the prompt's placeholders; used when the conversation begins. */
  readonly opening: Readonly<Record<string, string>>;
  /** What is said instead when the stage's conversation goes on. */
  readonly words: string | null;
  readonly volumes: ContainerRequest['volumes'];
  readonly testsFolder: string | null;
  /** Mount points the agent may read, by name. */
  readonly roots: Readonly<Record<string, string>>;
  /** The one folder that may be written to, where that is not the whole tree. */
  readonly writeUnder?: string | null;
  /** Judge what was handed over; words go back to the agent. */
  readonly judge: (last: T) => Promise<{ accepted: true } | { accepted: false; words: string }>;
  /** How many times work may be handed over in this attempt. */
  readonly maxHandOvers: number;
}

export interface AgentResult<T> {
  readonly last: T;
  /** False when the hand-overs were used up; `words` then says what was still wrong. */
  readonly accepted: boolean;
  readonly words: string | null;
}

/** Runs agents; owns every stage's conversation, which a rework goes on with. */
export interface Agents {
  run<T>(task: AgentTask<T>): Promise<AgentResult<T>>;
}

/** The prompt of every kind of agent. */
export type AgentPrompts = Readonly<Record<'plan' | 'scout' | 'build' | 'test-writing' | 'review', PromptTemplate>>;

const LAST_CALL = 'This is your last turn: answer now with what you have.';
const MAX_READ_BYTES = 40_000;
const MAX_FILE_BYTES = 400_000;

export function openAgents(options: {
  readonly containers: Containers;
  readonly asking: Asking;
  readonly prompts: AgentPrompts;
  readonly lineBytes: number;
  readonly onTurn: (stage: ModelStage, attempt: number, event: TurnEvent) => void;
}): Agents {
  const { containers, asking } = options;
  const conversations = new Map<ContainerKind, readonly Message[]>();

  async function run<T>(task: AgentTask<T>): Promise<AgentResult<T>> {
    const jsonSchema = turnJsonSchema(task.schema);
    const container = await containers.start({
      kind: task.kind,
      stage: task.stage,
      attempt: task.attempt,
      command: ['node', '/agent/agent.mjs'],
      volumes: task.volumes,
      testsFolder: task.testsFolder,
      stdin: true,
    });
    const diagnostics = drain(container.stderr);
    try {
      const conversed = await converse<T>(container, {
        schema: task.schema,
        jsonSchema,
        transcript: opening(task),
        ask: (messages, turn) => asking.ask({ stage: task.stage, attempt: task.attempt, turn, messages, schema: jsonSchema }),
        giveOn: (failure, turn) => asking.giveOn(task.stage, task.attempt, turn, failure),
        maxTurns: asking.settings(task.stage).maxTurns,
        maxRepairs: 1,
        lastCall: LAST_CALL,
        onTurn: (event) => options.onTurn(task.stage, task.attempt, event),
        judge: task.judge,
        maxHandOvers: task.maxHandOvers,
        lineBytes: options.lineBytes,
        start: {
          type: 'start',
          roots: { ...task.roots },
          max_read_bytes: MAX_READ_BYTES,
          max_file_bytes: MAX_FILE_BYTES,
          ...(task.writeUnder == null ? {} : { write_under: task.writeUnder }),
        },
      });
      conversations.set(task.kind, conversed.transcript);
      return { last: conversed.last, accepted: conversed.accepted, words: conversed.words ?? null };
    } finally {
      await container.remove();
      await diagnostics;
    }
  }

  function opening<T>(task: AgentTask<T>): Message[] {
    const before = conversations.get(task.kind);
    if (before !== undefined && task.words !== null) return [...before, { role: 'user', content: task.words }];
    const template = options.prompts[task.kind as keyof AgentPrompts];
    const { system, user } = renderPrompt(template, task.opening);
    const first: Message[] = [
      { role: 'system', content: system },
      { role: 'user', content: user },
    ];
    return task.words === null ? first : [first[0] as Message, { role: 'user', content: `${user}\n\n${task.words}` }];
  }

  return { run };
}

/** An unread stream would stall the container; its bytes are in the log already. */
async function drain(stream: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of stream);
}
